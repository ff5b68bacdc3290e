// What is typed, as bytes: Go's escapes, hex, base64. The server reads it by the same rules; this is for showing
// the first mistake in place, before anything is sent. Pure.

import { t } from './i18n.js';

/** @typedef {{ok: true, bytes: Uint8Array}|{ok: false, at: number, length: number, message: string}} Encoded */

/** @type {Record<string, number>} */
const SIMPLE = { n: 10, r: 13, t: 9, '\\': 92, '"': 34, "'": 39, a: 7, b: 8, f: 12, v: 11, 0: 0 };

/**
 * @param {string} text
 * @param {'text'|'hex'|'base64'} encoding
 * @returns {Encoded}
 */
export function encode(text, encoding) {
  switch (encoding) {
    case 'text': return encodeText(text);
    case 'hex': return encodeHex(text);
    case 'base64': return encodeBase64(text);
  }
}

/** @param {string} text @returns {Encoded} */
function encodeText(text) {
  /** @type {number[]} */
  const out = [];
  const utf8 = new TextEncoder();
  let plain = '';
  const flush = () => {
    for (const byte of utf8.encode(plain)) out.push(byte);
    plain = '';
  };
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '\\') {
      plain += text[i++];
      continue;
    }
    const escape = readEscape(text, i);
    if (!escape) return { ok: false, at: i, length: 1 + characterAt(text, i + 1).length, message: t('{escape} is no escape of Go; write \\\\ for a backslash.', { escape: text[i] + characterAt(text, i + 1) }) };
    if (escape.rune === undefined) {
      flush();
      out.push(escape.byte ?? 0);
    } else plain += String.fromCodePoint(escape.rune);
    i += escape.length;
  }
  flush();
  return { ok: true, bytes: Uint8Array.from(out) };
}

/**
 * @param {string} text
 * @param {number} at of the backslash
 * @returns {{byte?: number, rune?: number, length: number}|null}
 */
function readEscape(text, at) {
  const rest = text.slice(at + 1);
  const octal = /^[0-3][0-7]{2}/.exec(rest);
  if (octal) return { byte: parseInt(octal[0], 8), length: 4 };
  const byte = /^x([0-9a-fA-F]{2})/.exec(rest);
  if (byte) return { byte: parseInt(byte[1], 16), length: 4 };
  const rune = /^u([0-9a-fA-F]{4})|^U([0-9a-fA-F]{8})/.exec(rest);
  if (rune) {
    const code = parseInt(rune[1] ?? rune[2], 16);
    const valid = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return valid ? { rune: code, length: 1 + rune[0].length } : null;
  }
  const simple = SIMPLE[rest[0]];
  return simple === undefined ? null : { byte: simple, length: 2 };
}

/** A whole character, of which JavaScript may make two. @param {string} text @param {number} at */
function characterAt(text, at) {
  return at < text.length ? String.fromCodePoint(/** @type {number} */ (text.codePointAt(at))) : '';
}

/** @param {string} text @returns {Encoded} */
function encodeHex(text) {
  /** @type {number[]} */
  const out = [];
  let high = -1;
  let highAt = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (/[\s,:]/.test(c)) continue;
    if (c === '0' && /[xX]/.test(text[i + 1] ?? '') && high < 0) {
      i++;
      continue;
    }
    const digit = parseInt(c, 16);
    if (Number.isNaN(digit)) {
      const character = characterAt(text, i);
      return { ok: false, at: i, length: character.length, message: t('“{character}” at {at} is not a hex digit.', { character, at: i + 1 }) };
    }
    if (high < 0) {
      high = digit;
      highAt = i;
    } else {
      out.push(high * 16 + digit);
      high = -1;
    }
  }
  if (high >= 0) return { ok: false, at: highAt, length: 1, message: t('The last byte has one digit; it needs two.') };
  return { ok: true, bytes: Uint8Array.from(out) };
}

/** @param {string} text @returns {Encoded} */
function encodeBase64(text) {
  const bad = /[^A-Za-z0-9+/=\s]/.exec(text);
  if (bad) {
    const character = characterAt(text, bad.index);
    return { ok: false, at: bad.index, length: character.length, message: t('“{character}” at {at} is not base64.', { character, at: bad.index + 1 }) };
  }
  try {
    return { ok: true, bytes: Uint8Array.from(atob(text.replace(/\s/g, '')), (c) => c.charCodeAt(0)) };
  } catch {
    return { ok: false, at: Math.max(0, text.length - 1), length: 1, message: t('This base64 is cut off; its length must be a multiple of 4.') };
  }
}
