// Segments and the wire in words: the label on the ladder, the line in the log. Pure.

/** @import {Impairment, Phase, Segment, SegmentRecord, SegmentsSummarised, Wire, WireActor, WireIntervened} from '../types.js' */

import { bytes, count, decodeBase64, goString } from '../format.js';
import { isRepeat } from '../segments.js';

/** How much of the payload stands on the ladder, in characters. */
const PREVIEW = 14;

/** @param {Segment} segment @param {string} name */
function has({ flags }, name) {
  return flags !== undefined && flags.split(', ').includes(name);
}

/**
 * The phase that a segment belongs to; null for one that only acknowledges.
 * @param {Segment} segment
 * @returns {Phase | null}
 */
export function segmentPhase(segment) {
  if (segment.icmp !== undefined || has(segment, 'RST')) return 'error';
  if (has(segment, 'SYN')) return 'opening';
  if (has(segment, 'FIN')) return 'closing';
  return segment.len ? 'open' : null;
}

/** The flags, or what an ICMP error says. @param {Segment} segment */
export function segmentName(segment) {
  if (segment.icmp !== undefined) return `ICMP ${segment.icmp}`;
  return segment.flags || 'no flags';
}

/** The segment's payload as far as `raw` has it. @param {Segment} segment */
export function payloadOf({ raw, ip_header = 0, tcp_header = 0, len = 0 }) {
  const from = ip_header + tcp_header;
  return raw === undefined || len === 0 || from === 0 ? new Uint8Array(0) : decodeBase64(raw).subarray(from, from + len);
}

/**
 * What stands after the flags: the numbers that matter for this kind of segment.
 * @param {Segment} segment
 * @param {number} [preview] how much of the payload, in characters; 0: none
 */
export function segmentNumbers(segment, preview = PREVIEW) {
  if (segment.icmp !== undefined) return segment.about ? `about ${segment.about.join(' to ')}` : '';
  const { seq_rel, ack_rel, len = 0, options = [] } = segment;
  const syn = has(segment, 'SYN');
  const plainAck = segment.flags === 'ACK' && len === 0;
  const mss = options.find((option) => option.name === 'mss');
  return [
    seq_rel !== undefined && !plainAck && `seq=${seq_rel}`,
    ack_rel !== undefined && has(segment, 'ACK') && len === 0 && `ack=${ack_rel}`,
    syn && !has(segment, 'ACK') && segment.win !== undefined && `win=${segment.win}`,
    syn && !has(segment, 'ACK') && mss && `mss=${mss.value}`,
    len > 0 && `len=${len}`,
    len > 0 && preview > 0 && previewOf(segment, preview),
    segment.marks?.includes('zero_window') && 'win=0',
    ...markWords(segment),
  ].filter(Boolean).join(' ');
}

/** @param {Segment} segment @param {number} room */
function previewOf(segment, room) {
  const data = payloadOf(segment);
  if (data.length === 0) return '';
  const quoted = goString(data);
  if (quoted.length <= room && data.length === segment.len) return quoted;
  // Escapes are longer than what they stand for: take fewer bytes until the text fits.
  let limit = Math.min(data.length, room - 3);
  while (limit > 1 && goString(data, limit).length > room) limit--;
  return `${goString(data.subarray(0, limit))}…`;
}

/** @param {Segment} segment @returns {string[]} */
function markWords({ marks = [], dup_acks }) {
  const words = [];
  if (marks.includes('keepalive')) words.push('keep-alive');
  if (marks.includes('window_probe')) words.push('window probe');
  if (marks.includes('window_update')) words.push('window update');
  if (marks.includes('duplicate_ack')) words.push(dup_acks ? `duplicate ${dup_acks}` : 'duplicate');
  if (marks.includes('out_of_order')) words.push('out of order');
  return words;
}

/** "8′", "8″" for the copies that the wire made of segment 8, else its number. @param {SegmentRecord} record @param {SegmentRecord} [original] */
export function segmentNumber(record, original) {
  if (record.copyOf === null) return String(record.number);
  const nth = original ? original.copies.indexOf(record.number) + 1 : 1;
  return `${record.copyOf}${nth <= 3 ? '′'.repeat(Math.max(1, nth)) : `′${nth}`}`;
}

/** What stands after the flags on the ladder: a repeat and a copy say whose, and what did not arrive says so. @param {SegmentRecord} record */
export function segmentLabel(record) {
  const { sent, dropped } = record;
  const lost = dropped ? (dropped.by === 'loss' ? 'lost on the wire' : 'dropped') : '';
  if (record.copyOf !== null) return joined(`copy of ${record.copyOf}`, lost);
  if (isRepeat(sent)) return joined(`again: ${sent.of ?? 'an older one'}`, lost);
  if (lost && has(sent, 'SYN')) return lost;
  return joined(segmentNumbers(sent, lost ? 0 : PREVIEW), lost);
}

/** @param {string} words @param {string} lost */
function joined(words, lost) {
  return lost ? `${words} ${lost}` : words;
}

