// The inspector's panes for a selected segment: its header decoded, and its bytes in the same colours.

/** @import {Segment, SegmentOption, SegmentRecord} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { el } from '../dom.js';
import { decodeBase64 } from '../format.js';
import { t } from '../i18n.js';
import { keptOf } from '../views/segments-kept.js';
import { endWords, noteWords } from '../views/segments-cells.js';
import { isReadable, segmentName } from '../views/segment-words.js';
import { segmentHexPane } from './hex.js';
import { FLAGS, agreedOptions, decode, optionText, rangesOf, sizeWords } from './segment-fields.js';

/** @param {SegmentRecord} record */
export function segmentTitle(record) {
  const { sent, number } = record;
  const [from, to] = endWords(record);
  // The title has what an ICMP error says.
  const notes = noteWords(record).filter((note) => note !== segmentName(sent));
  return { kind: t('Segment {number}', { number }), title: segmentName(sent), ends: `${from} → ${to}`, about: [sizeWords(sent), ...notes].join(', ') };
}

/** @param {Desk} desk @param {SegmentRecord} record @returns {HTMLElement[]} */
export function segmentPanes(desk, record) {
  const { sent } = record;
  const kept = keptOf(desk.store);
  const known = kept.packet(record.number)?.packet ?? decodeBase64(sent.raw);
  const decoded = el('dl', { class: 'decoded', tabindex: '0', 'aria-label': t('Header of segment {number}', { number: record.number }) },
    decode(sent).map(({ key, tint, name, value, small, title, wrong }) => el('div', { dataset: { key }, title },
      el('dt', { dataset: tint ? { field: tint } : {} }, name),
      el('dd', wrong ? { class: 'decoded-wrong', dataset: { phase: 'error' } } : null, value, small ? el('small', null, ` ${small}`) : ''))),
    isReadable(sent) ? [flagsRow(sent), optionsRow(desk, sent)] : []);
  const hex = segmentHexPane(known, sent.bytes, rangesOf(sent), t('segment {number}', { number: record.number }), async () => (await kept.fetchPacket(record.number)));
  const panes = [decoded, hex];
  for (const pane of panes) {
    pane.addEventListener('pointerover', (e) => light(panes, keyAt(e.target)));
    pane.addEventListener('pointerleave', () => light(panes, ''));
  }
  return panes;
}

/** @param {Segment} segment */
function flagsRow({ flags = '' }) {
  const on = new Set(flags.split(', '));
  return el('div', { class: 'decoded-wide', dataset: { key: 'flags' } }, el('dt', { dataset: { field: 'flags' } }, t('Flags')),
    el('dd', { class: 'flags' }, FLAGS.map((flag) => el('span', { class: 'flag', dataset: on.has(flag) ? { on: '' } : {} }, flag, el('span', { class: 'sr-only' }, ` ${on.has(flag) ? t('set') : t('not set')}`)))));
}

/** @param {Desk} desk @param {Segment} segment */
function optionsRow(desk, segment) {
  const own = (segment.options ?? []).map((option) => optionText(option, segment)).filter((option) => option !== null);
  const [syn, peer] = handshake(desk, segment);
  const agreed = agreedOptions(segment, syn, peer).map((option) => optionText(option)).filter((option) => option !== null);
  return el('div', { class: 'decoded-wide', dataset: { key: 'options' } }, el('dt', { dataset: { field: 'opt' } }, t('Options')),
    el('dd', { class: 'opts' },
      own.length === 0 ? el('small', null, t('none')) : own.map(({ text, title }) => el('span', { class: 'opt', title }, text)),
      agreed.length > 0 && el('small', null, t('handshake')),
      agreed.map(({ text, title }) => el('span', { class: 'opt', title, dataset: { agreed: '' } }, text))));
}

/** The newest SYN of either side before this segment. @param {Desk} desk @param {Segment} segment @returns {[own: Segment|undefined, peer: Segment|undefined]} */
function handshake(desk, { src, dst, left_ns }) {
  /** @type {Segment|undefined} */ let own;
  /** @type {Segment|undefined} */ let peer;
  for (const { segment: record } of desk.store.segments.entries) {
    if (!record || record.left_ns > left_ns || !record.sent.flags?.startsWith('SYN')) continue;
    const { sent } = record;
    if (sent.src === src && sent.dst === dst) own = sent;
    else if (sent.src === dst && sent.dst === src) peer = sent;
  }
  return [own, peer];
}

/** @param {EventTarget|null} target */
function keyAt(target) {
  const at = target instanceof Element ? target.closest('[data-key]') : null;
  return at instanceof HTMLElement ? at.dataset.key ?? '' : '';
}

/** A field lights its bytes, and the other way round. @param {HTMLElement[]} panes @param {string} key */
function light(panes, key) {
  for (const pane of panes) {
    for (const part of pane.querySelectorAll('[data-key]')) part.toggleAttribute('data-lit', key !== '' && /** @type {HTMLElement} */ (part).dataset.key === key);
  }
}
