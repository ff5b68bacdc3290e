// <log-view>: every event as one line, in the order of the session.

/** @import {Change, PlaygroundEvent} from '../types.js' */
/** @import {Group} from './log-model.js' */

import { isFault, sourceName } from '../explain.js';
import { copyText } from '../copy.js';
import { demoButton } from '../demo/button.js';
import { el, setAttr, setText, svg } from '../dom.js';
import { clock, count, phaseOf } from '../format.js';
import { t, texts } from '../i18n.js';
import { LogIndex, groupOf, matches, parseFilter } from './log-model.js';
import { View } from './view.js';
import { VirtualRows } from './virtual-rows.js';
import { eventWords } from './words.js';

/** Events looked at in one frame: a few milliseconds with words to compare. */
const SCAN_EVENTS = 10_000;
const AT_END_PX = 12;

/** @type {[Group, string][]} */
const CHIPS = texts([['calls', 'Calls'], ['states', 'States'], ['segments', 'Segments'], ['metrics', 'Metrics'], ['notices', 'Notices']]);

/** @typedef {{time: HTMLElement, seq: HTMLElement, socket: HTMLElement, text: HTMLElement, source: HTMLElement}} Parts */

export class LogView extends View {
  /** @type {Set<Group>} */ #groups = new Set(['calls', 'states', 'segments', 'notices']);
  #index = new LogIndex(() => false);
  #following = true;
  #behind = 0;
  #told = 0;
  /** @type {WeakMap<HTMLElement, Parts>} */ #parts = new WeakMap();

