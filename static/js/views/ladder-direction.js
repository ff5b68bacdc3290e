// The segments of one direction of a connection: which carried a byte, opened it, ended it. The calls of both ends go with them.

/** @import {Segment, SegmentRecord} from '../types.js' */

import { isRepeat } from '../segments.js';
import { isReadable } from './segment-words.js';

export class Direction {
  /** Its numbers count from its SYN, so they are places in the bytes. */ counted = false;
  /** @type {SegmentRecord[]} SYN, and what refuses one */ opening = [];
  /** @type {SegmentRecord[]} */ ending = [];
  /** New data, in the order of the sequence numbers. @type {SegmentRecord[]} */ data = [];
  /** @type {SegmentRecord[]} data that was sent before */ again = [];
  /** The first that is no SYN: at a server it ends the handshake. @type {SegmentRecord | null} */ first = null;

  /** @param {SegmentRecord} record */
  add(record) {
    const { sent } = record;
    const flags = (sent.flags ?? '').split(', ');
    if (record.copyOf === null && flags.includes('SYN')) this.counted = true;
    if (flags.includes('SYN') || flags.includes('RST') || !isReadable(sent)) this.opening.push(record);
    if (flags.includes('FIN') || flags.includes('RST')) this.ending.push(record);
    if (!flags.includes('SYN') && isReadable(sent)) this.first ??= record;
    if (!sent.len || sent.seq_rel === undefined) return;
    const repeats = isRepeat(sent) || record.copyOf !== null || (this.data.at(-1)?.sent.seq_rel ?? -1) >= sent.seq_rel;
    (repeats ? this.again : this.data).push(record);
  }

  /** The first segment that carried the byte at an offset. @param {number} offset */
  carrier(offset) {
    if (!this.counted) return null;
    let low = 0;
    let high = this.data.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lastByte(this.data[middle].sent) < offset) low = middle + 1;
      else high = middle;
    }
    const found = this.data[low];
    return found && carries(found.sent, offset) ? found : null;
  }

  /** The one that brought it: where the first was lost, a later one. @param {number} offset */
  bringer(offset) {
    const first = this.carrier(offset);
    if (first?.landed_ns != null) return first;
    return this.again.find((record) => record.landed_ns !== null && carries(record.sent, offset)) ?? null;
  }
}

/** The SYN takes number 0, so the first byte has number 1 (RFC 9293 §3.4). @param {Segment} segment */
function lastByte({ seq_rel = 0, len = 0 }) {
  return seq_rel - 1 + len - 1;
}

/** @param {Segment} segment @param {number} offset */
function carries(segment, offset) {
  return (segment.seq_rel ?? 0) - 1 <= offset && offset <= lastByte(segment);
}
