// The bytes of a connection in the order in which they were sent, and the calls that carried them. Pure.
//
// A byte's place in its direction is its sequence number less that of the first one (RFC 9293 §3.4: the SYN takes one),
// and the calls count the same bytes from 0: so a call and a segment meet without looking at the payload.

/** @import {CallReturned, CallsSummarised, SegmentRecord, Socket} from '../types.js' */

import { bytes } from '../format.js';
import { t } from '../i18n.js';

/** @typedef {'client'|'server'} Side */

/** Rows drawn; of a longer stream the newest. */
export const MAX_ROWS = 200;
const SEQUENCE_SPACE = 2 ** 32;

/** @typedef {{from: number, to: number, event: CallReturned|CallsSummarised}} CallSpan bytes `from` to `to` of its direction */
/** @typedef {{from: number, to: number, start: number, record: SegmentRecord}} Piece `start`: where the segment's payload begins */
/** @typedef {{side: Side, from: number, to: number, pieces: Piece[], gap: boolean}} StreamRow bytes that `side` sent; a gap: no segment listed has them */
/** @typedef {{column: Side, from: number, to: number, call: CallSpan|null, first: boolean, notes: string[], closed: string}} StreamCall `from` to `to`: rows; `closed`: the socket that was closed before it read them, or '' */
/** @typedef {{note: string, closed: string}} Unread */

/** The calls of one socket that moved bytes one way, by where in the stream. */
export class CallSpans {
  /** @type {CallSpan[]} */ spans = [];
  /** Bytes so far. */ total;

  /** @param {number} before bytes that calls moved which the log no longer has */
  constructor(before) {
    this.total = Math.max(0, before);
  }

  /** @param {CallReturned|CallsSummarised} event */
  add(event) {
    const n = event.type === 'calls_summarised' ? event.bytes : event.n ?? 0;
    if (n <= 0) return;
    this.spans.push({ from: this.total, to: this.total += n, event });
  }

  /** The call that moved a byte. @param {number} at */
  at(at) {
    let low = 0;
    let high = this.spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.spans[middle].to <= at) low = middle + 1;
      else high = middle;
    }
    const span = this.spans[low];
    return span && span.from <= at ? span : null;
  }
}

/** The bytes of one direction, each once: as they landed, or, where they have not, as they were first sent. */
export class Direction {
  /** In the order of the bytes, without overlap. @type {Piece[]} */ pieces = [];
  #newest = 0;