  #field = el('input', { class: 'field field-sm', type: 'search', 'aria-label': t('Filter the log'), placeholder: t('Words, C1, type:state, errno:'), autocomplete: 'off', spellcheck: 'false' });
  #chips = CHIPS.map(([group, name]) => el('button', { class: 'chipbtn', type: 'button', 'data-group': group, 'aria-pressed': String(this.#groups.has(group)) }, t(name)));
  #count = el('span', { class: 'muted push' });
  #copy = el('button', { class: 'btn btn-sm btn-quiet', type: 'button' }, t('Copy as text'));
  #list = el('div', { class: 'log-rows', role: 'listbox', tabindex: '0', 'aria-label': t('Events') });
  #empty = el('p', { class: 'log-empty' });
  #clear = el('button', { class: 'btn btn-sm', type: 'button' }, t('Clear the filter'));
  #scroller = el('div', { class: 'log' }, this.#list, this.#empty);
  /** @type {VirtualRows<HTMLDivElement>} */ #rows = new VirtualRows({ scroller: this.#scroller, body: this.#list, make: () => this.#make(), show: (item, index) => this.#show(item, index) });

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    const glass = svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('circle', { cx: 7, cy: 7, r: 4 }), svg('path', { d: 'm10 10 3.5 3.5' }));
    this.replaceChildren(
      el('div', { class: 'viewbar log-bar' }, el('label', { class: 'search' }, glass, this.#field),
        el('div', { class: 'log-chips', role: 'group', 'aria-label': t('Kinds of events') }, ...this.#chips), this.#count, this.#copy),
      this.#scroller);
    this.#field.addEventListener('input', () => this.#restart(), { signal });
    for (const chip of this.#chips) chip.addEventListener('click', () => this.#toggle(chip), { signal });
    this.#clear.addEventListener('click', () => {
      this.#field.value = '';
      this.#field.focus();
      this.#restart();
    }, { signal });
    this.#copy.addEventListener('click', () => void this.#copyText(), { signal });
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true });
    this.#list.addEventListener('click', (event) => this.#choose(event.target), { signal });
    this.#list.addEventListener('keydown', (event) => this.#key(event), { signal });
    this.#list.addEventListener('pointerover', (event) => this.#over(event.target), { signal });
    this.#list.addEventListener('pointerleave', () => this.store.setHover(null), { signal });
    const resize = new ResizeObserver(() => {
      if (!this.active) return;
      this.#rows.measure();
      this.#drawRows();
    });
    resize.observe(this.#scroller);
    signal.addEventListener('abort', () => resize.disconnect(), { once: true });
    this.#restart();
  }

  /** @override @param {Change} change */
  take(change) {
    if (change.reset) this.#restart();
  }

  /** @override @param {Change} [change] */
  draw(change) {
    this.#update(!change || change.selection);
  }

  /** @param {boolean} reveal */
  #update(reveal) {
    const before = this.#index.seqs.length;
    const gone = this.#index.trim(this.store.firstSeq);
    if (gone > 0 && !this.#following) this.#scroller.scrollTop -= gone * this.#rows.rowPx;
    const done = this.#index.scan(this.store.events, SCAN_EVENTS);
    if (!done) this.goOn(() => this.#update(false));
    if (!this.#following) this.#behind += this.#index.seqs.length - before + gone;
    if (reveal) this.#reveal();
    this.#drawRows();
    this.#drawCount(done);
    this.#tell();
  }

  /** The newest event in view, and kept there. */
  goLive() {
    this.#following = true;
    this.#update(false);
  }

  /** Puts the focus into the filter. */
  focusFilter() {
    this.#field.focus();
    this.#field.select();
  }

  /** Looks at everything again, with another filter. */
  #restart() {
    const filter = parseFilter(this.#field.value);
    const groups = new Set(this.#groups);
    // Asking for a type by name is asking for its chip too.
    const asked = filter.types.length > 0;
    this.#index = new LogIndex((event) => (asked || groups.has(groupOf(event))) && matches(event, filter, searchLine));
    this.#following = true;
    if (this.active) this.#update(false);
  }

  /** @param {HTMLElement} chip */
  #toggle(chip) {
    const group = /** @type {Group} */ (chip.dataset.group);
    if (!this.#groups.delete(group)) this.#groups.add(group);
    chip.setAttribute('aria-pressed', String(this.#groups.has(group)));
    this.#restart();
  }

  /** @param {boolean} done */
  #drawCount(done) {
    const lines = this.#index.seqs.length;
    const all = this.store.events.length;
    setText(this.#count, t('{n} of {all}', { n: count(lines), all: count(all) }) + (done ? '' : '…'));
    this.#copy.disabled = lines === 0;
    setAttr(this.#empty, 'hidden', lines === 0 && done ? null : '');
    if (lines > 0 || !done) return;
    if (all === 0) this.#empty.replaceChildren(t('Every call, every state and every measurement will stand here, one line each, in the order in which it became known.'), demoButton());
    else if (this.#field.value) this.#empty.replaceChildren(t('0 of {n} events match.', { n: count(all) }), ' ', this.#clear);
    else this.#empty.replaceChildren(t('{n} events are of kinds that are switched off above.', { n: count(all) }));
  }

  #drawRows() {
    this.#rows.draw(this.#index.seqs.length, this.#following);
    const { selection } = this.store;
    const selected = selection?.kind === 'event' ? this.#rows.items.find((item) => item.dataset.seq === String(selection.seq)) : undefined;
    setAttr(this.#list, 'aria-activedescendant', selected?.id ?? null);
  }

  #make() {
    const parts = { time: el('span', { class: 'log-time' }), seq: el('span', { class: 'log-seq' }), socket: el('b', { class: 'log-socket' }), text: el('span', { class: 'log-text' }), source: el('span', { class: 'tag' }) };
    const item = el('div', { class: 'log-row', role: 'option' }, parts.time, parts.seq, parts.socket, parts.text, el('span', { class: 'log-source' }, parts.source));
    this.#parts.set(item, parts);
    return item;
  }

  /** @param {HTMLElement} item @param {number} index */
  #show(item, index) {
    const seq = this.#index.seqs[index];
    const { hovers, selection } = this.store;
    setAttr(item, 'data-hover', hovers.some((hover) => hover.kind === 'event' && hover.seq === seq) ? '' : null);
    setAttr(item, 'aria-selected', String(selection?.kind === 'event' && selection.seq === seq));
    if (item.dataset.seq === String(seq)) return;
    const event = this.store.event(seq);
    const parts = this.#parts.get(item);
    if (!event || !parts) return;
    item.dataset.seq = String(seq);
    item.id = `log-${seq}`;
    item.setAttribute('aria-posinset', String(index + 1));
    setText(parts.time, clock(event.at_ns));
    setText(parts.seq, String(seq));
    setText(parts.socket, event.socket ?? '');
    setText(parts.text, eventWords(event));
    setAttr(parts.text, 'data-phase', linePhase(event));
    setText(parts.source, event.source ? sourceName(event.source) : '');
    setAttr(parts.source, 'hidden', event.source ? null : '');
    setAttr(parts.source, 'data-source', event.source ?? null);
  }

  // Following the end.

  #scrolled() {
    if (!this.active) return;
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    this.#following = scrollTop + clientHeight >= scrollHeight - AT_END_PX;
    this.#drawRows();
    this.#tell();
  }

  #tell() {
    if (this.#following) this.#behind = 0;
    if (this.#behind === this.#told) return;
    this.#told = this.#behind;
    this.dispatchEvent(new CustomEvent('viewbehind', { bubbles: true, detail: { new: this.#behind } }));
  }

  /** Brings the selected event into view, if the log shows it. */
  #reveal() {
    const { selection } = this.store;
    if (selection?.kind !== 'event') return;
    const index = this.#index.indexOf(selection.seq);
    if (this.#index.seqs[index] !== selection.seq) return;
    if (index < this.#index.seqs.length - 1) this.#following = false;
    this.#rows.draw(this.#index.seqs.length);
    this.#rows.reveal(index);
  }

  // Pointer and keys.

  /** @param {EventTarget | null} target */
  #seqAt(target) {
    const item = target instanceof Element ? target.closest('[data-seq]') : null;
    return item instanceof HTMLElement ? Number(item.dataset.seq) : 0;
  }

  /** @param {EventTarget | null} target */
  #over(target) {
    const seq = this.#seqAt(target);
    this.store.setHover(seq ? { kind: 'event', seq } : null);
  }

  /** @param {EventTarget | null} target */
  #choose(target) {
    const seq = this.#seqAt(target);
    if (seq) this.store.select({ kind: 'event', seq });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { seqs } = this.#index;
    if (seqs.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const { selection } = this.store;
    const at = selection?.kind === 'event' ? this.#index.indexOf(selection.seq) : seqs.length;
    /** @type {Record<string, number>} */
    const moves = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: seqs.length - 1 };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.store.select({ kind: 'event', seq: seqs[Math.min(seqs.length - 1, Math.max(0, to))] });
  }

  async #copyText() {
    const lines = this.#index.seqs.flatMap((seq) => {
      const event = this.store.event(seq);
      return event ? [[clock(event.at_ns), seq, event.socket ?? '-', event.source ?? '-', eventWords(event)].join('\t')] : [];
    });
    if (!await copyText(`${lines.join('\n')}\n`)) return;
    setText(this.#copy, t('Copied'));
    setTimeout(() => setText(this.#copy, t('Copy as text')), 2000);
  }
}

/** What words are looked for in. @param {PlaygroundEvent} event */
function searchLine(event) {
  return `${event.socket ?? ''} ${event.source ?? ''} ${eventWords(event)} ${event.type}`;
}

/** A line wears a phase where it tells of a state, and red where a call failed. @param {PlaygroundEvent} event */
function linePhase(event) {
  if (event.type === 'state_changed') return phaseOf(event.to, event.reason);
  if ((event.type === 'call_returned' || event.type === 'transfer_finished') && isFault(event.error)) return 'error';
  return null;
}

customElements.define('log-view', LogView);
