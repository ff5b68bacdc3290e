// What a segment carries, in a line: the first line of HTTP, commands and replies of Redis (RESP), the records of TLS, else
// its first bytes, as text in quotes or as hex. It is read from the bytes that were kept of this one segment and from
// nothing else: what began in an earlier segment is bytes here. Pure.

/** @import {Segment} from '../types.js' */

import { goString, hex } from '../format.js';
import { payloadOf } from './segment-words.js';

/** Bytes told at most, as text and as hex. */
const TEXT = 64;
const HEX = 24;
/** A word of a command is shown no longer. */
const WORD = 32;
/** Arrays inside each other. */
const DEPTH = 4;

/** Rows and filters ask again and again. @type {WeakMap<Segment, string>} */
const known = new WeakMap();

/** @param {Segment} sent @returns {string} '' for a segment that carries nothing */
export function infoOf(sent) {
  let info = known.get(sent);
  if (info === undefined) known.set(sent, info = read(payloadOf(sent), sent.len ?? 0));
  return info;
}

/** @param {Uint8Array} data what was kept @param {number} len how much there was */
function read(data, len) {
  if (data.length === 0) return '';
  return tls(data, len) ?? http(data) ?? resp(data, len) ?? bytesOf(data, len);
}

/** One character a byte. @param {Uint8Array} data */
function latin(data) {
  return String.fromCharCode(...data);
}

// HTTP/1: RFC 9112 §3 and §4.

const HTTP = /^(?:[A-Z][A-Z-]{1,19} [\x21-\x7e]+ HTTP\/\d\.\d|HTTP\/\d\.\d \d{3}(?: [\x20-\x7e]*)?)(?=\r?\n)/;

/** @param {Uint8Array} data */
function http(data) {
  return data[0] >= 0x41 && data[0] <= 0x5a ? HTTP.exec(latin(data))?.[0] ?? null : null;
}

// RESP: redis.io/docs/latest/develop/reference/protocol-spec.

const SIMPLE = /^(?:\+[\x20-\x7e]*|-[A-Z]+(?: [\x20-\x7e]*)?|:[+-]?\d{1,19})(?=\r\n)/;
const COUNTED = /^[*$](-1|\d{1,9})\r\n/;

/** @param {Uint8Array} data @param {number} len */
function resp(data, len) {
  if (!'*$+-:'.includes(String.fromCharCode(data[0]))) return null;
  const text = latin(data);
  const values = [];
  let at = 0;
  let whole = true;
  while (at < text.length && whole) {
    const value = respValue(text, at, 0);
    if (!value) {
      // What follows a value and is none is no RESP, unless it only breaks off.
      if (values.length === 0 || !/^[*$+:-]/.test(text.slice(at))) return null;
      break;
    }
    values.push(value.words);
    whole = value.whole;
    at = value.end;
  }
  return values.join(', ') + (whole && at === len ? '' : ' …');
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} depth
 * @returns {{words: string, end: number, whole: boolean}|null}
 */
function respValue(text, at, depth) {
  const kind = text[at];
  if (kind !== '*' && kind !== '$') {
    const simple = SIMPLE.exec(text.slice(at))?.[0];
    return simple ? { words: simple, end: at + simple.length + 2, whole: true } : null;
  }
  const head = COUNTED.exec(text.slice(at, at + 12));
  if (!head) return null;
  const n = Number(head[1]);
  at += head[0].length;
  if (n < 0) return { words: '(nil)', end: at, whole: true };
  if (kind === '$') {
    const end = at + n;
    return text.slice(end, end + 2) === '\r\n' ? { words: word(text.slice(at, end), depth), end: end + 2, whole: true } : null;
  }
  if (n === 0 || depth === DEPTH) return null;
  const words = [];
  let whole = true;
  for (let i = 0; i < n && whole; i++) {
    const value = respValue(text, at, depth + 1);
    if (value) words.push(value.words);
    whole = value?.whole ?? false;
    at = value?.end ?? at;
  }
  if (words.length === 0) return null;
  return { words: depth > 0 ? `[${words.join(' ')}]` : words.join(' '), end: at, whole };
}

/** In quotes where it would not be seen where it ends, and where it stands alone. @param {string} text @param {number} depth */
function word(text, depth) {
  if (depth > 0 && /^[\x21\x23-\x7e]+$/.test(text) && text.length <= WORD) return text;
  return goString(Uint8Array.from(text, (c) => c.charCodeAt(0)), Math.min(text.length, WORD));
}

