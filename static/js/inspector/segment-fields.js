// A segment's header, field by field: where its bytes are, and what they say. Pure.

/** @import {Segment, SegmentMark, SegmentOption} from '../types.js' */

import { bytes, count, goString, hex, hostOf, portOf } from '../format.js';
import { server, t, texts } from '../i18n.js';
import { payloadOf } from '../views/segment-words.js';

/**
 * Bytes `from` to `to` of the packet. `key` is the same beside the decoded field; `tint` names its colour.
 * @typedef {{key: string, tint: string, from: number, to: number, title: string}} Range
 */

/** @typedef {{key: string, tint: string, name: string, value: string, small?: string, title?: string, wrong?: boolean}} Decoded */

/** The fixed part of the header: offset and length (RFC 9293 §3.1). @type {[key: string, tint: string, from: number, to: number, title: string][]} */
const HEADER = texts([
  ['source', 'port', 0, 2, 'Source port'],
  ['destination', 'port', 2, 4, 'Destination port'],
  ['seq', 'seq', 4, 8, 'Sequence number'],
  ['ack', 'ack', 8, 12, 'Acknowledgment number'],
  ['flags', 'flags', 12, 14, 'Data offset and flags'],
  ['win', 'win', 14, 16, 'Window'],
  ['sum', 'sum', 16, 18, 'Checksum'],
  ['urgent', '', 18, 20, 'Urgent pointer'],
]);

export const FLAGS = ['AE', 'CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN'];

/** @param {Segment} segment @returns {Range[]} in the order of the bytes, without a hole */
export function rangesOf({ icmp, ip_header: header = 0, tcp_header = 0, ttl, bytes: size }) {
  const ip_header = Math.min(header, size);
  /** @type {Range[]} */
  const ranges = [{ key: 'ip', tint: 'ip', from: 0, to: ip_header, title: ttl === undefined ? t('IP header, total length {size}', { size }) : t('IP header, TTL {ttl}, total length {size}', { ttl, size }) }];
  if (icmp !== undefined) return [...ranges, { key: 'icmp', tint: 'flags', from: ip_header, to: ip_header + 2, title: t('ICMP type and code') }, { key: 'quoted', tint: '', from: ip_header + 2, to: size, title: t('The packet that it is about') }];
  if (tcp_header < 20) return [...ranges, { key: 'rest', tint: '', from: ip_header, to: size, title: '' }];
  for (const [key, tint, from, to, title] of HEADER) ranges.push({ key, tint, from: ip_header + from, to: ip_header + to, title: t(title) });
  const data = ip_header + tcp_header;
  if (tcp_header > 20) ranges.push({ key: 'options', tint: 'opt', from: ip_header + 20, to: data, title: t('Options') });
  if (size > data) ranges.push({ key: 'payload', tint: 'payload', from: data, to: size, title: t('Payload') });
  return ranges;
}

/** @param {Segment} segment @returns {Decoded[]} */
export function decode(segment) {
  const { src, dst, seq_rel, seq_abs, ack_rel, ack_abs, win = 0, wscale, len = 0, tcp_header, flags = '', icmp, about, other } = segment;
  if (other !== undefined) {
    return [
      { key: 'rest', tint: '', name: t('Packet'), value: server(other) },
      { key: 'ip', tint: 'ip', name: t('From'), value: src || t('not known') },
      { key: 'ip', tint: 'ip', name: t('To'), value: dst || t('not known') },
      ipWords(segment),
    ];
  }
  if (icmp !== undefined) {
    return [
      { key: 'icmp', tint: 'flags', name: 'ICMP', value: icmp },
      { key: 'quoted', tint: '', name: t('About'), value: about?.join(' → ') ?? t('not known') },
      { key: 'ip', tint: 'ip', name: t('From'), value: hostOf(src) },
      { key: 'ip', tint: 'ip', name: t('To'), value: hostOf(dst) },
      ipWords(segment),
    ];
  }
  const acks = flags.split(', ').includes('ACK');
  // A SYN's window is never scaled (RFC 7323 §2.2).
  const scaled = wscale !== undefined && wscale > 0 && !flags.split(', ').includes('SYN');
  return [
    { key: 'source', tint: 'port', name: t('Source port'), value: portOf(src), title: src },
    { key: 'destination', tint: 'port', name: t('Destination port'), value: portOf(dst), title: dst },
    { key: 'seq', tint: 'seq', name: t('Sequence'), value: numberWords(seq_rel), small: numberWords(seq_abs), title: t('Relative, and as it stands in the header') },
    { key: 'ack', tint: 'ack', name: t('Acknowledgment'), value: acks ? numberWords(ack_rel) : t('none'), small: acks ? numberWords(ack_abs) : undefined, title: acks ? t('Relative, and as it stands in the header') : t('Without the ACK flag the field says nothing') },
    { key: 'win', tint: 'win', name: t('Window'), value: scaled ? `${win} × ${2 ** wscale}` : String(win), title: t('{n} bytes, {bytes}', { n: count(scaled ? win * 2 ** wscale : win), bytes: bytes(scaled ? win * 2 ** wscale : win) }) },
    { key: 'sum', tint: 'sum', name: t('Checksum'), ...checksumWords(segment) },
    { key: 'flags', tint: '', name: t('TCP header'), value: t('{n} bytes', { n: tcp_header ?? '?' }) },
    ...rareWords(segment),
    ipWords(segment),
    { key: 'payload', tint: '', name: len === 0 ? t('Payload') : len === 1 ? t('Payload, 1 byte') : t('Payload, {n} bytes', { n: count(len) }), value: len === 0 ? t('none') : preview(segment) },
  ];
}

