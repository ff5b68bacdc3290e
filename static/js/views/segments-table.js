// The grid of the segment list: a head, and of the rows those in sight.

/** @import {SegmentRecord} from '../types.js' */
/** @import {Store} from '../store.js' */
/** @import {Row, SegmentRows} from './segments-rows.js' */

import { el, setAttr, setText, svg } from '../dom.js';
import { columns, count, phaseOf } from '../format.js';
import { t, texts } from '../i18n.js';
import { endWords, noteWords, optionWords, stateAfter, summaryWords, timeWords } from './segments-cells.js';
import { infoOf } from './segments-info.js';
import { keptOf } from './segments-kept.js';
import { isReadable, segmentPhase } from './segment-words.js';
import { VirtualRows } from './virtual-rows.js';

/** @type {[key: string, name: string][]} */
const COLUMNS = texts([
  ['no', 'No.'], ['time', 'Time, ms'], ['delta', 'Δ, ms'], ['ends', 'From → to'], ['flags', 'Flags'], ['seq', 'Seq'], ['ack', 'Ack'], ['len', 'Len'], ['win', 'Win'],
  ['options', 'Options'], ['client', 'Client after'], ['server', 'Server after'], ['info', 'Info'],
]);

/** @type {Record<string, string>} */
const TITLES = texts({
  time: 'Since the first segment of the session', delta: 'Since the row above',
  info: 'What is unusual about it, then what it carries: the first line of HTTP, commands of Redis, records of TLS, or its first bytes',
});

/** Whose states have a column, once there is one. */
const SIDES = /** @type {const} */ (['client', 'server']);

/** Columns that grow with what stands in them, in characters, and never shrink: nothing moves sideways twice. */
const GROWING = ['no', 'time', 'delta', 'ends', 'flags', 'seq', 'ack', 'options'];

/** @typedef {{cells: Map<string, HTMLElement>, who: HTMLElement, to: Text, cross: SVGElement, note: HTMLElement, states: Record<string, HTMLElement>, data: HTMLElement, button: HTMLButtonElement, row: Row|null}} Parts */