// TLS: the records of RFC 8446 §5.1, and of what they hold the two messages that are plain in every version.

/** @type {Record<number, string>} */
const RECORDS = { 20: 'Change Cipher Spec', 21: 'Alert', 22: 'Handshake', 23: 'Application Data' };
/** @type {Record<number, string>} */
const HELLOS = { 1: 'Client Hello', 2: 'Server Hello' };
/** @type {Record<number, string>} */
const VERSIONS = { 0x0301: ' 1.0', 0x0302: ' 1.1', 0x0303: ' 1.2', 0x0304: ' 1.3' };
const MAX_RECORD = 2 ** 14 + 2048; // RFC 5246 §6.2.3; that of TLS 1.3 is shorter
const SUPPORTED_VERSIONS = 43;

/** @param {Uint8Array} data @param {number} i */
function u16(data, i) {
  return i + 2 <= data.length ? data[i] << 8 | data[i + 1] : NaN;
}

/** @param {Uint8Array} data @param {number} len */
function tls(data, len) {
  if (data.length < 5) return null;
  /** @type {string[]} */
  const names = [];
  let version = '';
  let at = 0;
  while (at + 5 <= data.length) {
    const type = data[at];
    const size = u16(data, at + 3);
    if (!RECORDS[type] || data[at + 1] !== 3 || data[at + 2] > 4 || size > MAX_RECORD) return null;
    if (type === 20 ? size !== 1 : type !== 23 && size < 2) return null;
    const body = data.subarray(at + 5, at + 5 + size);
    const hello = type === 22 && isHello(body);
    const name = hello ? HELLOS[body[0]] : RECORDS[type];
    if (hello) version ||= helloVersion(body);
    if (names[names.length - 1] !== name) names.push(name);
    at += 5 + size;
  }
  if (at < data.length && !RECORDS[data[at]]) return null;
  return `TLS${version} ${names.join(', ')}${at === len ? '' : ' …'}`;
}

/** Whether it begins as a Hello does: what is encrypted looks like anything. @param {Uint8Array} body */
function isHello(body) {
  return HELLOS[body[0]] !== undefined && body[1] === 0 && body[4] === 3 && body[5] <= 3;
}

/** The newest version that a client offers, or the one that the server took; '' where it is not among what was kept. @param {Uint8Array} body */
function helloVersion(body) {
  const end = 4 + (body[1] << 16 | body[2] << 8 | body[3]);
  const client = body[0] === 1;
  let at = 38; // the header, the version, 32 random bytes
  at += 1 + (body[at] ?? NaN);
  at += client ? 2 + u16(body, at) : 3;
  if (client) at += 1 + (body[at] ?? NaN);
  if (at < end) at += 2;
  while (at + 4 <= Math.min(end, body.length)) {
    const size = u16(body, at + 2);
    if (u16(body, at) === SUPPORTED_VERSIONS) {
      const list = body.subarray(at + 4, at + 4 + size);
      if (list.length < size) return '';
      if (!client) return VERSIONS[u16(list, 0)] ?? '';
      let newest = 0;
      for (let i = 1; i + 2 <= size; i += 2) if (VERSIONS[u16(list, i)]) newest = Math.max(newest, u16(list, i));
      return VERSIONS[newest] ?? '';
    }
    at += 4 + size;
  }
  // Without the extension, the field of old is what counts.
  return at === end ? VERSIONS[u16(body, 4)] ?? '' : '';
}

/** Text in quotes, as a Go program writes it, or hex, where most of it would be escapes. @param {Uint8Array} data @param {number} len */
function bytesOf(data, len) {
  if (isText(data.subarray(0, TEXT))) return goString(data, Math.min(data.length, TEXT)) + (data.length <= TEXT && data.length < len ? '…' : '');
  return Array.from(data.subarray(0, HEX), (b) => hex(b, 2)).join(' ') + (len > HEX ? ' …' : '');
}

/** @param {Uint8Array} data */
function isText(data) {
  // Most of what is no text is known by its bytes: decoding takes longer.
  const odd = data.reduce((n, b) => n + ((b < 0x20 && b !== 9 && b !== 10 && b !== 13) || b === 0x7f ? 1 : 0), 0);
  if (odd * 4 > data.length || data.every((b) => b < 0x80)) return odd * 4 <= data.length;
  const text = new TextDecoder().decode(data, { stream: true });
  return text !== '' && (text.match(ODD)?.length ?? 0) * 4 <= text.length;
}

const ODD = /[^\P{C}\t\r\n]|\ufffd/gu;
