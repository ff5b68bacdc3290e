// What stands in the columns of the segment list, and what a filter may ask of a row. Pure.

/** @import {Segment, SegmentAnswer, SegmentRecord, SegmentsSummarised, StateChanged, WireActor} from '../types.js' */

import { count, duration, hostOf, portOf } from '../format.js';
import { server, t, texts } from '../i18n.js';
import { isRepeat } from '../segments.js';
import { payloadOf } from './segment-words.js';
import { infoOf } from './segments-info.js';

/**
 * What a filter can ask of a row; null where the row cannot know.
 * @typedef {object} Facts
 * @property {number|null} no
 * @property {number|null} len
 * @property {number|null} seq
 * @property {number|null} ack
 * @property {number|null} win
 * @property {number|null} bytes
 * @property {number|null} ttl
 * @property {number[]|null} ports
 * @property {string[]|null} ends  the addresses of who sent it and whom it is for, with their ports
 * @property {string[]|null} flags
 * @property {boolean|null} fromClient
 * @property {string[]} sockets
 * @property {boolean|null} retransmission
 * @property {boolean|null} data
 * @property {(() => string)|null} payload  one character a byte
 * @property {(() => string)|null} line     what is written in the row, in lower case
 */

/** @type {Record<string, [name: string, rank: number]>} */
const OPTIONS = { mss: ['mss', 0], wscale: ['ws', 1], sack_permitted: ['sack', 2], timestamps: ['ts', 3], sack: ['sack', 4], fast_open: ['tfo', 5], mptcp: ['mptcp', 6], accecn0: ['accecn', 7], accecn1: ['accecn', 7], md5: ['md5', 8], ao: ['ao', 8], user_timeout: ['uto', 9], encryption_negotiation: ['eno', 9], experiment: ['exp', 10], unknown: ['other', 11], broken: ['broken', 12] };

/** The options by their short names, padding left out. @param {Segment} segment */
export function optionWords({ options = [] }) {
  const known = options.flatMap(({ name }) => (Object.hasOwn(OPTIONS, name) ? [OPTIONS[name]] : []));
  return [...new Set(known.sort((a, b) => a[1] - b[1]).map(([name]) => name))].join(' ');
}

/** @type {Partial<Record<WireActor, string>>} */
const DROPPED = texts({ loss: 'dropped: random loss', queue: 'dropped: queue full', mtu: 'dropped: larger than the MTU', cut: 'dropped: the cable is cut', user: 'dropped by you' });
/** @type {Partial<Record<WireActor, string>>} */
const HELD = texts({ step: 'held: step mode', user: 'held by you' });

/** @param {{by: WireActor, rule?: number}} drop */
function dropWords({ by, rule }) {
  if (by === 'rule') return rule ? t('dropped by rule {rule}', { rule }) : t('dropped by a rule');
  return t(DROPPED[by] ?? 'dropped');
}

/** @type {Record<string, string>} */
const MARKS = texts({
  out_of_order: 'out of order', zero_window: 'zero window', window_probe: 'window probe', window_update: 'window update',
  keepalive: 'keep-alive', keepalive_ack: 'answer to a keep-alive', dsack: 'says what came twice', window_full: 'window full',
});

/**
 * What is worth a note, the most telling first.
 * @param {SegmentRecord} record
 * @returns {string[]}
 */
export function noteWords({ sent, dropped, held, copyOf, interventions }) {
  const notes = [];
  if (dropped) notes.push(dropWords(dropped));
  else if (held) notes.push(held.by === 'rule' && held.rule ? t('held by rule {rule}', { rule: held.rule }) : t(HELD[held.by] ?? 'held'));
  if (sent.icmp !== undefined) notes.push(`ICMP ${sent.icmp}`);
  if (sent.other !== undefined) notes.push(server(sent.other));
  if (sent.options_broken !== undefined) notes.push(t('options broken'));
  if (sent.ecn === 'CE') notes.push(t('congestion marked on the way (CE)'));
  if (copyOf !== null) notes.push(t('copy of {number}', { number: copyOf }));
  // A copy has the marks of its original, which is not what happened to the copy.
  // One that was not needed is said to be a retransmission by that already.
  else for (const mark of sent.marks ?? []) if (mark !== 'retransmission' || !sent.marks?.includes('spurious_retransmission')) notes.push(markWords(mark, sent));
  for (const { action, rule, copy, delay_ms } of interventions) {
    const by = rule ? ` ${t('by rule {rule}', { rule })}` : '';
    if (action === 'corrupted') notes.push(t('corrupted') + by);
    else if (action === 'delayed') notes.push(t('delayed {time}', { time: duration((delay_ms ?? 0) * 1e6) }) + by);
    else if (action === 'reordered') notes.push(t('sent past those before it'));
    else if (action === 'duplicated') notes.push(t('copied as {number}', { number: copy }) + by);
  }
  if (sent.checksum === 'wrong') notes.push(t('wrong checksum'));
  return notes;
}

