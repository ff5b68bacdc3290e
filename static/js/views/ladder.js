// <ladder-view>: the two ends of a connection, their calls and states, in the order in which they happened.

/** @import {Change} from '../types.js' */
/** @import {Band, LadderModel, Row, Side, Wait} from './ladder-model.js' */

import { el, setAttr, setText } from '../dom.js';
import { duration } from '../format.js';
import { bandItem, bandTimes, rowItem, timeWaitLeft, waitItem } from './ladder-parts.js';
import { NOTHING, hintFor } from './ladder-hint.js';
import { buildLadder } from './ladder-model.js';
import { View } from './view.js';

/** Rows in the page at most; while the end is followed, fewer, since each frame lays all of them out. */
const DRAWN_ROWS = 500;
const FOLLOWED_ROWS = 160;
/** How many come at once when one scrolls to an end of them. */
const MORE_ROWS = 120;
/** So many new rows in one frame replace the window instead of extending it; nobody reads them then, and few do. */
const BURST_ROWS = 32;
/** Grid lines may run ahead of the rows drawn; then the grid is numbered again. */
const SPARE_LINES = 160;
const AT_END_PX = 24;
/** Rows are added no more often: nobody reads faster, and laying out and painting them takes most of a frame. */
const REST_MS = 60;

export class LadderView extends View {
  /** @override */
  tickEvery = 70; // also draws what came while drawing rested

  /** @type {LadderModel} */ #model = buildLadder({ left: null, right: null }, new Map(), []);
  #stale = true;
  #following = true;
  #behind = 0;
  /** The model has more than the page. */ #grown = false;
  /** When the page was last brought up to date, ms. */ #drawnAt = 0;
  #told = 0;
  /** The rows in the page, without a gap. @type {Row[]} */
  #drawn = [];
  /** @type {Map<Row, HTMLLIElement>} */ #items = new Map();
  /** @type {Map<Band, HTMLElement>} */ #bands = new Map();
  /** @type {Map<Wait, HTMLElement>} */ #waits = new Map();
  /** The line of the model that is line 1 of the grid. */
  #base = 1;
  /** Where the one tab stop is. @type {Row | null} */ #stop = null;

