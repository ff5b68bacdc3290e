// Bytes as hex and text, 16 a row.

/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el } from '../dom.js';
import { bytes, count, decodeBase64, hex } from '../format.js';

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
  const pane = el('div', { class: 'hex', tabindex: '0', 'aria-label': `Bytes of ${of}` }, dump);
  const shown = Math.min(known.length, FIRST_ROWS * ROW);
  if (total <= shown) return pane;

  const all = el('button', { class: 'btn btn-sm', type: 'button' }, `Show all ${count(total)} bytes`);
  all.addEventListener('click', async () => {
    all.disabled = true;
    try {
      const ok = await desk.store.send({ type: 'payload', seq });
      const whole = decodeBase64(ok.data);
      dump.textContent = hexDump(whole);
      note.textContent = ok.complete ? '' : `These are the first ${bytes(whole.length)} of ${bytes(ok.bytes ?? total)}; the rest is not kept.`;
      all.remove();
    } catch (error) {
      note.textContent = messageOf(error);
      all.disabled = false;
    }
  });
  pane.append(all, note);
  return pane;
}