/** @param {string} mark @param {Segment} segment */
function markWords(mark, { of, dup_acks }) {
  switch (mark) {
    case 'retransmission': return of ? t('retransmission of {of}', { of }) : t('retransmission');
    case 'spurious_retransmission': return of ? t('retransmission of {of}, not needed', { of }) : t('retransmission, not needed');
    case 'duplicate_ack': return of ? t('dup ack #{n}, repeats segment {of}', { n: dup_acks ?? '?', of }) : t('dup ack #{n}', { n: dup_acks ?? '?' });
    default: return MARKS[mark] ? t(MARKS[mark]) : mark.replaceAll('_', ' ');
  }
}

/** Milliseconds since something. @param {number} ns */
export function timeWords(ns) {
  return (ns / 1e6).toFixed(3).replace('-', '−');
}

/** The socket that it is for. A SYN finds none yet; the one that it made says so itself. @param {SegmentRecord} record */
function peerOf({ sent, states }) {
  return sent.peer ?? states.find((s) => s.edge === 'landed' && s.socket !== sent.socket)?.socket;
}

/** Who sent it to whom; where no socket of ours is at an end, its address. @param {SegmentRecord} record @returns {[from: string, to: string]} */
export function endWords(record) {
  const { sent } = record;
  // ICMP has no ports, and of what is no IP packet nobody knows who sent it.
  const address = sent.icmp === undefined ? (/** @type {string} */ a) => a || '?' : hostOf;
  return [sent.socket ?? address(sent.src), peerOf(record) ?? address(sent.dst)];
}

/**
 * The state that this segment led to at one end, if it changed it; of several the last.
 * @param {SegmentRecord} record
 * @param {'client'|'server'} side
 * @returns {StateChanged|undefined}
 */
export function stateAfter(record, side) {
  const id = side === record.sent.from ? record.sent.socket : peerOf(record);
  return id === undefined ? undefined : record.states.findLast((s) => s.socket === id);
}

/** "64 segments, 24 to 87: 43 with data, 61,192 bytes, C2 ⇄ S1.2" @param {SegmentsSummarised} s */
export function summaryWords(s) {
  const parts = [
    s.bytes ? t('{n} with data, {bytes} bytes', { n: count(s.data_segments), bytes: count(s.bytes) }) : t('none with data'),
    s.dropped ? t('{n} dropped', { n: count(s.dropped) }) : '',
    s.retransmitted ? t('{n} sent again', { n: count(s.retransmitted) }) : '',
    s.socket && s.peer ? `${s.socket} ⇄ ${s.peer}` : s.socket ?? s.peer ?? '',
  ];
  const values = { n: count(s.count), first: s.first, last: s.last, what: parts.filter(Boolean).join(', ') };
  return s.count === 1 ? t('1 segment, {first} to {last}: {what}', values) : t('{n} segments, {first} to {last}: {what}', values);
}

/** One that the server still has, and the log no more. @param {SegmentAnswer} answer @returns {SegmentRecord} */
export function recordOf({ landed_ns, dropped_by, ...sent }) {
  return {
    number: sent.segment, sent, seq: 0, left_ns: sent.left_ns, landed_ns: landed_ns ?? null, landedSeq: 0, ended: false, held: null,
    dropped: dropped_by ? { type: 'wire_intervened', seq: 0, at_ns: sent.left_ns, segment: sent.segment, action: 'dropped', by: dropped_by } : null,
    interventions: [], copyOf: null, copies: [], states: [], lastSeq: 0,
  };
}

/** @param {SegmentRecord} record @returns {Facts} */
export function segmentFacts(record) {
  const { sent } = record;
  const { len = 0 } = sent;
  const ends = sent.about ?? [sent.src, sent.dst];
  return {
    no: record.number, len, seq: sent.seq_rel ?? -1, ack: sent.ack_rel ?? -1, win: sent.win ?? -1, bytes: sent.bytes, ttl: sent.ttl ?? -1,
    ends, ports: ends.map((address) => Number(portOf(address))).filter((port) => port > 0),
    flags: sent.flags ? sent.flags.split(', ') : [],
    fromClient: sent.from === 'client', sockets: socketsOf({ socket: sent.socket, peer: peerOf(record) }),
    retransmission: isRepeat(sent) && record.copyOf === null, data: len > 0,
    payload: () => String.fromCharCode(...payloadOf(sent)),
    line: () => [sent.flags, ...endWords(record), sent.src, sent.dst, optionWords(sent), ...noteWords(record),
      ...record.states.map((s) => s.to), infoOf(sent)].join(' ').toLowerCase(),
  };
}

/** @param {SegmentsSummarised} s @returns {Facts} */
export function summaryFacts(s) {
  return {
    no: null, len: s.bytes === 0 ? 0 : null, seq: null, ack: null, win: null, bytes: null, ttl: null, ends: null, ports: null, flags: null, fromClient: null,
    sockets: socketsOf(s), retransmission: (s.retransmitted ?? 0) > 0, data: s.data_segments > 0, payload: null, line: null,
  };
}

/** @param {{socket?: string, peer?: string}} ends */
function socketsOf({ socket, peer }) {
  return [socket, peer].filter((id) => id !== undefined);
}