export class SegmentTable {
  /** Opens what a row stands for. @type {(row: Row) => void} */ onShow = () => {};
  /** When the first segment that the page knows left: times count from there. */ zero = 0;
  #store;
  #rows;
  #head = el('div', { class: 'segs-row segs-head', role: 'row', 'aria-rowindex': '1' },
    COLUMNS.map(([key, name]) => el('span', { role: 'columnheader', dataset: { column: key }, title: TITLES[key] ? t(TITLES[key]) : null }, t(name))));
  #body = el('div', { class: 'segs-body', role: 'rowgroup' });
  #grid = el('div', { class: 'segs-grid', role: 'grid', tabindex: '0', 'aria-label': t('Segments'), dataset: { without: SIDES.join(' ') }, 'aria-colcount': String(COLUMNS.length), 'aria-keyshortcuts': 'j k Control+. Control+,' },
    el('div', { class: 'segs-top', role: 'rowgroup' }, this.#head), this.#body);
  element = el('div', { class: 'segs' }, this.#grid);
  /** @type {VirtualRows<HTMLDivElement>} */ #virtual;
  /** @type {WeakMap<HTMLElement, Parts>} */ #parts = new WeakMap();
  /** @type {Map<string, number>} */ #widths = new Map();
  /** The sides whose states are known. @type {Set<string>} */ #full = new Set();

  /** @param {Store} store @param {SegmentRows} rows */
  constructor(store, rows) {
    this.#store = store;
    this.#rows = rows;
    this.#virtual = new VirtualRows({ scroller: this.element, body: this.#body, head: this.#head, make: () => this.#make(), show: (item, index) => this.#show(item, index) });
    this.#grid.addEventListener('click', (e) => this.#click(e.target));
    this.#grid.addEventListener('pointerover', (e) => this.#over(e.target));
    this.#grid.addEventListener('pointerleave', () => this.#store.setHover(null));
  }

  get grid() {
    return this.#grid;
  }

  measure() {
    this.#virtual.measure();
  }

  get rowPx() {
    return this.#virtual.rowPx;
  }

  /** @param {boolean} toEnd */
  draw(toEnd) {
    const { rows } = this.#rows;
    setAttr(this.#grid, 'aria-rowcount', String(rows.length + 1));
    this.#virtual.draw(rows.length, toEnd);
    const selected = this.#store.segmentOf(this.#store.selection);
    const item = selected === null ? undefined : this.#virtual.items.find((i) => this.#parts.get(i)?.row?.segment?.number === selected);
    setAttr(this.#grid, 'aria-activedescendant', item?.id ?? null);
  }

  /** @param {number} index */
  reveal(index) {
    this.#virtual.draw(this.#rows.rows.length);
    this.#virtual.reveal(index);
    this.#virtual.draw(this.#rows.rows.length);
  }

  /** The first row that the box shows, and how many. @returns {[first: number, count: number]} */
  get sight() {
    return this.#virtual.sight();
  }

  /** @param {SegmentRecord} record */
  select(record) {
    // What was fetched has no event in the log: the inspector finds it here.
    if (!this.#store.segments.get(record.number)) keptOf(this.#store).remember(record);
    this.#store.select(this.#store.selectionOf(record.number));
  }

  #make() {
    const cells = new Map(COLUMNS.map(([key]) => [key, el('span', { role: 'gridcell', dataset: { column: key } })]));
    const who = el('span', { class: 'who' });
    const to = document.createTextNode('');
    const cross = svg('svg', { 'aria-hidden': 'true', 'data-phase': 'error' }, svg('use', { href: '#s-error' }));
    const note = el('span', { class: 'segs-note' });
    // Where there is no room for their columns, the states stand here.
    const states = { client: el('span', { class: 'segs-state' }), server: el('span', { class: 'segs-state' }) };
    const data = el('span', { class: 'segs-data' });
    const button = el('button', { type: 'button', tabindex: '-1' }, t('Show'));
    cells.get('ends')?.append(who, to);
    cells.get('info')?.append(cross, note, ' ', states.client, ' ', states.server, ' ', data, button);
    const item = el('div', { class: 'segs-row', role: 'row' }, [...cells.values()]);
    this.#parts.set(item, { cells, who, to, cross, note, states, data, button, row: null });
    return item;
  }

  /** @param {HTMLElement} item @param {number} index */
  #show(item, index) {
    const parts = this.#parts.get(item);
    const row = this.#rows.rows[index];
    if (!parts || !row) return;
    parts.row = row;
    item.id = `segment-row-${index}`;
    setAttr(item, 'aria-rowindex', String(index + 2));
    const merged = row.segment === null;
    setAttr(item, 'data-merged', merged ? '' : null);
    for (const [key, cell] of parts.cells) if (key !== 'no' && key !== 'info') cell.hidden = merged;
    setAttr(/** @type {HTMLElement} */ (parts.cells.get('no')), 'aria-colspan', merged ? String(COLUMNS.length - 1) : null);
    parts.button.hidden = !merged;
    if (row.segment) this.#showSegment(item, parts, row.segment, this.#rows.rows[index - 1]);
    else this.#showMerged(item, parts, row);
  }

  /** @param {HTMLElement} item @param {Parts} parts @param {SegmentRecord} record @param {Row} [above] */
  #showSegment(item, parts, record, above) {
    const { cells } = parts;
    const { sent } = record;
    const tcp = isReadable(sent);
    const acks = tcp && (sent.flags ?? '').includes('ACK');
    const [from, to] = endWords(record);
    /** @param {string} key @param {string} text */
    const put = (key, text) => {
      const cell = /** @type {HTMLElement} */ (cells.get(key));
      setText(cell, text);
      if (GROWING.includes(key)) this.#grow(key, columns(text));
    };
    put('no', String(record.number));
    put('time', timeWords(record.left_ns - this.zero));
    // Above may be a row that stands for many, or for nobody knows what.
    const before = above?.segment?.left_ns ?? above?.summary?.last_ns;
    put('delta', before === undefined ? '' : timeWords(record.left_ns - before));
    setText(parts.who, from);
    setAttr(parts.who, 'data-from', sent.from);
    setText(parts.to, ` → ${to}`);
    this.#grow('ends', from.length + to.length + 4);
    put('flags', tcp ? sent.flags || t('none') : sent.icmp !== undefined ? 'ICMP' : 'IP');
    setAttr(/** @type {HTMLElement} */ (cells.get('flags')), 'data-phase', segmentPhase(sent));
    put('seq', tcp ? String(sent.seq_rel ?? '') : '');
    put('ack', acks ? String(sent.ack_rel ?? '') : '');
    put('len', tcp ? String(sent.len ?? 0) : '');
    put('win', tcp ? String(sent.win ?? '') : '');
    put('options', optionWords(sent));
    const changes = [];
    for (const side of SIDES) {
      const state = stateAfter(record, side);
      const cell = /** @type {HTMLElement} */ (cells.get(side));
      const inferred = state?.source === 'inferred';
      const said = state && inferred ? t('{state}, inferred', { state: state.to }) : null;
      put(side, state?.to ?? '');
      setText(parts.states[side], state ? `${state.socket} ${state.to}` : '');
      for (const part of [cell, parts.states[side]]) {
        setAttr(part, 'data-phase', state ? phaseOf(state.to, state.reason) : null);
        setAttr(part, 'data-inferred', inferred ? '' : null);
        setAttr(part, 'title', inferred ? t('It must have been so; nobody saw it') : null);
      }
      setAttr(cell, 'aria-label', said);
      changes.push(state ? `${state.socket} ${said ?? state.to}` : '');
    }
    const notes = noteWords(record).join(', ');
    const info = infoOf(sent);
    setText(parts.note, notes);
    setText(parts.data, info);
    setAttr(/** @type {HTMLElement} */ (cells.get('info')), 'title', [notes, ...changes, info].filter(Boolean).join('\n') || null);
    setAttr(parts.cross, 'hidden', record.dropped ? null : '');
    setAttr(item, 'data-lost', record.dropped ? '' : null);
    const { selection, hovers } = this.#store;
    setAttr(item, 'aria-selected', String(this.#store.segmentOf(selection) === record.number));
    setAttr(item, 'data-hover', hovers.some((hover) => this.#store.segmentOf(hover) === record.number) ? '' : null);
  }

  /** @param {HTMLElement} item @param {Parts} parts @param {Row} row */
  #showMerged(item, { cells, note, states, data, cross, button }, row) {
    const words = row.summary ? summaryWords(row.summary) : restWords(row);
    setText(/** @type {HTMLElement} */ (cells.get('no')), words);
    setText(note, row.rest?.stretch.error ?? '');
    for (const part of [states.client, states.server, data]) setText(part, '');
    setAttr(/** @type {HTMLElement} */ (cells.get('info')), 'title', row.rest?.stretch.error || null);
    setAttr(cross, 'hidden', '');
    const range = row.summary ? `${row.summary.first}–${row.summary.last}` : row.rest?.stretch.rest(row.rest.side)?.join('–');
    setAttr(button, 'aria-label', t('Show segments {range}', { range }));
    const busy = (row.rest?.stretch.loading ?? -1) >= 0;
    button.hidden = row.rest?.stretch.gone === true;
    setText(button, busy ? t('Loading') : row.rest?.stretch.error ? t('Retry') : t('Show'));
    setAttr(item, 'data-lost', null);
    setAttr(item, 'aria-selected', 'false');
    setAttr(item, 'data-hover', null);
  }

  /** A segment changed a state: there is a column for it from now on. @param {SegmentRecord} record */
  changed(record) {
    const before = this.#full.size;
    for (const side of SIDES) if (stateAfter(record, side)) this.#full.add(side);
    if (this.#full.size > before) this.#grid.dataset.without = SIDES.filter((one) => !this.#full.has(one)).join(' ');
  }

  /** @param {string} key @param {number} chars */
  #grow(key, chars) {
    if (chars <= (this.#widths.get(key) ?? 0)) return;
    this.#widths.set(key, chars);
    this.#grid.style.setProperty(`--${key}`, `${chars}ch`);
  }

  // Pointer.

  /** @param {EventTarget|null} target */
  #rowAt(target) {
    const item = target instanceof Element ? target.closest('.segs-row') : null;
    return item instanceof HTMLElement ? this.#parts.get(item)?.row ?? null : null;
  }

  /** @param {EventTarget|null} target */
  #click(target) {
    const row = this.#rowAt(target);
    if (!row) return;
    if (row.segment) this.select(row.segment);
    else this.onShow(row);
  }

  /** @param {EventTarget|null} target */
  #over(target) {
    const number = this.#rowAt(target)?.segment?.number;
    this.#store.setHover(number === undefined ? null : this.#store.selectionOf(number));
  }
}

/** @param {Row} row */
function restWords({ rest }) {
  const range = rest?.stretch.rest(rest.side);
  if (!rest || !range) return '';
  const [first, last] = range;
  const what = rest.stretch.gone ? t('not kept any more') : rest.stretch.backwards ? t('older than what this page shows') : t('not loaded');
  const values = { n: count(last - first + 1), first, last, what };
  return last === first ? t('1 number, {first} to {last}: {what}', values) : t('{n} numbers, {first} to {last}: {what}', values);
}
