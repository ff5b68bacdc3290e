// The bar over the segment list: the filter, its chips, how much it leaves, and saving that.

/** @import {Pair} from '../types.js' */
/** @import {Test} from './segments-filter.js' */

import { el, icon, setAttr, setText, svg } from '../dom.js';
import { t, texts } from '../i18n.js';
import { menuButton } from '../menu.js';
import { allOf, anyOf, parseFilter } from './segments-filter.js';

/** @typedef {import('../menu.js').MenuItem} MenuItem */

/** What a chip lets through; those that are on add up. @type {[name: string, title: string, test: Test][]} */
const KINDS = texts([
  ['SYN/FIN/RST', 'Segments that open and end connections', (f) => f.flags === null ? null : f.flags.some((flag) => flag === 'SYN' || flag === 'FIN' || flag === 'RST')],
  ['Data', 'Segments with payload', (f) => f.data],
  ['Retransmissions', 'What a kernel sent again', (f) => f.retransmission],
]);

export class SegmentsBar {
  field = el('input', { class: 'field field-sm', type: 'search', 'aria-label': t('Filter segments'), placeholder: t('Filter: flags, words, len > 0'), title: t('syn  flags:fin  dir:out  len>0  port:8330  host 127.0.0.1  C2  retrans  "text in the payload"  -not  and  or  ( )'), autocomplete: 'off', spellcheck: 'false', 'aria-keyshortcuts': '/', 'aria-describedby': 'segments-filter-error' });
  /** Of no connection, there is none. */ #only = el('button', { class: 'chipbtn', type: 'button', 'aria-pressed': 'false', hidden: true });
  #kinds = KINDS.map(([name, title]) => el('button', { class: 'chipbtn', type: 'button', 'aria-pressed': 'false', title: t(title) }, t(name)));
  #count = el('span', { class: 'muted push', role: 'status', 'aria-live': 'off' });
  #error = el('p', { class: 'segs-error', id: 'segments-filter-error', role: 'status', dataset: { phase: 'error' }, hidden: true });
  #changed;
  /** The socket that the first chip keeps to. */ #socket = '';

  /** @param {{changed: () => void, saves: () => MenuItem[]}} config */
  constructor({ changed, saves }) {
    this.#changed = changed;
    const glass = svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('circle', { cx: 7, cy: 7, r: 4 }), svg('path', { d: 'm10 10 3.5 3.5' }));
    const label = document.createDocumentFragment();
    label.append(icon('i-save'), el('span', null, t('Save pcapng')));
    this.save = menuButton({ label: t('Save pcapng'), class: 'btn btn-sm', content: label, items: saves });
    this.save.button.dataset.acts = '';
    this.elements = [
      el('div', { class: 'viewbar segs-bar' }, el('label', { class: 'search' }, glass, this.field),
        el('div', { class: 'log-chips', role: 'group', 'aria-label': t('Quick filters') }, this.#only, ...this.#kinds), this.#count, this.save.button, this.save.menu),
      this.#error,
    ];
    this.field.addEventListener('input', () => changed());
    for (const chip of [this.#only, ...this.#kinds]) {
      chip.addEventListener('click', () => {
        setAttr(chip, 'aria-pressed', String(!isOn(chip)));
        changed();
      });
    }
  }

  /** Which connection the first chip keeps to. @param {Pair} pair */
  set pair({ left, right }) {
    const socket = left ?? right ?? '';
    if (socket === this.#socket) return;
    this.#socket = socket;
    setText(this.#only, t('{socket} only', { socket }));
    this.#only.hidden = socket === '';
    if (isOn(this.#only)) this.#changed();
  }

  clear() {
    this.field.value = '';
    for (const chip of [this.#only, ...this.#kinds]) setAttr(chip, 'aria-pressed', 'false');
    this.#changed();
  }

  /** What the field and the chips let through together; null: everything. A filter that cannot be read is said, and lets everything through. */
  get test() {
    const { test, error } = parseFilter(this.field.value);
    setAttr(this.field, 'aria-invalid', error ? 'true' : null);
    this.say(error?.message ?? '');
    /** @type {Test[]} */
    const tests = test ? [test] : [];
    const socket = this.#socket;
    if (isOn(this.#only) && socket) tests.push((f) => f.sockets.includes(socket));
    const kinds = KINDS.filter((_, i) => isOn(this.#kinds[i])).map(([, , kind]) => kind);
    if (kinds.length > 0) tests.push(anyOf(kinds));
    return tests.length > 0 ? allOf(tests) : null;
  }

  /** What is wrong, in the line below the bar; '' for nothing. @param {string} sentence */
  say(sentence) {
    this.#error.hidden = sentence === '';
    setText(this.#error, sentence);
  }

  /** @param {string} words */
  set count(words) {
    setText(this.#count, words);
  }
}

/** @param {Element} chip */
function isOn(chip) {
  return chip.getAttribute('aria-pressed') === 'true';
}