  /** @param {SegmentRecord[]} records of this direction, in the order in which they left */
  constructor(records) {
    const data = records.filter(({ sent, copyOf }) => (sent.len ?? 0) > 0 && copyOf === null && !sent.marks?.includes('keepalive'));
    // Where the SYN was not seen, numbers count from the first segment seen, which then begins at 0.
    const zero = data.some(({ sent }) => sent.seq_rel === 0 && !sent.flags?.includes('SYN')) ? 0 : 1;
    const placed = data.map((record) => ({ record, from: this.#place(record) - zero }));
    for (const { record, from } of placed) if (!record.dropped) this.#cover(from, record);
    for (const { record, from } of placed) if (record.dropped) this.#cover(from, record);
  }

  /** The end of what is known to have been sent. */
  get end() {
    return this.pieces.at(-1)?.to ?? 0;
  }

  /** The first sequence number of its payload, unfolded: relative numbers begin again after 2³². @param {SegmentRecord} record */
  #place({ sent }) {
    const seq = (sent.seq_rel ?? 0) + (sent.flags?.includes('SYN') ? 1 : 0);
    const turns = Math.round((this.#newest - seq) / SEQUENCE_SPACE);
    const place = seq + Math.max(0, turns) * SEQUENCE_SPACE;
    this.#newest = Math.max(this.#newest, place);
    return place;
  }

  /** @param {number} from @param {SegmentRecord} record */
  #cover(from, record) {
    const to = from + (record.sent.len ?? 0);
    let at = this.pieces.length;
    while (at > 0 && this.pieces[at - 1].to > from) at--;
    /** @type {Piece[]} */
    const fresh = [];
    let next = from;
    let end = at;
    for (; end < this.pieces.length && this.pieces[end].from < to; end++) {
      const piece = this.pieces[end];
      if (piece.from > next) fresh.push({ from: next, to: piece.from, start: from, record });
      fresh.push(piece);
      next = Math.max(next, piece.to);
    }
    if (next < to) fresh.push({ from: next, to, start: from, record });
    this.pieces.splice(at, end - at, ...fresh);
  }
}

/**
 * The bytes of one direction from its first piece on, and how many are missing among them: they were in segments that are
 * not listed, or not kept whole.
 * @param {Piece[]} pieces
 * @param {(record: SegmentRecord) => Uint8Array} payloadOf what is known of a segment's payload
 * @returns {{data: Uint8Array, missing: number}}
 */
export function wholeOf(pieces, payloadOf) {
  /** @type {Uint8Array[]} */
  const parts = [];
  let size = 0;
  for (const { from, to, start, record } of pieces) {
    const part = payloadOf(record).subarray(from - start, to - start);
    parts.push(part);
    size += part.length;
  }
  const data = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { data, missing: (pieces.at(-1)?.to ?? 0) - size };
}

/**
 * @param {Record<Side, Direction>} directions by who sent
 * @param {Record<Side, {writes: CallSpans, reads: CallSpans}>} calls by whose calls they are
 * @param {Side|'both'} shown
 * @param {number} [most] rows; of more, the newest
 * @returns {{rows: StreamRow[], earlier: number}} `earlier`: bytes before the first row
 */
export function streamRows(directions, calls, shown, most = MAX_ROWS) {
  /** @type {StreamRow[]} */
  const rows = [];
  const queue = { client: shown === 'server' ? [] : directions.client.pieces, server: shown === 'client' ? [] : directions.server.pieces };
  const next = { client: 0, server: 0 };
  const done = { client: queue.client[0]?.from ?? 0, server: queue.server[0]?.from ?? 0 };
  /** @param {Side} side */
  const take = (side) => {
    const piece = queue[side][next[side]++];
    if (piece.from > done[side]) rows.push({ side, from: done[side], to: piece.from, pieces: [], gap: true });
    for (const part of cut(piece, calls[side].writes, calls[other(side)].reads)) {
      const last = rows.at(-1);
      if (last && last.side === side && !last.gap && last.to === part.from && sameCalls(last, part, calls[side].writes, calls[other(side)].reads)) {
        last.pieces.push(part);
        last.to = part.to;
      } else rows.push({ side, from: part.from, to: part.to, pieces: [part], gap: false });
    }
    done[side] = piece.to;
  };
  for (;;) {
    const client = queue.client[next.client];
    const server = queue.server[next.server];
    if (!client && !server) break;
    take(!server || (client && client.record.left_ns <= server.record.left_ns) ? 'client' : 'server');
  }
  const gone = rows.splice(0, Math.max(0, rows.length - most));
  return { rows, earlier: gone.reduce((sum, row) => sum + row.to - row.from, 0) };
}

/** A piece at the ends of the calls. @param {Piece} piece @param {CallSpans[]} spans @returns {Piece[]} */
function cut(piece, ...spans) {
  const parts = [];
  for (let from = piece.from; from < piece.to;) {
    let to = piece.to;
    for (const list of spans) {
      const call = list.at(from);
      if (call) to = Math.min(to, call.to);
    }
    parts.push({ ...piece, from, to });
    from = to;
  }
  return parts;
}

/** @param {StreamRow} row @param {Piece} part @param {CallSpans[]} spans */
function sameCalls(row, part, ...spans) {
  return spans.every((list) => list.at(row.from) === list.at(part.from));
}

/**
 * The calls beside the rows: one that spans several of them is one, and goes on below where bytes of the other
 * direction stand between.
 * @param {StreamRow[]} rows
 * @param {Record<Side, Direction>} directions
 * @param {Record<Side, {writes: CallSpans, reads: CallSpans}>} calls
 * @param {(column: Side, reads: boolean) => Unread|null} waiting  what is said where no call has taken the bytes
 * @returns {StreamCall[]}
 */
export function streamCalls(rows, directions, calls, waiting) {
  /** @type {StreamCall[]} */
  const out = [];
  const seen = new Set();
  for (const column of /** @type {const} */ (['client', 'server'])) {
    /** @type {StreamCall|null} */
    let open = null;
    let openSide = '';
    for (const [i, row] of rows.entries()) {
      const reads = row.side !== column;
      const list = reads ? calls[column].reads : calls[column].writes;
      const call = row.gap ? list.at(row.to - 1) : list.at(row.from);
      if (open && openSide === row.side && open.call === call) {
        open.to = i + 1;
        continue;
      }
      open = null;
      /** @type {Unread|null} */
      const missing = call ? null : waiting(column, reads);
      if (!call && !missing) continue;
      open = { column, from: i, to: i + 1, call, first: !call || !seen.has(call), notes: [], closed: missing?.closed ?? '' };
      openSide = row.side;
      if (call && open.first) open.notes = callNotes(call, reads, directions[row.side], calls[row.side].writes);
      else if (missing) open.notes = [missing.note];
      if (call) seen.add(call);
      out.push(open);
    }
  }
  return out;
}

/**
 * What became of the bytes that a socket has not read. What has arrived waits, after a reset too, until its descriptor is
 * closed: then nobody can read it any more.
 * @param {Pick<Socket, 'socket'|'descriptor'>} socket @param {Direction} direction @param {number} total how much it has read
 * @returns {Unread}
 */
export function unread({ socket, descriptor }, { pieces }, total) {
  const n = pieces.reduce((sum, { from, to, record }) => sum + (record.landed_ns === null ? 0 : Math.max(0, to - Math.max(from, total))), 0);
  if (n === 0) return { note: t('still on the way'), closed: '' };
  return descriptor === 'closed' ? { note: t('{bytes} thrown away', { bytes: bytes(n) }), closed: socket } : { note: t('{bytes} wait here', { bytes: bytes(n) }), closed: '' };
}

/** @param {CallSpan} call @param {boolean} reads @param {Direction} direction @param {CallSpans} writes @returns {string[]} */
function callNotes(call, reads, direction, writes) {
  if (!reads) {
    const left = call.to - Math.max(call.from, direction.end);
    return left > 0 ? [t('{bytes} not sent yet', { bytes: bytes(left) })] : [];
  }
  if (call.event.type === 'calls_summarised') return [];
  const took = writes.spans.filter((w) => w.from < call.to && w.to > call.from && w.event.type === 'call_returned');
  if (took.length < 2 || took[0].from < call.from || took[took.length - 1].to > call.to) return [];
  return [took.length === 2 ? t('one Read took both Writes') : t('one Read took {n} Writes', { n: took.length })];
}

/** @param {Side} side @returns {Side} */
export function other(side) {
  return side === 'client' ? 'server' : 'client';
}