/** What the IP header says beside the addresses. @param {Segment} segment @returns {Decoded} */
function ipWords({ src, ttl, dscp = 0, ecn: codepoint, df, ip_id = 0, flow_label = 0 }) {
  const ecn = codepoint ?? 'Not-ECT';
  const v6 = hostOf(src).includes(':');
  const own = v6 ? [t('flow label {n}', { n: `0x${hex(flow_label, 5)}` })] : [t('id {n}', { n: ip_id }), df ? 'DF' : t('may be fragmented')];
  return {
    key: 'ip', tint: 'ip', name: v6 ? 'IPv6' : 'IPv4', value: v6 ? t('hop limit {n}', { n: ttl ?? '?' }) : `TTL ${ttl ?? '?'}`,
    small: [`DSCP ${dscp}`, ecn, ...own].join(', '), title: t(ECN[ecn]),
  };
}

/** RFC 3168 §5. @type {Record<string, string>} */
const ECN = texts({
  'Not-ECT': 'Not-ECT: a router that is congested drops it',
  'ECT(0)': 'ECT(0): a router that is congested may mark it instead of dropping it',
  'ECT(1)': 'ECT(1): a router that is congested may mark it instead of dropping it',
  CE: 'CE: a router on the way was congested',
});

/** What few segments have. @param {Segment} segment @returns {Decoded[]} */
function rareWords({ flags = '', seq_rel = 0, urgent = 0, ace, reserved, raw, ip_header, tcp_header, len = 0 }) {
  /** @type {Decoded[]} */
  const rows = [];
  const marked = flags.split(', ').includes('URG');
  if (marked || urgent > 0) {
    // It points behind the last urgent byte (RFC 9293 §3.1, RFC 6093 §3.1).
    const byte = marked && urgent > 0 && urgent <= len ? payloadOf(/** @type {Segment} */ ({ raw, ip_header, tcp_header, len })).subarray(urgent - 1, urgent) : new Uint8Array(0);
    rows.push({
      key: 'urgent', tint: '', name: t('Urgent pointer'), value: String(urgent),
      small: !marked ? t('says nothing without the URG flag') : urgent === 0 ? t('to no byte') : `${t('the last urgent byte is {seq}', { seq: seq_rel + urgent - 1 })}${byte.length ? ` ${goString(byte)}` : ''}`,
    });
  }
  if (ace !== undefined) rows.push({ key: 'flags', tint: '', name: 'ACE', value: String(ace), title: t('AE, CWR and ECE count the packets that came with CE, modulo 8 (accurate ECN)') });
  if (reserved) rows.push({ key: 'flags', tint: '', name: t('Reserved bits'), value: reserved.toString(2).padStart(3, '0') });
  return rows;
}

/** @param {number} [n] */
function numberWords(n) {
  return n === undefined ? '' : String(n);
}

/** @param {Segment} segment */
function checksumWords({ checksum, checksum_value }) {
  const value = checksum_value === undefined ? '' : `0x${hex(checksum_value, 4)} `;
  switch (checksum) {
    case 'valid': return { value: value + t('valid') };
    case 'wrong': return { value: value + t('wrong'), wrong: true, title: t('The receiver’s kernel drops it without a word') };
    case 'offload': return { value, small: t('not filled in (offload)'), title: t('The kernel leaves it to hardware, and on this path there is none') };
    default: return { value, small: t('not checked'), title: t('The packet is kept without its end, so its sum is not known') };
  }
}

/** @param {Segment} segment */
function preview(segment) {
  const data = payloadOf(segment);
  const whole = goString(data);
  return whole.length <= 14 && data.length === segment.len ? whole : `${goString(data.subarray(0, 10)).slice(0, 12).replace(/"$/, '')}…"`;
}

/** @type {Record<string, string>} */
const OPTION_NAMES = { mss: 'MSS', wscale: 'WS', sack_permitted: 'SACK', sack: 'SACK', timestamps: 'TS', fast_open: 'TFO', md5: 'MD5', user_timeout: 'UTO', ao: 'AO', mptcp: 'MPTCP', encryption_negotiation: 'ENO', accecn0: 'AccECN0', accecn1: 'AccECN1' };

