// What a ladder has to show: the facts of one connection in the order of their own times, and which segment each call
// and state goes with. ladder-layout.js makes rows and lines of them. It grows by one event at a time and never looks
// back, except where `stale` says that an earlier event turned out to belong (see conn_accepted).

/** @import {CallReturned, CallStarted, CallsSummarised, Host, Pair, PlaygroundEvent, Segment, SegmentRecord, SegmentsSummarised, Socket, Source, StateChanged, TcpState} from '../types.js' */
/** @import {SegmentIndex} from '../segments.js' */
/** @import {KeepAlives} from './ladder-fold.js' */

import { hostOf, portOf } from '../format.js';
import { Direction } from './ladder-direction.js';
import { foldKeepAlives } from './ladder-fold.js';

/** The side of the ladder is the host that the end lives on. @typedef {Host} Side */

/**
 * A call with its start and its return, as far as they are known.
 * @typedef {object} CallInfo
 * @property {number} call
 * @property {Side} side
 * @property {string} op
 * @property {number} started            session clock, ns
 * @property {number | null} ended
 * @property {CallStarted | null} begin
 * @property {CallReturned | null} end
 * @property {boolean} waits             it waits for the other end (Read, Accept); else it acts
 * @property {number | null} offset      where in its direction's bytes it begins, for Read and Write
 */

/**
 * Something that happened at a time of its own.
 * @typedef {{at: number, seq: number, side: Side | null} & (
 *   {kind: 'segment' | 'land', record: SegmentRecord} | {kind: 'call' | 'return', info: CallInfo} |
 *   {kind: 'state', event: StateChanged} | {kind: 'note', event: PlaygroundEvent} | {kind: 'summary', event: SegmentsSummarised}
 * )} Fact
 */

/** @typedef {{state: TcpState, source: Source, event: StateChanged | null}} Known */

/** Reading a segment takes a while, during which the call that caused it may have returned already. */
const LATE_NS = 20e6;
/** A call that took less did not wait for anything: it stands in one place. */
const AT_ONCE_NS = 5e6;
/** A call that returns later than this after a segment landed was not woken by it. */
const WOKEN_NS = 1e9;
/** A fact takes its place by its own time, but not among things longer ago than this. */
const SETTLED_NS = 2e9;

/** Facts kept; the page's own store keeps about as much. */
const FACTS_KEPT = 20_000;
const FACTS_DROPPED = 5_000;

export class LadderModel {
  /** @type {Fact[]} by their own times */
  facts = [];
  /** How many of the facts shown were dropped at the beginning, so that a place in them can be named for good. */
  dropped = 0;
  /** How many facts there ever were. */
  taken = 0;
  /** An event that was passed over belongs here after all: build the model again. */
  stale = false;
  /** @type {Map<number, CallInfo>} */ calls = new Map();
  /** What the ends were before their first event here. @type {{client: Known | null, server: Known | null}} */
  before = { client: null, server: null };

  #pair;
  #sockets;
  #segments;
  #belonging;
  #directions = { client: new Direction(), server: new Direction() };
  /** @type {Set<number>} segments that are on this ladder */ #mine = new Set();
  /** Bytes that each end has written and read so far. */
  #bytes;
  /** @type {number | null} */ #firstSegment = null;
  /** @type {number | null} */ #dialled = null;
  #connected = false;
  #moved = { client: false, server: false };
  /** Keep-alives so far; without two there is nothing to fold. */ #probes = 0;
  /** Runs of keep-alives that are open, by their first segment. @type {Set<number>} */ #open = new Set();
  /** @type {(Fact | KeepAlives)[] | null} */ #shown = null;