/** The same as one line of the log. @param {Segment} segment */
export function segmentWords(segment) {
  const numbers = segmentNumbers(segment, 72);
  const again = isRepeat(segment) && segment.of !== undefined ? `, again: ${segment.of}` : '';
  return `segment ${segment.segment} from the ${segment.from}: ${segmentName(segment)}${numbers ? ` ${numbers}` : ''}${again}`;
}

/** @type {Record<WireActor, string>} */
const LOSSES = {
  rule: 'by a rule', step: 'in step mode', user: 'by hand', loss: 'at random', duplicate: 'at random', reorder: 'at random', corrupt: 'at random',
  queue: 'the queue was full', mtu: 'too big for the MTU', cut: 'the cable is cut',
};

/** "by rule 2", "by hand": who did it. @param {{by: WireActor, rule?: number}} intervention */
export function actorWords({ by, rule }) {
  return by === 'rule' && rule ? `by rule ${rule}` : LOSSES[by];
}

/** Beside the red cross: what dropped it. @param {{by: WireActor, rule?: number}} dropped */
export function dropTag({ by, rule }) {
  switch (by) {
    case 'rule': return rule ? `rule ${rule}` : 'a rule';
    case 'user': return 'you';
    case 'queue': return 'queue full';
    case 'mtu': return 'MTU';
    case 'cut': return 'cable cut';
    default: return 'lost';
  }
}

/** @param {WireIntervened} event */
export function interventionWords(event) {
  const { segment, action } = event;
  switch (action) {
    case 'held': return `segment ${segment} held ${actorWords(event)}`;
    case 'released': return `segment ${segment} released`;
    case 'dropped': return event.by === 'loss' ? `segment ${segment} lost on the wire` : `segment ${segment} dropped${event.by === 'queue' || event.by === 'mtu' || event.by === 'cut' ? ':' : ''} ${actorWords(event)}`;
    case 'delayed': return `segment ${segment} delayed ${event.delay_ms ?? 0} ms ${actorWords(event)}`;
    case 'duplicated': return `segment ${segment} duplicated ${actorWords(event)}${event.copy ? `: ${event.copy} is the copy` : ''}`;
    case 'corrupted': return `segment ${segment} corrupted ${actorWords(event)}`;
    case 'reordered': return `segment ${segment} sent past those before it ${actorWords(event)}`;
  }
}

/** What was done to a segment on its way, but that it was dropped or held. @param {SegmentRecord} record */
export function treatmentWords({ interventions }) {
  const words = [];
  for (const event of interventions) {
    const by = event.by === 'rule' && event.rule ? ` by rule ${event.rule}` : '';
    if (event.action === 'delayed') words.push(`delayed ${event.delay_ms ?? 0} ms${by}`);
    else if (event.action === 'corrupted') words.push(`corrupted${by}`);
    else if (event.action === 'reordered') words.push(`reordered${by}`);
  }
  return words.join(', ');
}

/** @param {SegmentsSummarised} event */
export function summaryOfSegments({ count: n, bytes: size, dropped, retransmitted }) {
  return [
    `${count(n)} segments, ${bytes(size).replace(' ', '\u00a0')} of payload`,
    dropped && `${count(dropped)} dropped`,
    retransmitted && `${count(retransmitted)} sent again`,
  ].filter(Boolean).join(', ');
}

/** @param {Impairment} way */
function wayWords({ delay_ms, jitter_ms, loss_pct, duplicate_pct, reorder_pct, corrupt_pct, rate_kbps, mtu }) {
  return [
    delay_ms > 0 && `${delay_ms}${jitter_ms > 0 ? ` ± ${jitter_ms}` : ''} ms`,
    loss_pct > 0 && `${loss_pct} % lost`,
    duplicate_pct > 0 && `${duplicate_pct} % twice`,
    reorder_pct > 0 && `${reorder_pct} % reordered`,
    corrupt_pct > 0 && `${corrupt_pct} % corrupted`,
    rate_kbps > 0 && (rate_kbps >= 1000 ? `${rate_kbps / 1000} Mbit/s` : `${rate_kbps} kbit/s`),
    mtu > 0 && mtu !== 1500 && `MTU ${mtu}`,
  ].filter(Boolean).join(', ');
}

/**
 * "20 ms, step mode": what differs from no wire at all; "no delay, no loss" where nothing does.
 * @param {Wire} wire
 */
export function impairmentWords(wire) {
  if (wire.cut) return 'cut';
  const [there, back] = [wayWords(wire.to_server), wayWords(wire.to_client)];
  const rules = wire.rules.filter((rule) => rule.on).length;
  const ways = there === back ? there : [there && `→ ${there}`, back && `← ${back}`].filter(Boolean).join('; ');
  return [ways, rules > 0 && `${rules} rule${rules === 1 ? '' : 's'}`, wire.step && 'step mode'].filter(Boolean).join(', ') || 'no delay, no loss';
}
