// Runs of keep-alives as one row: an idle connection says the same every 15 seconds, and would bury its handshake. Pure.

/** @import {SegmentRecord} from '../types.js' */
/** @import {Fact, Side} from './ladder-model.js' */

import { isInstant } from '../segments.js';

/**
 * Probes, each with its answer, and nothing else between them. `first`: the number of the first segment, by which it is
 * opened; `until`: when the last of it landed; `asked`: how many probes each end sent.
 * @typedef {{kind: 'keepalives', at: number, seq: number, side: null, until: number, first: number, asked: Record<Side, number>, members: SegmentFact[], open: boolean}} KeepAlives
 */
/** @typedef {Extract<Fact, {record: SegmentRecord}>} SegmentFact */

/**
 * How far apart the probes of one end are at least, for them to fold: a little under the 15 s that Go sets unasked. Who
 * has set a shorter time by hand wants to see them, as the demo of the peer that vanishes does. The pace tells so of any
 * socket, ours or not; the option is known of ours alone.
 */
const UNASKED_NS = 14e9;

/**
 * The same facts, with a fact of its own for each run of two keep-alives or more that were all answered. A probe without
 * an answer, and one that anything else happened to, stays as it is: it may be the one that ends the connection.
 * @param {Fact[]} facts
 * @param {Set<number>} opened the runs whose facts stand below their row
 * @returns {(Fact | KeepAlives)[]}
 */
export function foldKeepAlives(facts, opened) {
  /** @type {(Fact | KeepAlives)[]} */
  const out = [];
  let run = new Run();
  for (const fact of facts) {
    if (run.take(fact)) continue;
    if (run.facts.length > 0) {
      run.end(out, opened);
      run = new Run();
      if (run.take(fact)) continue;
    }
    out.push(fact);
  }
  run.end(out, opened);
  return out;
}

class Run {
  /** @type {SegmentFact[]} */ facts = [];
  /** How many of them are probes that were answered, and their answers. */ #whole = 0;
  /** How many probes of each end these are. */ #asked = { client: 0, server: 0 };
  #answered = { client: 0, server: 0 };
  /** The probe of each end that waits for its answer. @type {Record<Side, number | null>} */ #asking = { client: null, server: null };
  #last = { client: -Infinity, server: -Infinity };
  /** @type {Set<number>} */ #flying = new Set();

  /** @param {Fact} fact @returns {boolean} whether the run goes on with it */
  take(fact) {
    if ((fact.kind !== 'segment' && fact.kind !== 'land') || fact.side === null) return false;
    const { record, side } = fact;
    const what = markOf(record);
    if (what === null) return false;
    if (fact.kind === 'land') {
      if (!this.#flying.delete(record.number)) return false;
    } else {
      if (what === 'keepalive' ? !this.#ask(record, side, fact.at) : !this.#answer(side)) return false;
      if (!isInstant(record)) this.#flying.add(record.number);
    }
    this.facts.push(fact);
    if (this.#flying.size === 0 && this.#asking.client === null && this.#asking.server === null) {
      this.#whole = this.facts.length;
      this.#asked = { ...this.#answered };
    }
    return true;
  }

  /** @param {SegmentRecord} record @param {Side} side @param {number} at */
  #ask({ number }, side, at) {
    if (this.#asking[side] !== null || at - this.#last[side] < UNASKED_NS) return false;
    this.#asking[side] = number;
    this.#last[side] = at;
    return true;
  }

  /** @param {Side} side */
  #answer(side) {
    const asker = side === 'client' ? 'server' : 'client';
    const probe = this.#asking[asker];
    if (probe === null || this.#flying.has(probe)) return false;
    this.#asking[asker] = null;
    this.#answered[asker]++;
    return true;
  }

  /** @param {(Fact | KeepAlives)[]} out @param {Set<number>} opened */
  end(out, opened) {
    const members = this.facts.slice(0, this.#whole);
    const { client, server } = this.#asked;
    if (client + server < 2) {
      out.push(...this.facts);
      return;
    }
    const [{ at, seq, record }] = members;
    const open = opened.has(record.number);
    out.push({ kind: 'keepalives', at, seq, side: null, until: members[members.length - 1].at, first: record.number, asked: this.#asked, members, open });
    out.push(...(open ? this.facts : this.facts.slice(this.#whole)));
  }
}

/** What a segment is to a run; null: something else, or something happened to it. @param {SegmentRecord} record */
function markOf({ sent, dropped, held, interventions, copyOf, copies, states }) {
  const { marks } = sent;
  if (marks?.length !== 1 || (marks[0] !== 'keepalive' && marks[0] !== 'keepalive_ack')) return null;
  if (dropped || held || copyOf !== null || copies.length > 0 || interventions.length > 0 || states.length > 0) return null;
  return sent.checksum === 'wrong' || sent.ecn === 'CE' || sent.options_broken !== undefined ? null : marks[0];
}
