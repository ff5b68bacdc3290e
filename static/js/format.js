// How numbers, times, addresses and bytes are written. Pure.

/** @import {Phase, TcpState} from './types.js' */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/**
 * "5 B", "1.2 KiB", "276 KiB".
 * @param {number} n
 */
export function bytes(n) {
  const [value, unit] = scaled(n);
  return `${value} ${unit}`;
}

/**
 * "64.0 / 64.0 KiB"; "6 B / 128 KiB" where the two have units of their own: in the larger one 6 bytes would read "0.0".
 * @param {number} part
 * @param {number} whole
 */
export function bytesOf(part, whole) {
  const [value, unit] = scaled(part);
  const [all, unitOfAll] = scaled(whole);
  return part === 0 || unit === unitOfAll ? `${value} / ${all} ${unitOfAll}` : `${value} ${unit} / ${all} ${unitOfAll}`;
}

const RATES = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];

/**
 * "800 bit/s", "1.5 Mbit/s", "320 Mbit/s": rates count in thousands.
 * @param {number} bitsPerSecond
 */
export function bitRate(bitsPerSecond) {
  const power = powerOf(bitsPerSecond, 1000, RATES.length);
  return `${inUnit(bitsPerSecond, power, 1000)} ${RATES[power]}`;
}

/** @param {number} n @returns {[string, string]} */
function scaled(n) {
  const power = powerOf(n, 1024, UNITS.length);
  return [inUnit(n, power, 1024), UNITS[power]];
}

/**
 * Which of so many units a number is written in: the next one already where rounding would write a whole one of it, "1024 KiB".
 * @param {number} n @param {number} base @param {number} units
 */
function powerOf(n, base, units) {
  let power = 0;
  for (let v = Math.abs(n); v >= base - 0.5 && power < units - 1; v /= base) power++;
  return power;
}

