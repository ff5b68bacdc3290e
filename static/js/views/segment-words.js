// Segments and the wire in words: the label on the ladder, the line in the log. Pure.

/** @import {Impairment, Phase, Segment, SegmentRecord, SegmentsSummarised, Wire, WireActor, WireIntervened} from '../types.js' */

import { bytes, count, decodeBase64, goString } from '../format.js';
import { server, t, texts } from '../i18n.js';
import { isRepeat } from '../segments.js';

/** How much of the payload stands on the ladder, in characters. */
const PREVIEW = 14;

/** @param {Segment} segment @param {string} name */
function has({ flags }, name) {
  return flags !== undefined && flags.split(', ').includes(name);
}

/** Whether it is a segment that could be read: neither an ICMP error about one nor another packet. @param {Segment} segment */
export function isReadable({ icmp, other }) {
  return icmp === undefined && other === undefined;
}

/**
 * The phase that a segment belongs to; null for one that only acknowledges.
 * @param {Segment} segment
 * @returns {Phase | null}
 */
export function segmentPhase(segment) {
  if (!isReadable(segment) || has(segment, 'RST')) return 'error';
  if (has(segment, 'SYN')) return 'opening';
  if (has(segment, 'FIN')) return 'closing';
  return segment.len ? 'open' : null;
}

/** The flags, or what an ICMP error says, or what it is that is no segment. @param {Segment} segment */
export function segmentName(segment) {
  if (segment.icmp !== undefined) return `ICMP ${segment.icmp}`;
  if (segment.other !== undefined) return server(segment.other);
  return segment.flags || t('no flags');
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
  if (segment.icmp !== undefined) return segment.about ? t('about {from} to {to}', { from: segment.about[0], to: segment.about[1] }) : '';
  if (segment.other !== undefined) return '';
  const { seq_rel, ack_rel, len = 0, options = [], urgent = 0 } = segment;
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
    has(segment, 'URG') && `urg=${urgent}`,
    segment.ace !== undefined && `ace=${segment.ace}`,
    segment.ecn === 'CE' && 'CE',
    segment.options_broken !== undefined && t('options broken'),
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
  if (marks.includes('keepalive')) words.push(t('keep-alive'));
  if (marks.includes('window_probe')) words.push(t('window probe'));
  if (marks.includes('window_update')) words.push(t('window update'));
  if (marks.includes('window_full')) words.push(t('window full'));
  if (marks.includes('keepalive_ack')) words.push(t('answer to a keep-alive'));
  if (marks.includes('duplicate_ack')) words.push(t('dup ack #{n}', { n: dup_acks ?? '?' }));
  if (marks.includes('dsack')) words.push(t('says what came twice'));
  if (marks.includes('out_of_order')) words.push(t('out of order'));
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
  const lost = dropped ? (dropped.by === 'loss' ? t('lost on the wire') : t('dropped')) : '';
  if (record.copyOf !== null) return joined(t('copy of {number}', { number: record.copyOf }), lost);
  if (isRepeat(sent)) return joined(t('again: {number}', { number: sent.of ?? t('an older one') }), lost);
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
  const again = isRepeat(segment) && segment.of !== undefined ? `, ${t('again: {number}', { number: segment.of })}` : '';
  const values = { number: segment.segment, what: `${segmentName(segment)}${numbers ? ` ${numbers}` : ''}${again}` };
  switch (segment.from) {
    case 'client': return t('segment {number} from the client: {what}', values);
    case 'server': return t('segment {number} from the server: {what}', values);
    default: return t('segment {number} from the wire: {what}', values);
  }
}

/** @type {Record<WireActor, string>} */
const LOSSES = texts({
  rule: 'by a rule', step: 'in step mode', user: 'by hand', loss: 'at random', duplicate: 'at random', reorder: 'at random', corrupt: 'at random',
  queue: 'the queue was full', mtu: 'too big for the MTU', cut: 'the cable is cut',
});

/** "by rule 2", "by hand": who did it. @param {{by: WireActor, rule?: number}} intervention */
export function actorWords({ by, rule }) {
  return by === 'rule' && rule ? t('by rule {rule}', { rule }) : t(LOSSES[by]);
}

