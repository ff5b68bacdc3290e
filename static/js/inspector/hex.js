// Bytes as hex and text, 16 a row.

/** @import {Desk} from '../desk.js' */
/** @import {Range} from './segment-fields.js' */

import { messageOf } from '../desk.js';
import { el } from '../dom.js';
import { bytes, count, decodeBase64, hex } from '../format.js';
import { t } from '../i18n.js';

const ROW = 16;
/** More rows only when asked for. */
const FIRST_ROWS = 64;

/**
 * @param {Uint8Array} data
 * @param {number} [rows]
 */
export function hexDump(data, rows = Infinity) {
  const lines = [];
  for (let at = 0; at < data.length && lines.length < rows; at += ROW) {
    const row = data.subarray(at, at + ROW);
    const digits = [...row].map((b) => hex(b, 2)).join(' ').padEnd(ROW * 3 - 1);
    const text = [...row].map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('');
    lines.push(`${hex(at, 4)}  ${digits}  ${text}`);
  }
  return lines.join('\n');
}

/**
 * The beginning that the event carries, and the rest on demand.
 * @param {Desk} desk
 * @param {{seq: number, data?: string, total: number, of: string}} config
 */
export function hexPane(desk, { seq, data, total, of }) {
  const known = decodeBase64(data);
  const dump = el('pre', null, hexDump(known, FIRST_ROWS));
  const note = el('p', { class: 'muted' });
  const pane = el('div', { class: 'hex', tabindex: '0', 'aria-label': t('Bytes of {of}', { of }) }, dump);
  const shown = Math.min(known.length, FIRST_ROWS * ROW);
  if (total <= shown) return pane;

  const all = el('button', { class: 'btn btn-sm', type: 'button' }, t('Show all {n} bytes', { n: count(total) }));
  all.addEventListener('click', async () => {
    all.disabled = true;
    try {
      const ok = await desk.store.send({ type: 'payload', seq });
      const whole = decodeBase64(ok.data);
      dump.textContent = hexDump(whole);
      note.textContent = ok.complete ? '' : t('These are the first {part} of {all}; the rest is not kept.', { part: bytes(whole.length), all: bytes(ok.bytes ?? total) });
      all.remove();
    } catch (error) {
      note.textContent = messageOf(error);
      all.disabled = false;
    }
  });
  pane.append(all, note);
  return pane;
}

/**
 * The parts of one row that belong to the same field.
 * @param {Uint8Array} data
 * @param {number} at  first byte of the row
 * @param {Range[]} ranges
 * @returns {{range: Range|undefined, bytes: Uint8Array}[]}
 */
export function rowParts(data, at, ranges) {
  const end = Math.min(data.length, at + ROW);
  const parts = [];
  for (let from = at; from < end;) {
    const range = ranges.find((r) => r.from <= from && from < r.to);
    const next = range?.to ?? ranges.find((r) => r.from > from)?.from ?? end;
    const to = Math.min(end, next);
    parts.push({ range, bytes: data.subarray(from, to) });
    from = to;
  }
  return parts;
}

/**
 * A packet's bytes in the colours of its fields.
 * @param {Uint8Array} data
 * @param {Range[]} ranges
 * @param {number} rows
 */
function tintedDump(data, ranges, rows) {
  const dump = el('pre', null);
  for (let at = 0, row = 0; at < data.length && row < rows; at += ROW, row++) {
    const parts = rowParts(data, at, ranges);
    const length = parts.reduce((sum, part) => sum + part.bytes.length, 0);
    const ascii = el('span', { class: 'hex-ascii' });
    dump.append(el('span', { class: 'hex-at' }, hex(at, 4)), '  ');
    for (const [i, { range, bytes: part }] of parts.entries()) {
      const digits = [...part].map((b) => hex(b, 2)).join(' ');
      const text = [...part].map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('');
      const payload = range?.tint === 'payload';
      const attrs = { class: payload ? 'hex-bytes' : undefined, title: range?.title, dataset: { ...(range ? { key: range.key } : {}), ...(range?.tint && !payload ? { field: range.tint } : {}) } };
      dump.append(i > 0 ? ' ' : '', el(payload ? 'mark' : 'span', attrs, digits));
      ascii.append(el(payload ? 'mark' : 'span', range ? { dataset: { key: range.key } } : null, text));
    }
    dump.append(' '.repeat((ROW - length) * 3 + 2), ascii, '\n');
  }
  return dump;
}

/**
 * @param {Uint8Array} known  the beginning of the packet, or all of it
 * @param {number} total
 * @param {Range[]} ranges
 * @param {string} of
 * @param {() => Promise<{packet: Uint8Array, complete: boolean, bytes: number}>} fetch the whole packet
 */
export function segmentHexPane(known, total, ranges, of, fetch) {
  const pane = el('div', { class: 'hex', tabindex: '0', role: 'group', 'aria-label': t('Bytes of {of}', { of }) }, tintedDump(known, ranges, FIRST_ROWS));
  if (total <= Math.min(known.length, FIRST_ROWS * ROW)) return pane;
  const note = el('p', { class: 'muted', role: 'status' });
  const all = el('button', { class: 'btn btn-sm', type: 'button' }, t('Show all {n} bytes', { n: count(total) }));
  all.addEventListener('click', async () => {
    all.disabled = true;
    try {
      const { packet, complete } = await fetch();
      pane.firstChild?.replaceWith(tintedDump(packet, ranges, Infinity));
      note.textContent = complete ? '' : t('These are the first {part} of {all}; the rest is not kept.', { part: bytes(packet.length), all: bytes(total) });
      all.remove();
    } catch (error) {
      note.textContent = messageOf(error);
      all.disabled = false;
    }
  });
  pane.append(all, note);
  return pane;
}