/** @param {number} n @param {number} power @param {number} base @returns {string} */
function inUnit(n, power, base) {
  if (n < 0) return `−${inUnit(-n, power, base)}`;
  const value = n / base ** power;
  if (power === 0) return String(Math.round(value));
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

/**
 * A whole number with thousands separated: "1,448".
 * @param {number} n
 */
export function count(n) {
  return THOUSANDS.format(n);
}

const THOUSANDS = new Intl.NumberFormat('en-US'); // in Chromium a good twenty times as fast as toLocaleString

/**
 * How many columns a text takes in a monospaced type: a Chinese character takes two (UAX #11).
 * @param {string} text
 */
export function columns(text) {
  return text.length + (text.match(/[\u2e80-\u9fff\uff00-\uff60]/g)?.length ?? 0);
}

/**
 * "400 ns", "0.083 ms", "1.1 ms", "3.2 s", "47 s", "2 min 3 s".
 * @param {number} ns
 * @returns {string}
 */
export function duration(ns) {
  const ms = ns / 1e6;
  if (ms < 0) return `−${duration(-ns)}`;
  if (ms === 0) return '0 ms';
  if (ns < 999.5) return `${Math.max(1, Math.round(ns))} ns`;
  if (ms < 0.9995) return `${ms.toFixed(3)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 59.5) return `${Math.round(s)} s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/**
 * The session's clock, "0:18.204"; with the session's start, the wall clock, "08:34:16.204".
 * @param {number} ns
 * @param {Date} [startedAt]
 */
export function clock(ns, startedAt) {
  const ms = Math.floor(ns / 1e6);
  if (startedAt) {
    const t = new Date(startedAt.getTime() + ms);
    return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, '0')}`;
  }
  const s = Math.floor(ms / 1000);
  return `${Math.floor(s / 60)}:${two(s % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** @param {number} n */
function two(n) {
  return String(n).padStart(2, '0');
}

/**
 * An address:port as it is shown; nothing known is a dash.
 * @param {string} [address]
 */
export function endpoint(address) {
  return address || '–';
}

/**
 * "8330" of "127.0.0.1:8330"; '' if there is none.
 * @param {string} [address]
 */
export function portOf(address) {
  const colon = colonOf(address);
  return colon < 0 ? '' : String(address).slice(colon + 1);
}

/**
 * "127.0.0.1" of "127.0.0.1:8330", "::1" of "[::1]:80" and of "::1".
 * @param {string} [address]
 */
export function hostOf(address) {
  const colon = colonOf(address);
  return colon < 0 ? (address ?? '') : String(address).slice(0, colon).replace(/^\[|\]$/g, '');
}

/** @type {Record<TcpState, Phase>} */
const PHASES = {
  CLOSED: 'idle', LISTEN: 'idle',
  SYN_SENT: 'opening', SYN_RCVD: 'opening',
  ESTABLISHED: 'open',
  FIN_WAIT_1: 'closing', FIN_WAIT_2: 'closing', CLOSE_WAIT: 'closing', LAST_ACK: 'closing', CLOSING: 'closing',
  TIME_WAIT: 'wait',
};

const FAILURES = new Set(['refused', 'timed_out', 'reset_sent', 'reset_received', 'aborted', 'destroyed']);

/**
 * The phase of a connection's life that a state belongs to; a CLOSED that a failure led to is an error.
 * @param {TcpState} state
 * @param {string} [reason]
 * @returns {Phase}
 */
export function phaseOf(state, reason) {
  if (state === 'CLOSED' && reason && FAILURES.has(reason)) return 'error';
  return PHASES[state] ?? 'idle';
}

/**
 * @param {string} [base64]
 * @returns {Uint8Array}
 */
export function decodeBase64(base64) {
  if (!base64) return new Uint8Array(0);
  const binary = atob(base64);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) out[i] = binary.charCodeAt(i);
  return out;
}

// What strconv.IsPrint of Go lets through, near enough for a preview.
const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** @type {Record<number, string>} */
const ESCAPES = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\' };

/**
 * The bytes as Go's strconv.Quote writes them: "hello\n", "\xff".
 * @param {Uint8Array} data
 * @param {number} [limit] how many bytes to show; the rest becomes an ellipsis after the quote
 */
export function goString(data, limit = data.length) {
  const shown = data.subarray(0, limit);
  let out = '"';
  for (let i = 0; i < shown.length; ) {
    const [rune, size] = decodeRune(shown, i);
    if (size === 0) {
      // Not UTF-8; a rune that the limit cut in two ends the preview.
      if (limit < data.length && shown.length - i < 4 && decodeRune(data, i)[1] > 0) break;
      out += `\\x${hex(shown[i], 2)}`;
      i++;
      continue;
    }
    out += quoteRune(rune);
    i += size;
  }
  return `${out}"${limit < data.length ? '…' : ''}`;
}

/** @param {number} rune */
function quoteRune(rune) {
  if (ESCAPES[rune]) return ESCAPES[rune];
  const char = String.fromCodePoint(rune);
  if ((rune >= 0x20 && rune < 0x7f) || PRINTABLE.test(char)) return char;
  if (rune < 0x80) return `\\x${hex(rune, 2)}`;
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`;
}

/** @param {number} n @param {number} width */
export function hex(n, width) {
  return n.toString(16).padStart(width, '0');
}

/**
 * One rune of UTF-8 and its length; length 0 where the bytes are not UTF-8 (RFC 3629 §3).
 * @param {Uint8Array} b
 * @param {number} i
 * @returns {[number, number]}
 */
function decodeRune(b, i) {
  const first = b[i];
  if (first < 0x80) return [first, 1];
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || i + size > b.length) return [0, 0];
  let rune = first & (0x7f >> size);
  for (let k = 1; k < size; k++) {
    if ((b[i + k] & 0xc0) !== 0x80) return [0, 0];
    rune = (rune << 6) | (b[i + k] & 0x3f);
  }
  const smallest = [0, 0, 0x80, 0x800, 0x10000][size];
  const surrogate = rune >= 0xd800 && rune <= 0xdfff;
  return rune < smallest || rune > 0x10ffff || surrogate ? [0, 0] : [rune, size];
}

/** The colon before the port; −1 where there is none, as in an IPv6 address without brackets. @param {string} [address] */
function colonOf(address = '') {
  const colon = address.lastIndexOf(':');
  return address.startsWith('[') || address.indexOf(':') === colon ? colon : -1;
}
