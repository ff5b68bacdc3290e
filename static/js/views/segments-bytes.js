// Bytes as a person or a program reads them. Pure.

import { hex } from '../format.js';
import { texts } from '../i18n.js';

/** @typedef {import('../prefs.js').StreamFormat} Format */
/** @typedef {{text: string, escaped: boolean}} Run `escaped`: stands for bytes that are no text */

/** @type {[format: Format, name: string][]} */
export const FORMATS = texts([['text', 'text'], ['hex', 'hex'], ['c', 'C array'], ['base64', 'base64']]);

/** @type {Record<number, string>} */
const ESCAPES = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r' };
/** What is drawn as itself; the rest would hide, or turn the line around. */
const VISIBLE = /[^\p{C}\p{Zl}\p{Zp}]/u;

/** @param {Uint8Array} data @param {Format} format @returns {Run[]} */
export function runsOf(data, format) {
  switch (format) {
    case 'text': return textRuns(data);
    case 'hex': return [{ text: Array.from(data, (b) => hex(b, 2)).join(' '), escaped: false }];
    case 'c': return [{ text: Array.from(data, (b) => `0x${hex(b, 2)}`).join(', '), escaped: false }];
    case 'base64': return [{ text: base64(data), escaped: false }];
  }
}

/** @param {Uint8Array} data */
function base64(data) {
  let binary = '';
  for (let i = 0; i < data.length; i += 8192) binary += String.fromCharCode(...data.subarray(i, i + 8192));
  return btoa(binary);
}

/** UTF-8 where it is, escapes where it is not. @param {Uint8Array} data @returns {Run[]} */
function textRuns(data) {
  /** @type {Run[]} */
  const runs = [];
  /** @param {string} text @param {boolean} escaped */
  const put = (text, escaped) => {
    const last = runs.at(-1);
    if (last && last.escaped === escaped) last.text += text;
    else runs.push({ text, escaped });
  };
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let i = 0; i < data.length;) {
    const size = data[i] < 0x80 ? 1 : data[i] >= 0xf0 ? 4 : data[i] >= 0xe0 ? 3 : 2;
    let char = '';
    try {
      char = decoder.decode(data.subarray(i, i + size));
    } catch {
      put(`\\x${hex(data[i], 2)}`, true);
      i++;
      continue;
    }
    if (VISIBLE.test(char)) put(char, false);
    else if (size === 1) put(ESCAPES[data[i]] ?? `\\x${hex(data[i], 2)}`, true);
    else put(`\\u{${hex(/** @type {number} */ (char.codePointAt(0)), 4)}}`, true);
    i += size;
  }
  return runs;
}