  #client = el('b');
  #server = el('b');
  #bandLayer = el('div', { class: 'layer', 'aria-hidden': 'true' });
  #waitLayer = el('div', { class: 'layer', 'aria-hidden': 'true' });
  #list = el('ol', { class: 'events', 'aria-label': 'Events in time order' });
  #running = { client: el('div', { class: 'running', 'data-side': 'client' }), server: el('div', { class: 'running', 'data-side': 'server' }) };
  #above = el('div', { class: 'ladder-more' });
  #below = el('div', { class: 'ladder-more' });
  #hint = el('div', { class: 'ladder-hint' });
  #note = el('p', { class: 'ladder-foot' }, 'Segments are not captured yet: calls and states only.');
  #body = el('div', null,
    el('div', { class: 'ladder-head', 'aria-hidden': 'true' },
      el('span', { class: 'ladder-time' }, 'Time'), el('span', { class: 'ladder-calls' }, 'Client calls'), this.#client,
      el('span', null, 'On the wire'), this.#server, el('span', { class: 'ladder-calls' }, 'Server calls')),
    this.#above,
    el('div', { class: 'ladder-grid' }, this.#bandLayer, this.#waitLayer, this.#list, this.#running.client, this.#running.server),
    this.#below);
  #scroller = el('div', { class: 'ladder' }, this.#body, this.#hint, this.#note);

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    this.replaceChildren(this.#scroller);
    this.#stale = true;
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true });
    this.#list.addEventListener('keydown', (event) => this.#key(event), { signal });
    for (const type of ['pointerover', 'focusin']) {
      this.#scroller.addEventListener(type, (event) => this.#over(event.target), { signal });
    }
    this.#scroller.addEventListener('pointerleave', () => this.store.setHover(null), { signal });
    this.#scroller.addEventListener('focusout', () => this.store.setHover(null), { signal });
    this.#scroller.addEventListener('click', (event) => {
      const seq = this.#seqAt(event.target);
      if (seq) this.store.select({ kind: 'event', seq });
    }, { signal });
    const more = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting && this.active) this.#more(entry.target === this.#above);
    }, /** @type {IntersectionObserverInit} */ ({ rootMargin: '300px', scrollMargin: '300px' })); // scrollMargin is newer than the checker's DOM
    more.observe(this.#above);
    more.observe(this.#below);
    const resize = new ResizeObserver(() => {
      if (this.active && this.#following) this.#toEnd();
    });
    resize.observe(this.#scroller);
    signal.addEventListener('abort', () => {
      more.disconnect();
      resize.disconnect();
    }, { once: true });
  }

  /** @override @param {Change} change */
  take(change) {
    if (change.reset || change.pair) this.#stale = true;
    if (this.#stale) return;
    const before = this.#model.end;
    for (const event of change.events) if (this.#model.add(event)) this.#grown = true;
    if (this.#model.stale) this.#stale = true;
    else if (!this.#following) this.#behind += this.#model.end - before;
  }

  /** @override @param {Change} [change] */
  draw(change) {
    // Most frames of fast traffic bring numbers only, which the ladder does not show.
    if (change && !this.#stale && !change.selection && !change.hover && !change.connection) {
      if (!this.#grown || performance.now() - this.#drawnAt < REST_MS) return; // tick comes back for it
    }
    this.#update(!change || change.selection);
  }

  /** @param {boolean} reveal */
  #update(reveal) {
    this.#grown = false;
    if (this.#stale) this.#rebuild();
    else this.#extend();
    this.#drawSpans();
    this.#mark();
    this.#drawHint();
    if (reveal) this.#reveal();
    if (this.#following) this.#toEnd();
    this.#tell();
    this.#drawnAt = performance.now();
  }

  /** The newest event in view, and kept there. */
  goLive() {
    this.#following = true;
    this.#update(false);
  }

  #rebuild() {
    const { pair, state, events } = this.store;
    this.#model = buildLadder(pair, state.sockets, events);
    this.#stale = false;
    this.#following = true;
    this.#stop = null;
    setText(this.#client, pair.left ?? '–');
    setText(this.#server, pair.right ?? '–');
    this.#show(this.#model.rows.length - MORE_ROWS);
  }

  /** Draws a window of rows afresh. @param {number} from index of its first row */
  #show(from) {
    const rows = this.#model.rows;
    const first = Math.max(0, from);
    this.#drawn = rows.slice(first, first + DRAWN_ROWS);
    this.#base = this.#drawn[0]?.line ?? 1;
    this.#items.clear();
    for (const layer of [this.#bands, this.#waits]) {
      for (const item of layer.values()) item.remove();
      layer.clear();
    }
    this.#list.replaceChildren(...this.#drawn.map((row) => this.#item(row)));
  }

  /** Adds what is new at the end. */
  #extend() {
    const rows = this.#model.rows;
    const last = this.#drawn.at(-1);
    if (last) this.#refresh(last);
    const next = last ? this.#model.indexOf(last) + 1 : 0;
    const added = rows.length - next;
    if (added === 0) return;
    if (this.#following && (added > BURST_ROWS || this.#model.end - this.#base > FOLLOWED_ROWS + SPARE_LINES)) {
      this.#show(rows.length - BURST_ROWS);
      return;
    }
    // While somebody reads further up, rows beyond the window wait until they are scrolled to.
    const room = this.#following ? added : Math.max(0, DRAWN_ROWS - this.#drawn.length);
    const fresh = rows.slice(next, next + room);
    this.#list.append(...fresh.map((row) => this.#item(row)));
    this.#drawn.push(...fresh);
    const most = this.#following ? FOLLOWED_ROWS : DRAWN_ROWS;
    while (this.#drawn.length > most) this.#forget(/** @type {Row} */ (this.#drawn.shift()));
  }

  /** @param {Row} row */
  #item(row) {
    const item = rowItem(row, this.#model.origin ?? this.#model.rows[0].at, this.store.pair);
    item.style.setProperty('--row', String(this.#line(row.line)));
    this.#items.set(row, item);
    return item;
  }

  /** The newest row may have grown: a call returned at once, a state came with its call. @param {Row} row */
  #refresh(row) {
    const old = this.#items.get(row);
    if (!old || old.dataset.events === String(row.seqs.length)) return;
    const focused = old.contains(document.activeElement);
    const item = this.#item(row);
    old.replaceWith(item);
    if (focused) buttonOf(item)?.focus({ preventScroll: true });
  }

  /** @param {Row} row */
  #forget(row) {
    this.#items.get(row)?.remove();
    this.#items.delete(row);
  }

  /** @param {number} line of the model @returns {number} line of the grid */
  #line(line) {
    return line - this.#base + 1;
  }

  /** Bands and waiting calls, cut to the rows drawn. */
  #drawSpans() {
    const first = this.#drawn[0]?.line ?? 1;
    const end = (this.#drawn.at(-1)?.line ?? 0) + 1;
    const atEnd = end === this.#model.end;
    const last = atEnd ? end + 1 : end;
    for (const side of /** @type {Side[]} */ (['client', 'server'])) {
      for (const [index, band] of this.#model.bands[side].entries()) {
        const next = this.#model.bands[side][index + 1];
        const item = this.#place(this.#bands, this.#bandLayer, band, first, last, () => bandItem(band));
        if (item) setAttr(item, 'title', bandTimes(band, next?.event?.at_ns));
      }
      setAttr(this.#running[side], 'hidden', atEnd ? null : '');
      this.#running[side].style.setProperty('--row', String(this.#line(end)));
    }
    for (const wait of this.#waits.keys()) this.#drawWait(wait, first, last);
    for (const wait of this.#model.waits) if (wait.from < last && (wait.to === null || wait.to > first)) this.#drawWait(wait, first, last);
    this.tick();
  }

  /** @param {Wait} wait @param {number} first @param {number} last */
  #drawWait(wait, first, last) {
    const item = this.#place(this.#waits, this.#waitLayer, wait, first, last, () => waitItem(wait));
    if (!item || wait.to === null) return;
    setAttr(item, 'data-over', '');
    setAttr(item, 'title', `${wait.call.op} blocked for ${duration(wait.until - wait.call.at_ns)}`);
  }

  /**
   * A band or a wait, cut to the rows drawn; nothing where they do not meet.
   * @template {Band | Wait} T
   * @param {Map<T, HTMLElement>} items
   * @param {HTMLElement} layer
   * @param {T} span
   * @param {number} first
   * @param {number} last
   * @param {() => HTMLElement} make
   */
  #place(items, layer, span, first, last, make) {
    let item = items.get(span);
    if ((span.to !== null && (span.to <= first || span.to === span.from)) || span.from >= last) {
      item?.remove();
      items.delete(span);
      return null;
    }
    if (!item) {
      item = make();
      items.set(span, item);
      layer.append(item);
    }
    item.style.setProperty('--from', String(this.#line(Math.max(span.from, first))));
    item.style.setProperty('--to', String(this.#line(Math.min(span.to ?? last, last))));
    return item;
  }

  /** What is true only now: running times and the TIME_WAIT that is left. @override */
  tick() {
    if (this.#grown) return this.#update(false);
    const now = this.store.now();
    for (const side of /** @type {Side[]} */ (['client', 'server'])) {
      const waiting = this.#model.waits.filter((wait) => wait.side === side && wait.to === null);
      setText(this.#running[side], waiting.map((wait) => `${wait.call.op}, ${duration(Math.max(0, now - wait.call.at_ns))}`).join('\n'));
    }
    for (const [band, item] of this.#bands) {
      if (band.state !== 'TIME_WAIT' || !item.lastElementChild) continue;
      const id = band.side === 'client' ? this.store.pair.left : this.store.pair.right;
      setText(item.lastElementChild, band.to === null && id !== null ? timeWaitLeft(this.store.state.sockets.get(id), now) : '');
    }
  }

  /** Selection and hover, wherever the event shows. */
  #mark() {
    const { selection, hover, pair } = this.store;
    const selected = selection?.kind === 'event' ? this.#model.rowOf(selection.seq) : undefined;
    const hovered = hover?.kind === 'event' ? this.#model.rowOf(hover.seq) : undefined;
    for (const [row, item] of this.#items) {
      setAttr(item, 'data-selected', row === selected ? '' : null);
      setAttr(item, 'data-hover', row === hovered ? '' : null);
      const button = buttonOf(item);
      if (button) setAttr(button, 'aria-current', row === selected ? 'true' : null);
    }
    for (const [band, item] of this.#bands) setAttr(item, 'data-hover', hovered && band.event && hovered.seqs.includes(band.event.seq) ? '' : null);
    for (const [wait, item] of this.#waits) setAttr(item, 'data-hover', hovered && hovered.seqs.includes(wait.call.seq) ? '' : null);
    const socket = hover?.kind === 'socket' ? hover.socket : null;
    setAttr(this.#client, 'data-hover', socket !== null && socket === pair.left ? '' : null);
    setAttr(this.#server, 'data-hover', socket !== null && socket === pair.right ? '' : null);
    this.#placeStop(selected);
  }

  /** One tab stop: where the arrows left it, else the selected row, else the newest. @param {Row} [selected] */
  #placeStop(selected) {
    const kept = this.#stop && this.#items.has(this.#stop) ? this.#stop : null;
    const stop = kept ?? (selected && this.#items.has(selected) ? selected : this.#drawn.findLast((row) => row.kind === 'event'));
    for (const [row, item] of this.#items) {
      const button = buttonOf(item);
      if (button) setAttr(button, 'tabindex', row === stop ? '0' : '-1');
    }
  }

  /** Brings the selected row into view, if it is on this ladder and somewhere else. */
  #reveal() {
    const { selection } = this.store;
    const row = selection?.kind === 'event' ? this.#model.rowOf(selection.seq) : undefined;
    if (!row) return;
    if (!this.#items.has(row)) {
      this.#following = false;
      this.#show(this.#model.indexOf(row) - MORE_ROWS / 2);
      this.#drawSpans();
      this.#mark();
    }
    const mark = buttonOf(this.#items.get(row));
    if (!mark) return;
    // Where the end is being followed, what counts is whether the row is in view there.
    if (this.#following) this.#toEnd();
    const box = mark.getBoundingClientRect();
    const view = this.#scroller.getBoundingClientRect();
    if (box.top >= view.top + 32 && box.bottom <= view.bottom) return;
    mark.scrollIntoView({ block: 'center' });
    this.#following = this.#isAtEnd();
  }

  // Scrolling.

  #isAtEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    // While drawing rests, the newest rows are not in the page; who followed the end still does.
    const newest = this.#drawn.at(-1) === this.#model.rows.at(-1) || (this.#following && this.#grown);
    return newest && scrollTop + clientHeight >= scrollHeight - AT_END_PX;
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #scrolled() {
    if (!this.active) return;
    this.#following = this.#isAtEnd();
    this.#tell();
  }

  /** Rows beyond the window, once its end comes near. @param {boolean} older */
  #more(older) {
    const rows = this.#model.rows;
    const first = this.#drawn[0];
    const last = this.#drawn.at(-1);
    if (!first || !last || (older ? first === rows[0] : last === rows.at(-1) || this.#following)) return;
    const anchor = older ? first : last;
    const before = buttonOf(this.#items.get(anchor))?.getBoundingClientRect().top ?? 0;
    const at = this.#model.indexOf(anchor);
    this.#following = false;
    this.#show(older ? at - MORE_ROWS : at + MORE_ROWS - DRAWN_ROWS);
    this.#drawSpans();
    this.#mark();
    const after = buttonOf(this.#items.get(anchor))?.getBoundingClientRect().top ?? 0;
    this.#scroller.scrollTop += after - before;
  }

  #tell() {
    if (this.#following) this.#behind = 0;
    if (this.#behind === this.#told) return;
    this.#told = this.#behind;
    this.dispatchEvent(new CustomEvent('viewbehind', { bubbles: true, detail: { new: this.#behind } }));
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

  /** @param {KeyboardEvent} event */
  #key(event) {
    const rows = this.#drawn.filter((row) => row.kind === 'event');
    const at = rows.findIndex((row) => this.#items.get(row)?.contains(document.activeElement));
    /** @type {Record<string, number>} */
    const moves = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 };
    const to = moves[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    this.#stop = row;
    this.#placeStop();
    buttonOf(this.#items.get(row))?.focus();
  }

  /** When there is little to show, what to do about it. */
  #drawHint() {
    const hint = hintFor(this.store.pair, this.store.state.sockets);
    if (this.#hint.dataset.for === hint.key) return;
    this.#hint.dataset.for = hint.key;
    setAttr(this.#body, 'hidden', hint.key === NOTHING ? '' : null);
    setAttr(this.#note, 'hidden', hint.key === NOTHING ? '' : null);
    this.#hint.replaceChildren(...hint.content());
  }
}

/** @param {HTMLElement} [item] @returns {HTMLButtonElement | null} */
function buttonOf(item) {
  return item?.querySelector('button') ?? null;
}

customElements.define('ladder-view', LadderView);
