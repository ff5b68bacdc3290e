// What is known of each segment, gathered from the events about it: the ladder, the segment list and the inspector
// read it here. It grows by one event at a time and keeps what the store keeps.

/** @import {FlyingSegment, PlaygroundEvent, SegmentRecord, SegmentSent, SegmentsSummarised, WireIntervened} from './types.js' */

/**
 * One line of a list of segments: a segment, or a row that stands for many.
 * @typedef {{segment: SegmentRecord, summary: null, seq: number} | {segment: null, summary: SegmentsSummarised, seq: number}} SegmentEntry
 */

export class SegmentIndex {
  /** Segments and summaries in the order in which they became known; copies stand where they were made. @type {SegmentEntry[]} */
  entries = [];
  /** @type {Map<number, SegmentRecord>} */
  #records = new Map();
  /** The numbers of those on the wire. @type {Set<number>} */
  #flying = new Set();

  /** @param {number} number @returns {SegmentRecord | undefined} */
  get(number) {
    return this.#records.get(number);
  }

  get size() {
    return this.#records.size;
  }

  /** Those on the wire now, in the order in which they left. */
  flying() {
    return [...this.#flying].flatMap((number) => this.#records.get(number) ?? []);
  }

  /** Begins again with what a snapshot says is on the wire. @param {Iterable<FlyingSegment>} [flying] */
  reset(flying = []) {
    this.entries = [];
    this.#records.clear();
    this.#flying.clear();
    for (const { held, ...sent } of flying) {
      const record = this.#put(sent.segment, sent, 0, sent.left_ns);
      record.held = held ?? null;
      // A retransmission names what it repeats in the same field as a copy names its original.
      if (sent.of !== undefined && !isRepeat(sent)) this.#copied(record, sent.of);
    }
  }

  /** @param {PlaygroundEvent} event */
  add(event) {
    switch (event.type) {
      case 'segment_sent':
        this.#sent(event);
        return;
      case 'segment_landed': {
        const record = this.#touch(event.segment, event.seq);
        if (!record) return;
        record.landed_ns = event.landed_ns;
        record.landedSeq = event.seq;
        this.#off(record);
        return;
      }
      case 'wire_intervened':
        this.#intervened(event);
        return;
      case 'state_changed':
        if (event.segment !== undefined) this.#touch(event.segment, event.seq)?.states.push(event);
        return;
      case 'segments_summarised':
        this.entries.push({ segment: null, summary: event, seq: event.seq });
        return;
      case 'lab_closed':
        // The wire is gone, and what was on it.
        for (const record of this.flying()) {
          record.ended = true;
          this.#off(record);
        }
        return;
      default:
    }
  }

  /** The events before `firstSeq` are kept no longer: what only they told goes too. @param {number} firstSeq */
  trim(firstSeq) {
    /** @param {SegmentEntry} entry */
    const kept = ({ segment, summary }) => (segment ? segment.lastSeq >= firstSeq || isFlying(segment) : summary.seq >= firstSeq);
    this.entries = this.entries.filter((entry) => {
      if (kept(entry)) return true;
      if (entry.segment) this.#records.delete(entry.segment.number);
      return false;
    });
  }

  /** @param {SegmentSent} event */
  #sent(event) {
    const record = this.#put(event.segment, event, event.seq, event.left_ns);
    if (event.network === 'lab') return;
    record.landed_ns = event.left_ns;
    this.#off(record);
  }

  /** @param {WireIntervened} event */
  #intervened(event) {
    const record = this.#touch(event.segment, event.seq);
    if (!record) return;
    record.interventions.push(event);
    switch (event.action) {
      case 'held':
        record.held = { by: event.by, rule: event.rule, at_ns: event.at_ns };
        return;
      case 'released':
        record.held = null;
        return;
      case 'dropped':
        record.dropped = event;
        this.#off(record);
        return;
      case 'duplicated':
        if (event.copy) this.#copied(this.#put(event.copy, record.sent, event.seq, event.at_ns), record.number);
        return;
      default:
    }
  }

  /** @param {SegmentRecord} copy @param {number} original */
  #copied(copy, original) {
    copy.copyOf = original;
    this.#records.get(original)?.copies.push(copy.number);
  }

  /**
   * @param {number} number
   * @param {SegmentRecord['sent']} sent
   * @param {number} seq
   * @param {number} left_ns
   */
  #put(number, sent, seq, left_ns) {
    /** @type {SegmentRecord} */
    const record = {
      number, sent, seq, left_ns, landed_ns: null, landedSeq: 0, ended: false, held: null, dropped: null, interventions: [],
      copyOf: null, copies: [], states: [], lastSeq: seq,
    };
    this.#records.set(number, record);
    this.#flying.add(number);
    this.entries.push({ segment: record, summary: null, seq });
    return record;
  }

  /** It is on the wire no longer. @param {SegmentRecord} record */
  #off(record) {
    record.held = null;
    this.#flying.delete(record.number);
  }

  /** @param {number} number @param {number} seq */
  #touch(number, seq) {
    const record = this.#records.get(number);
    if (record) record.lastSeq = seq;
    return record;
  }
}

/** Whether the segment is on the wire. @param {SegmentRecord} record */
export function isFlying(record) {
  return record.landed_ns === null && record.dropped === null && !record.ended;
}

/** On this machine a segment lands as it leaves. @param {SegmentRecord} record */
export function isInstant(record) {
  return record.landed_ns !== null && record.landedSeq === 0;
}

/** Whether the sender's kernel sent this before. @param {{marks?: string[]}} segment */
export function isRepeat({ marks }) {
  return marks !== undefined && (marks.includes('retransmission') || marks.includes('spurious_retransmission'));
}

/**
 * When a state really changed: as its segment left or landed; what at_ns says is when it became known.
 * @param {import('./types.js').StateChanged} event
 * @param {SegmentIndex} [segments]
 */
export function stateTime(event, segments) {
  const record = event.segment === undefined ? undefined : segments?.get(event.segment);
  const at = event.edge === 'left' ? record?.left_ns : record?.landed_ns;
  // A segment that was found later than what it did must not turn time around.
  return at === undefined || at === null || at > event.at_ns ? event.at_ns : at;
}