  /**
   * @param {object} options
   * @param {Pair} options.pair
   * @param {Map<string, Socket>} options.sockets     the store's, always up to date
   * @param {SegmentIndex} options.segments           likewise
   * @param {string | null} [options.listener]        the listener that the right end came from
   * @param {number[]} [options.calls]                calls of the listener that belong here: its Listen, the Accept that gave the connection
   * @param {{client: Known | null, server: Known | null}} [options.before]
   * @param {{client: {Write: number, Read: number}, server: {Write: number, Read: number}}} [options.bytes]
   */
  constructor({ pair, sockets, segments, listener = null, calls = [], before, bytes }) {
    this.#pair = pair;
    this.#sockets = sockets;
    this.#segments = segments;
    this.listener = listener;
    this.#belonging = new Set(calls);
    this.#bytes = bytes ?? { client: { Write: 0, Read: 0 }, server: { Write: 0, Read: 0 } };
    // A socket that does not exist yet is in no state. RFC 9293 §3.3.2 calls that CLOSED, and it is a fiction.
    this.before.client = before?.client ?? (pair.left === null ? null : { state: 'CLOSED', source: 'inferred', event: null });
    this.before.server = before?.server ?? null;
    for (const record of segments.flying()) if (record.seq === 0) this.#segment(record);
  }

  /** Session clock that times are told from: the first segment, or where none is seen, the start of Dial. */
  get origin() {
    return this.#firstSegment ?? this.#dialled;
  }

  /** The facts as they are drawn: runs of keep-alives stand as one. */
  get shown() {
    this.#shown ??= this.#probes < 2 ? this.facts : foldKeepAlives(this.facts, this.#open);
    return this.#shown;
  }