/**
 * An option as it stands in the inspector; null for padding.
 * @param {SegmentOption} option
 * @param {{marks?: SegmentMark[], options?: SegmentOption[], options_broken?: number}} [segment] that has it
 * @returns {{text: string, title: string}|null}
 */
export function optionText(option, segment = {}) {
  const { kind, name, value = '' } = option;
  if (name === 'nop' || (name === 'eol' && value === '')) return null;
  const label = name === 'unknown' ? t('option') : OPTION_NAMES[name] ?? name;
  switch (name) {
    case 'timestamps': {
      const [own, echo] = value.split(' ');
      return { text: `${label} ${own}`, title: t('Timestamp {own}, in answer to {echo}', { own, echo }) };
    }
    case 'wscale': return { text: `${label} ${value}`, title: t('Window scale: windows count {value} bytes', { value: 2 ** Number(value) }) };
    case 'mss': return { text: `${label} ${value}`, title: t('Maximum segment size: send me at most {value} bytes', { value }) };
    case 'sack_permitted': return { text: label, title: t('Selective acknowledgments may be used') };
    case 'sack': return { text: `${label} ${value}`, title: sackTitle(value.split(' '), segment.marks?.includes('dsack') ?? false) };
    case 'broken': {
      const text = `${t('broken option {kind}', { kind })}${value ? ` ${value}` : ''}`;
      if (segment.options_broken === undefined || option !== segment.options?.at(-1)) return { text, title: t('Option {kind} has not the length that it has to have', { kind }) };
      return { text, title: t('Options broken here, at byte {at} of the TCP header: the length leads nowhere, and what follows can be anything', { at: segment.options_broken }) };
    }
    case 'eol': return { text: `${t('after the end')} ${value}`, title: t('The end of the options was said before; these bytes should be zeros') };
    case 'user_timeout': return { text: `${label} ${value}`, title: t('User timeout: how long data may stay unacknowledged') };
    case 'ao': return { text: `${label} ${value}`, title: t('Authentication: key, next key, and the code') };
    case 'md5': return { text: `${label} ${value}`, title: t('MD5 signature (RFC 2385)') };
    case 'mptcp': return { text: `${label} ${value}`, title: t('Multipath TCP: one connection over several paths') };
    case 'accecn0':
    case 'accecn1': return { text: `${label}${value ? ` ${value}` : ''}`, title: t('Accurate ECN: bytes that came with ECT(0), CE, ECT(1)') };
    case 'encryption_negotiation': return { text: `${label}${value ? ` ${value}` : ''}`, title: t('Encryption negotiation (TCP-ENO)') };
    case 'experiment': return { text: `${t('experiment')} ${value}`, title: t('An experiment of kind {kind}; its number stands first (RFC 6994)', { kind }) };
    case 'unknown': return { text: `${label} ${kind}${value ? ` ${value}` : ''}`, title: t('Option kind {kind}', { kind }) };
    default: return { text: `${label}${value ? ` ${value}` : ''}`, title: name };
  }
}

/** Of the blocks, the first may tell of what came twice (RFC 2883 §4). @param {string[]} blocks @param {boolean} twice */
function sackTitle([first, ...others], twice) {
  if (!twice) return t('Has arrived beyond the acknowledgment (selective acknowledgment)');
  const came = t('{block} came twice (D-SACK)', { block: first });
  return others.length === 0 ? came : t('{came}; the others have arrived beyond the acknowledgment', { came });
}

/**
 * What the two SYNs agreed on, as far as it binds the sender of this segment; nothing on a SYN itself.
 * @param {Segment} segment
 * @param {Segment|undefined} own   the SYN of the same sender
 * @param {Segment|undefined} other the SYN of its peer
 * @returns {SegmentOption[]}
 */
export function agreedOptions(segment, own, other) {
  if (!own || !other || segment.flags?.split(', ').includes('SYN')) return [];
  /** @param {Segment} syn @param {string} name */
  const find = (syn, name) => syn.options?.find((option) => option.name === name);
  const [mss, sack, scale] = [find(own, 'mss'), find(own, 'sack_permitted'), find(own, 'wscale')];
  return [mss, sack && find(other, 'sack_permitted') && sack, scale && find(other, 'wscale') && scale].filter((option) => option !== undefined);
}

/** "57 bytes: 20 IP + 32 TCP + 5 data" @param {Segment} segment */
export function sizeWords({ bytes: size, ip_header = 0, tcp_header = 0, len = 0, icmp, other }) {
  const total = t('{n} bytes: {header} IP', { n: count(size), header: ip_header });
  if (icmp !== undefined) return `${total} + ${count(size - ip_header)} ICMP`;
  if (other !== undefined) return t('{n} bytes', { n: count(size) });
  return `${total} + ${tcp_header} TCP${len ? t(' + {n} data', { n: count(len) }) : ''}`;
}