/** Beside the red cross: what dropped it. @param {{by: WireActor, rule?: number}} dropped */
export function dropTag({ by, rule }) {
  switch (by) {
    case 'rule': return rule ? t('rule {rule}', { rule }) : t('a rule');
    case 'user': return t('you');
    case 'queue': return t('queue full');
    case 'mtu': return 'MTU';
    case 'cut': return t('cable cut');
    default: return t('lost');
  }
}

/** @param {WireIntervened} event */
export function interventionWords(event) {
  const { segment, action } = event;
  switch (action) {
    case 'held': return t('segment {segment} held {how}', { segment, how: actorWords(event) });
    case 'released': return t('segment {segment} released', { segment });
    case 'dropped': return event.by === 'loss' ? t('segment {segment} lost on the wire', { segment }) : event.by === 'queue' || event.by === 'mtu' || event.by === 'cut'
      ? t('segment {segment} dropped: {how}', { segment, how: actorWords(event) }) : t('segment {segment} dropped {how}', { segment, how: actorWords(event) });
    case 'delayed': return t('segment {segment} delayed {ms} ms {how}', { segment, ms: event.delay_ms ?? 0, how: actorWords(event) });
    case 'duplicated': return event.copy
      ? t('segment {segment} duplicated {how}: {copy} is the copy', { segment, how: actorWords(event), copy: event.copy }) : t('segment {segment} duplicated {how}', { segment, how: actorWords(event) });
    case 'corrupted': return t('segment {segment} corrupted {how}', { segment, how: actorWords(event) });
    case 'reordered': return t('segment {segment} sent past those before it {how}', { segment, how: actorWords(event) });
  }
}

/** What was done to a segment on its way, but that it was dropped or held. @param {SegmentRecord} record */
export function treatmentWords({ interventions }) {
  const words = [];
  for (const event of interventions) {
    const by = event.by === 'rule' && event.rule ? ` ${t('by rule {rule}', { rule: event.rule })}` : '';
    if (event.action === 'delayed') words.push(t('delayed {time}', { time: `${event.delay_ms ?? 0} ms` }) + by);
    else if (event.action === 'corrupted') words.push(t('corrupted') + by);
    else if (event.action === 'reordered') words.push(t('reordered') + by);
  }
  return words.join(', ');
}

/** @param {SegmentsSummarised} event */
export function summaryOfSegments({ count: n, bytes: size, dropped, retransmitted }) {
  return [
    t('{n} segments, {bytes} of payload', { n: count(n), bytes: bytes(size).replace(' ', '\u00a0') }),
    dropped && t('{n} dropped', { n: count(dropped) }),
    retransmitted && t('{n} sent again', { n: count(retransmitted) }),
  ].filter(Boolean).join(', ');
}

/** @param {Impairment} way */
function wayWords({ delay_ms, jitter_ms, loss_pct, duplicate_pct, reorder_pct, corrupt_pct, rate_kbps, mtu }) {
  return [
    delay_ms > 0 && `${delay_ms}${jitter_ms > 0 ? ` ± ${jitter_ms}` : ''} ms`,
    loss_pct > 0 && t('{n} % lost', { n: loss_pct }),
    duplicate_pct > 0 && t('{n} % twice', { n: duplicate_pct }),
    reorder_pct > 0 && t('{n} % reordered', { n: reorder_pct }),
    corrupt_pct > 0 && t('{n} % corrupted', { n: corrupt_pct }),
    rate_kbps > 0 && (rate_kbps >= 1000 ? `${rate_kbps / 1000} Mbit/s` : `${rate_kbps} kbit/s`),
    mtu > 0 && mtu !== 1500 && `MTU ${mtu}`,
  ].filter(Boolean).join(', ');
}

/**
 * "20 ms, step mode": what differs from no wire at all; "no delay, no loss" where nothing does.
 * @param {Wire} wire
 */
export function impairmentWords(wire) {
  if (wire.cut) return t('cut');
  const [there, back] = [wayWords(wire.to_server), wayWords(wire.to_client)];
  const rules = wire.rules.filter((rule) => rule.on).length;
  const ways = there === back ? there : [there && `→ ${there}`, back && `← ${back}`].filter(Boolean).join('; ');
  return [ways, rules > 0 && (rules === 1 ? t('1 rule') : t('{n} rules', { n: rules })), wire.step && t('step mode')].filter(Boolean).join(', ') || t('no delay, no loss');
}