  /** Opens a run of keep-alives, or folds it again. @param {number} first its first segment */
  toggle(first) {
    if (!this.#open.delete(first)) this.#open.add(first);
    this.#shown = null;
  }

  /** Where a fact of this event, or of this segment, stands in `shown`; −1: nowhere. @param {{seq?: number, segment?: number | null}} what */
  find({ seq, segment }) {
    /** @param {Fact | KeepAlives} fact @returns {boolean} */
    const is = (fact) => {
      if (fact.kind === 'keepalives') return !fact.open && fact.members.some(is);
      if ('record' in fact) return segment !== undefined && segment !== null ? fact.record.number === segment && fact.kind === 'segment' : fact.record.seq === seq || fact.record.landedSeq === seq;
      if ('info' in fact) return fact.info.begin?.seq === seq || fact.info.end?.seq === seq;
      return fact.event.seq === seq;
    };
    return this.shown.findLastIndex(is);
  }

  /** Whether a segment is on this ladder. @param {number} number */
  has(number) {
    return this.#mine.has(number);
  }

  /**
   * Takes the next event of the session.
   * @param {PlaygroundEvent} event
   * @returns {boolean} whether anything changed
   */
  add(event) {
    switch (event.type) {
      case 'segment_sent': {
        const record = this.#segments.get(event.segment);
        return record !== undefined && this.#segment(record);
      }
      case 'segment_landed': {
        const record = this.#segments.get(event.segment);
        if (!record || !this.#mine.has(event.segment)) return false;
        this.#place({ kind: 'land', at: event.landed_ns, seq: event.seq, side: otherSide(this.#leaves(record)), record });
        return true;
      }
      case 'wire_intervened': {
        if (!this.#mine.has(event.segment)) return false;
        this.#shown = null;
        const copy = event.copy === undefined ? undefined : this.#segments.get(event.copy);
        if (copy) this.#segment(copy);
        return true;
      }
      case 'segments_summarised':
        if (!this.#isOurs(event.socket, event.peer)) return false;
        this.#place({ kind: 'summary', at: event.first_ns, seq: event.seq, side: null, event });
        return true;
      default:
    }
    const side = this.#sideOf(event);
    if (!side) return false;
    switch (event.type) {
      case 'call_started':
        this.#start(side, event);
        return true;
      case 'call_returned':
        this.#return(side, event);
        return true;
      case 'state_changed':
        if (side === 'server' && event.to !== 'LISTEN') this.#connected = true;
        // What was assumed before the first event is corrected by it.
        if (!this.#moved[side]) this.#correct(side, event);
        this.#moved[side] = true;
        this.#place({ kind: 'state', at: event.at_ns, seq: event.seq, side, event });
        return true;
      case 'conn_accepted':
        // The Accept that gave this connection began before anybody knew what it would return.
        if (event.call && !this.#belonging.has(event.call)) this.stale = true;
        return false;
      case 'calls_summarised':
        this.#count(side, event);
        this.#place({ kind: 'note', at: event.at_ns, seq: event.seq, side, event });
        return true;
      case 'behavior_changed':
      case 'deadline_set':
      case 'transfer_started':
      case 'transfer_finished':
      case 'notice':
      case 'events_lost':
        this.#place({ kind: 'note', at: event.at_ns, seq: event.seq, side: event.type === 'notice' || event.type === 'events_lost' ? null : side, event });
        return true;
      default:
        return false;
    }
  }

  // Which segment a call goes with.

  /**
   * The segment that a call made the kernel send; null: none, or later than the call.
   * @param {CallInfo} info
   * @returns {SegmentRecord | null}
   */
  causedBy(info) {
    const way = this.#directions[info.side];
    const from = info.started - LATE_NS;
    const until = (info.ended ?? Infinity) + LATE_NS;
    const during = (/** @type {SegmentRecord | null | undefined} */ record) => (record && record.left_ns >= from && record.left_ns <= until ? record : null);
    switch (info.op) {
      case 'Dial': return during(way.opening[0]);
      case 'Write': return info.offset === null ? null : during(way.carrier(info.offset));
      case 'Close':
      case 'CloseWrite': return way.ending.find(during) ?? null;
      default: return null;
    }
  }

  /**
   * The segment whose landing a call waited for; null: it did not wait, or nobody saw for what.
   * @param {CallInfo} info
   * @returns {SegmentRecord | null}
   */
  endedBy(info) {
    if (info.ended === null || !info.end) return null;
    const way = this.#directions[otherSide(info.side)];
    const { started, ended } = info;
    const woke = (/** @type {SegmentRecord | null} */ record) => (
      record?.landed_ns != null && record.landed_ns >= started && record.landed_ns <= ended + LATE_NS && ended - record.landed_ns < WOKEN_NS ? record : null
    );
    switch (info.op) {
      case 'Dial': return way.opening.find(woke) ?? null;
      case 'Accept': return woke(way.first);
      case 'Read':
        if (info.end.error) return way.ending.find(woke) ?? null;
        return info.offset === null ? null : woke(way.bringer(info.offset));
      default: return null;
    }
  }

  /** Whether a call that acts shows what it returned in a place of its own. @param {CallInfo} info */
  answersLater(info) {
    return !info.waits && info.ended !== null && (info.op === 'Dial' || info.ended - info.started >= AT_ONCE_NS);
  }

  /** The state of an end before the fact at an index of `shown`. @param {Side} side @param {number} index @returns {Known | null} */
  stateBefore(side, index, facts = this.shown) {
    for (let i = index - 1; i >= 0; i--) {
      const fact = facts[i];
      if (fact.kind === 'state' && fact.side === side) return { state: fact.event.to, source: fact.event.source ?? 'inferred', event: fact.event };
    }
    return this.before[side];
  }

  /** The side that a segment left. @param {SegmentRecord} record @returns {Side} */
  leavesFrom(record) {
    return this.#leaves(record);
  }

  // Taking facts in.

  /** @param {SegmentRecord} record @returns {boolean} whether it belongs here */
  #segment(record) {
    const side = this.#sideOfSegment(record.sent);
    if (!side) return false;
    this.#mine.add(record.number);
    this.#directions[side].add(record);
    if (record.sent.marks?.includes('keepalive')) this.#probes++;
    if (record.copyOf === null) this.#firstSegment = Math.min(this.#firstSegment ?? Infinity, record.left_ns);
    this.#place({ kind: 'segment', at: record.left_ns, seq: record.seq, side, record });
    return true;
  }

  /** @param {SegmentRecord} record @returns {Side} */
  #leaves(record) {
    return this.#sideOfSegment(record.sent) ?? 'client';
  }

  /** @param {Segment} segment @returns {Side | null} the side that it left */
  #sideOfSegment({ socket, peer, src, dst }) {
    const { left, right } = this.#pair;
    if (socket !== undefined && socket === left) return 'client';
    if (socket !== undefined && socket === right) return 'server';
    if (peer !== undefined && peer === left) return 'server';
    if (peer !== undefined && peer === right) return 'client';
    // An end that we do not see, or that had no name yet: its addresses tell.
    const ours = (left === null ? undefined : this.#sockets.get(left)) ?? null;
    const theirs = (right === null ? undefined : this.#sockets.get(right)) ?? null;
    const client = ours?.local ?? theirs?.remote;
    const server = theirs?.kind === 'listener' ? undefined : theirs?.local ?? ours?.remote;
    if (client === undefined || server === undefined) return null;
    if (src === client && dst === server) return 'client';
    return src === server && dst === client ? 'server' : null;
  }

  /** @param {string | undefined} socket @param {string | undefined} peer */
  #isOurs(socket, peer) {
    const ends = [this.#pair.left, this.#pair.right];
    return (socket !== undefined && ends.includes(socket)) || (peer !== undefined && ends.includes(peer));
  }

  /**
   * @param {PlaygroundEvent} event
   * @returns {Side | null}
   */
  #sideOf(event) {
    if (event.socket !== undefined) {
      if (event.socket === this.#pair.left) return 'client';
      if (event.socket === this.#pair.right) return 'server';
    }
    const isCall = event.type === 'call_started' || event.type === 'call_returned';
    if (isCall && this.#belonging.has(event.call)) return 'server';
    // Of the listener, what happened before this connection had a state of its own.
    if (this.listener === null || event.socket !== this.listener || this.#connected) return null;
    if (event.type === 'state_changed') return event.to === 'LISTEN' ? 'server' : null;
    return event.type === 'behavior_changed' ? 'server' : null;
  }

  /** @param {Side} side @param {StateChanged} event */
  #correct(side, event) {
    const known = this.before[side];
    if (known && known.state !== 'LISTEN') this.before[side] = { ...known, state: event.from };
  }

  /** @param {Side} side @param {CallStarted} event */
  #start(side, event) {
    if (side === 'client' && event.op === 'Dial') this.#dialled ??= event.at_ns;
    const info = this.#info(side, event, event.at_ns);
    info.begin = event;
    this.#place({ kind: 'call', at: event.at_ns, seq: event.seq, side, info });
  }

  /** @param {Side} side @param {CallReturned} event */
  #return(side, event) {
    const started = event.started_ns ?? event.at_ns;
    if (side === 'client' && event.op === 'Dial') this.#dialled ??= started;
    let info = this.calls.get(event.call);
    if (!info) {
      info = this.#info(side, event, started);
      if (!info.waits) this.#place({ kind: 'call', at: started, seq: event.seq, side, info });
    }
    info.end = event;
    info.ended = event.returned_ns ?? event.at_ns;
    this.#count(side, event);
    this.#place({ kind: 'return', at: info.ended, seq: event.seq, side, info });
  }

  /** @param {Side} side @param {CallStarted | CallReturned} event @param {number} started @returns {CallInfo} */
  #info(side, { call, op }, started) {
    const offset = op === 'Read' || op === 'Write' ? this.#bytes[side][op] : null;
    const info = { call, side, op, started, ended: null, begin: null, end: null, waits: op === 'Read' || op === 'Accept', offset };
    this.calls.set(call, info);
    return info;
  }

  /** @param {Side} side @param {CallReturned | CallsSummarised} event */
  #count(side, event) {
    if (event.op !== 'Read' && event.op !== 'Write') return;
    this.#bytes[side][event.op] += (event.type === 'call_returned' ? event.n : event.bytes) ?? 0;
  }

  /** Puts a fact where its time says; it may have become known later than what followed it. @param {Fact} fact */
  #place(fact) {
    const { facts } = this;
    const newest = facts.at(-1)?.at ?? 0;
    let at = facts.length;
    if (newest - fact.at < SETTLED_NS) while (at > 0 && isBefore(fact, facts[at - 1])) at--;
    facts.splice(at, 0, fact);
    this.taken++;
    this.#shown = null;
    if (facts.length > FACTS_KEPT) this.#drop();
  }

  #drop() {
    const had = this.shown.length;
    for (const side of /** @type {Side[]} */ (['client', 'server'])) this.before[side] = this.stateBefore(side, FACTS_DROPPED, this.facts);
    for (const fact of this.facts.splice(0, FACTS_DROPPED)) {
      if (fact.kind === 'return') this.calls.delete(fact.info.call);
      // A segment may still land; its number stays until it does.
      else if (fact.kind === 'segment' && fact.record.landed_ns !== null) this.#mine.delete(fact.record.number);
    }
    this.#shown = null;
    this.dropped += had - this.shown.length;
    for (const way of Object.values(this.#directions)) if (way.data.length > FACTS_KEPT) way.data.splice(0, FACTS_DROPPED);
  }
}

/** @param {Fact} a @param {Fact} b */
function isBefore(a, b) {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}

/** @param {Side} side @returns {Side} */
export function otherSide(side) {
  return side === 'client' ? 'server' : 'client';
}

/** The listener of a connection that the session no longer has. @param {string | null} socket @param {PlaygroundEvent[]} events */
function openedBy(socket, events) {
  for (const event of events) if (event.type === 'socket_opened' && event.socket === socket) return event.listener ?? null;
  return null;
}

/** Our listener that a dial is for, while it has not made a connection of it. @param {Socket} dialled @param {Map<string, Socket>} sockets */
function listenerFor({ network, remote, state, reason }, sockets) {
  if (state !== 'SYN_SENT' && (state !== 'CLOSED' || reason !== undefined)) return null;
  for (const socket of sockets.values()) {
    if (socket.kind !== 'listener' || socket.state !== 'LISTEN' || socket.network !== network || portOf(socket.local) !== portOf(remote)) continue;
    if (['::', '0.0.0.0', hostOf(remote)].includes(hostOf(socket.local))) return socket.socket;
  }
  return null;
}

/**
 * The ladder of a connection, from everything known so far.
 * @param {Pair} pair
 * @param {Map<string, Socket>} sockets
 * @param {PlaygroundEvent[]} events
 * @param {SegmentIndex} segments
 */
export function buildLadder(pair, sockets, events, segments) {
  const { left, right } = pair;
  const rightSocket = right === null ? undefined : sockets.get(right);
  const leftSocket = left === null ? undefined : sockets.get(left);
  const listener = rightSocket?.listener ?? openedBy(right, events) ?? (right === null && leftSocket ? listenerFor(leftSocket, sockets) : null);
  /** @type {number[]} */
  const calls = [];
  let listens = false;
  let leftMoved = false;
  let rightMoved = false;
  const bytes = { client: bytesOf(leftSocket), server: bytesOf(rightSocket) };
  for (const event of events) {
    if (event.type === 'conn_accepted' && event.socket === right && event.call) calls.push(event.call);
    else if (event.type === 'socket_opened' && event.call && (event.socket === listener || event.socket === right)) calls.push(event.call);
    else if (event.type === 'state_changed') {
      listens ||= event.socket === listener && event.to === 'LISTEN';
      leftMoved ||= event.socket === left;
      rightMoved ||= event.socket === right;
    } else if (event.type === 'call_returned' || event.type === 'calls_summarised') {
      // What the sockets have read and written, less what the events tell, is where the events begin.
      const side = event.socket === undefined ? null : event.socket === left ? bytes.client : event.socket === right ? bytes.server : null;
      if (side && (event.op === 'Read' || event.op === 'Write')) side[event.op] -= (event.type === 'call_returned' ? event.n : event.bytes) ?? 0;
    }
  }
  /** An end whose changes are older than the events kept: what the snapshot says. @param {Socket | undefined} socket @param {boolean} moved @returns {Known | null} */
  const before = (socket, moved) => (socket && !moved && socket.state !== 'CLOSED' ? { state: socket.state, source: socket.state_source ?? 'inferred', event: null } : null);
  const model = new LadderModel({
    pair, sockets, segments, listener, calls, bytes,
    before: {
      client: before(leftSocket, leftMoved),
      server: before(rightSocket, rightMoved) ?? (listener && !listens ? before(sockets.get(listener), false) : null),
    },
  });
  for (const event of events) model.add(event);
  return model;
}

/** @param {Socket | undefined} socket */
function bytesOf(socket) {
  return { Write: socket?.wrote ?? 0, Read: socket?.read ?? 0 };
}
