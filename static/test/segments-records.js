// Segments for the tests of the segment list, the stream and the inspector.

/** @import {Segment, SegmentRecord, SegmentsSummarised} from '../js/types.js' */

import { recordOf } from '../js/views/segments-cells.js';

/** An IPv4 and a TCP header without options, and the payload. @param {string} payload */
function packet(payload) {
  return btoa(`${'\x45'}${'\0'.repeat(39)}${payload}`);
}

/**
 * @param {number} number
 * @param {Partial<Segment> & {payload?: string, seq?: number, dropped?: boolean}} [more]
 * @returns {SegmentRecord}
 */
export function record(number, { payload = '', seq = number, dropped = false, ...more } = {}) {
  const sent = {
    segment: number, network: /** @type {const} */ ('lab'), from: /** @type {const} */ ('client'), socket: 'C1', peer: 'S1.1', left_ns: number * 1000, bytes: 40 + payload.length, raw: packet(payload),
    src: '192.0.2.1:40000', dst: '192.0.2.2:8330', flags: 'ACK', seq_rel: 1, ack_rel: 1, win: 502, len: payload.length, ip_header: 20, tcp_header: 20, ttl: 64, ...more,
  };
  return { ...recordOf({ ...sent, landed_ns: dropped ? undefined : sent.left_ns + 10, dropped_by: dropped ? 'loss' : undefined }), seq };
}

/** @param {number} first @param {number} last @param {Partial<SegmentsSummarised>} [more] @returns {SegmentsSummarised} */
export function summary(first, last, more) {
  return { seq: last, at_ns: 0, type: 'segments_summarised', socket: 'C1', peer: 'S1.1', network: 'lab', first, last, count: last - first + 1, bytes: 0, data_segments: 0, first_ns: 0, last_ns: 0, ...more };
}
