// <ladder-view>: the two ends of a connection, their calls and states and what went between them, in the order in which it happened.

/** @import {Change, Selection} from '../types.js' */
/** @import {Row} from './ladder-layout.js' */
/** @import {LadderModel, Side} from './ladder-model.js' */

import { el, setAttr, setText } from '../dom.js';
import { duration } from '../format.js';
import { t } from '../i18n.js';
import { SegmentIndex, isFlying } from '../segments.js';
import { heldOn } from '../wire/model.js';
import { LadderHead } from './ladder-head.js';
import { HeldLine } from './ladder-held.js';
import { NOTHING, hintFor } from './ladder-hint.js';
import { Layout } from './ladder-layout.js';
import { buildLadder } from './ladder-model.js';
import { heldTime, rowItem, rowSignature, timeWaitLeft } from './ladder-parts.js';
import { Spans, setLine } from './ladder-spans.js';
import { WireTools } from './ladder-tools.js';
import { segmentNumber } from './segment-words.js';
import { View } from './view.js';

/** Facts in the page at most; while the end is followed, as few as fill it, since each frame lays all of them out. */
const DRAWN_FACTS = 500;
const FOLLOWED_FACTS = 120;
/** What they fill above what is in sight, px: more than the margin within which older facts come, so that none do. */
const AHEAD_PX = 500;
/** How many come at once when one scrolls to an end of them. */
const MORE_FACTS = 150;
/** @type {ReturnType<typeof hintFor>} */
const UNKNOWN = { key: 'unknown', content: () => [] };

/** Grid lines may run ahead of the rows drawn; then the grid is numbered again. */
const SPARE_LINES = 300;
const AT_END_PX = 24;
/** Rows are added no more often: nobody reads faster, and laying out and painting them takes most of a frame. */
const REST_MS = 60;

export class LadderView extends View {
  /** @override */
  tickEvery = 70; // also draws what came while drawing rested

  /** @type {LadderModel} */ #model = buildLadder({ left: null, right: null }, new Map(), [], new SegmentIndex());
  #layout = new Layout(this.#model);
  #stale = true;
  #following = true;
  /** Facts drawn while the end is followed. */ #followed = FOLLOWED_FACTS;
  #behind = 0;
  /** The model has more than the page. */ #grown = false;
  /** When the page was last brought up to date, ms. */ #drawnAt = 0;
  #told = 0;
  /** The first fact drawn while the end is not followed, counted from the first that ever was. */ #first = 0;
  /** The rows drawn end with the newest. */ #toNewest = true;
  /** @type {Map<string, {item: HTMLLIElement, row: Row, signature: string}>} */ #items = new Map();
  #spans = new Spans();
  /** The key of the row with the one tab stop. */ #stop = '';

  #head = new LadderHead();
  #list = el('ol', { class: 'events', 'aria-label': t('Events in time order') });
  #running = { client: el('div', { class: 'running', 'data-side': 'client' }), server: el('div', { class: 'running', 'data-side': 'server' }) };
  #tools = new WireTools(() => this.store);
  /** The segment that has them. @type {number | null} */ #tooled = null;
  #toolsInSight = false;
  #held = new HeldLine(() => this.store);
  #above = el('div', { class: 'ladder-more' });
  #below = el('div', { class: 'ladder-more' });
  #hint = el('div', { class: 'ladder-hint' });
  #body = el('div', null, this.#head.element, this.#above,
    el('div', { class: 'ladder-grid' }, ...this.#spans.layers, this.#list, this.#running.client, this.#running.server, this.#tools.element),
    this.#below);
  #scroller = el('div', { class: 'ladder' }, this.#body, this.#hint, this.#head.note);

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    this.replaceChildren(this.#scroller, this.#held.element);
    this.#stale = true;
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true });
    this.#list.addEventListener('keydown', (event) => this.#key(event), { signal });
    for (const type of ['pointerover', 'focusin']) {
      this.#scroller.addEventListener(type, (event) => this.store.setHover(this.#at(event.target)), { signal });
    }
    this.#scroller.addEventListener('pointerleave', () => this.store.setHover(null), { signal });
    this.#scroller.addEventListener('focusout', () => this.store.setHover(null), { signal });
    this.#scroller.addEventListener('click', (event) => {
      const fold = event.target instanceof Element ? event.target.closest('[data-fold]') : null;
      if (fold instanceof HTMLElement) return this.#toggle(Number(fold.dataset.fold));
      const selection = this.#at(event.target);
      if (selection) this.store.select(selection);
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
    const sight = new IntersectionObserver((entries) => {
      this.#toolsInSight = entries.at(-1)?.isIntersecting === true;
      this.#drawHeld();
    }, { root: this.#scroller, threshold: 0.9 });
    sight.observe(this.#tools.element);
    signal.addEventListener('abort', () => {
      sight.disconnect();
      more.disconnect();
      resize.disconnect();
    }, { once: true });
  }

  /** @override @param {Change} change */
  take(change) {
    if (change.reset || change.pair) this.#stale = true;
    if (this.#stale) return;
    const before = this.#model.taken;
    for (const event of change.events) {
      if (this.#model.add(event) || event.type === 'lab_closed') this.#grown = true;
    }
    if (this.#model.stale) this.#stale = true;
    else if (!this.#following) this.#behind += this.#model.taken - before;
  }

  /** @override @param {Change} [change] */
  draw(change) {
    // Most frames of fast traffic bring numbers only, which the ladder does not show.
    if (change && !this.#stale && !change.selection && !change.hover && !change.connection && !changesHead(change)) {
      if (this.#hint.dataset.for) this.#drawHint(); // it may be about another socket
      if (!this.#grown || performance.now() - this.#drawnAt < REST_MS) return; // tick comes back for it
    }
    this.#update(!change || change.selection);
  }

  /** @param {boolean} reveal */
  #update(reveal) {
    this.#grown = false;
    if (this.#stale) this.#rebuild();
    this.#head.update(this.store, this.#model.listener);
    this.#show();
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
    const { pair, state, events, segments } = this.store;
    this.#model = buildLadder(pair, state.sockets, events, segments);
    this.#stale = false;
    this.#following = true;
    this.#stop = '';
    this.#spans.clear();
    this.#items.clear();
    this.#list.replaceChildren();
    this.#layout = new Layout(this.#model, 0, 0);
  }

  /** Lays out the stretch that is in the page, and brings the page up to date with it. */
  #show() {
    const { shown: facts, dropped } = this.#model;
    const from = Math.max(0, this.#following ? facts.length - this.#followed : Math.min(this.#first - dropped, facts.length - 1));
    const to = this.#following ? facts.length : Math.min(facts.length, from + DRAWN_FACTS);
    this.#first = from + dropped;
    this.#toNewest = to === facts.length;
    this.#tooled = this.#choose();
    const layout = new Layout(this.#model, from, to, this.#tooled);
    this.#keepLines(layout);
    this.#layout = layout;
    this.#drawRows();
    this.#drawSpans();
    this.#mark();
    this.tick();
  }

  /** Rows that stay keep their lines, so that the browser has less to place anew. @param {Layout} layout */
  #keepLines(layout) {
    for (const row of layout.rows.slice(0, 8)) {
      const old = this.#items.get(row.key)?.row;
      if (!old) continue;
      const by = old.line - row.line;
      if (by > 0 && by < SPARE_LINES) layout.shift(by);
      return;
    }
  }

  #drawRows() {
    const { rows } = this.#layout;
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, { item }] of this.#items) {
      if (keys.has(key)) continue;
      item.remove();
      this.#items.delete(key);
    }
    const origin = this.#model.origin ?? this.#model.facts[0]?.at ?? 0;
    const digits = String(Math.max(0, ...rows.map(({ segment }) => segment?.number ?? 0))).length;
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    for (const row of rows) {
      const look = { origin, pair: this.store.pair, number: this.#numberOf(row), digits };
      const signature = rowSignature(row, look);
      const old = this.#items.get(row.key);
      let item = old?.item;
      if (!item || old?.signature !== signature) {
        const fresh = rowItem(row, look);
        const focused = item?.contains(document.activeElement) ? document.activeElement : null;
        if (item) {
          if (next === item) next = fresh;
          item.replaceWith(fresh);
        }
        item = fresh;
        if (focused) buttonOf(item, focused.matches('[data-fold]') ? '[data-fold]' : 'button')?.focus({ preventScroll: true });
      }
      this.#items.set(row.key, { item, row, signature });
      setLine(item, '--row', row.line);
      if (next === item) next = item.nextElementSibling;
      else this.#list.insertBefore(item, next);
    }
  }

  /** @param {Row} row */
  #numberOf({ segment }) {
    if (!segment) return '';
    return segmentNumber(segment, segment.copyOf === null ? undefined : this.store.segments.get(segment.copyOf));
  }

  /** Bands, waiting calls and arrows. */
  #drawSpans() {
    const { end } = this.#layout;
    this.#spans.draw(this.#layout, this.#toNewest ? end + 1 : end, { now: this.store.now(), wire: this.store.state.lab?.wire });
    for (const side of /** @type {Side[]} */ (['client', 'server'])) {
      setAttr(this.#running[side], 'hidden', this.#toNewest ? null : '');
      setLine(this.#running[side], '--row', end);
    }
  }

  /** What is true only now: running times, how long a segment is held, the TIME_WAIT that is left. @override */
  tick() {
    if (this.#grown) return this.#update(false);
    const now = this.store.now();
    const running = [...this.#model.calls.values()].filter((info) => info.ended === null && info.begin);
    for (const side of /** @type {Side[]} */ (['client', 'server'])) {
      setText(this.#running[side], running.filter((info) => info.side === side).map((info) => `${info.op}, ${duration(Math.max(0, now - info.started))}`).join('\n'));
    }
    for (const { segment } of this.#layout.arrows) {
      const item = segment.held ? this.#items.get(`s${segment.number}`)?.item : undefined;
      const time = item?.querySelector('.event-time');
      if (!item || !time) continue;
      if (!time.hasAttribute('data-held')) time.replaceChildren(el('span', { class: 'event-held' }, t('held ')), '');
      setAttr(time, 'data-held', '');
      if (time.lastChild) setText(time.lastChild, heldTime(segment, now));
    }
    for (const side of /** @type {Side[]} */ (['client', 'server'])) {
      const band = this.#layout.bands[side].at(-1);
      const item = band?.state === 'TIME_WAIT' ? this.#spans.band(band) : undefined;
      const id = side === 'client' ? this.store.pair.left : this.store.pair.right;
      if (item?.lastElementChild && id !== null) setText(item.lastElementChild, timeWaitLeft(this.store.state.sockets.get(id), now));
    }
  }

  /** The row of something selected or hovered. @param {Selection} selection */
  #rowOf(selection) {
    const segment = this.store.segmentOf(selection);
    const own = selection?.kind === 'event' ? this.#layout.rowOf(selection.seq) : undefined;
    return own ?? (segment === null ? undefined : this.#layout.rowOfSegment(segment));
  }

  /** Selection and hover, wherever the event shows. */
  #mark() {
    const { selection, hovers } = this.store;
    const selected = this.#rowOf(selection);
    const hovered = hovers.map((hover) => this.#rowOf(hover)).filter((row) => row !== undefined);
    for (const { item, row } of this.#items.values()) {
      setAttr(item, 'data-selected', row === selected ? '' : null);
      setAttr(item, 'data-hover', hovered.includes(row) ? '' : null);
      const button = buttonOf(item);
      if (button) setAttr(button, 'aria-current', row === selected ? 'true' : null);
    }
    this.#spans.mark(this.#layout, selected, hovered);
    this.#head.mark(this.store);
    this.#placeTools();
    this.#drawHeld();
    this.#placeStop(selected);
  }

  /** What is held on this ladder, the longest first. */
  #waiting() {
    return heldOn(this.store.state.lab).filter(({ segment }) => this.#model.has(segment));
  }

  /** The selected segment, while it is on the wire; else the one held longest. */
  #choose() {
    const number = this.store.segmentOf(this.store.selection);
    const record = number === null ? undefined : this.store.segments.get(number);
    if (number !== null && record && isFlying(record) && this.#model.has(number)) return number;
    return this.#waiting()[0]?.segment ?? null;
  }

  /** The tools have a row of their own, where they cover nothing. */
  #placeTools() {
    const { tools } = this.#layout;
    const row = tools > 0 && this.#tooled !== null ? this.#layout.rowOfSegment(this.#tooled) : undefined;
    const segment = row?.segment ?? null;
    this.#tools.show(segment, segment && row ? this.#numberOf(row) : '');
    if (segment) setLine(this.#tools.element, '--row', tools);
  }

  #drawHeld() {
    const held = this.#waiting();
    this.#held.update(held, this.#toolsInSight && held[0]?.segment === this.#tooled);
  }

  /** One tab stop: where the arrows left it, else the selected row, else the newest. @param {Row} [selected] */
  #placeStop(selected) {
    const stop = this.#items.has(this.#stop) ? this.#stop : selected?.key ?? this.#layout.rows.findLast((row) => row.kind !== 'gap')?.key;
    for (const [key, { item }] of this.#items) {
      const button = buttonOf(item);
      if (button) setAttr(button, 'tabindex', key === stop ? '0' : '-1');
    }
  }

  /** Brings the selected row into view, if it is on this ladder and somewhere else. */
  #reveal() {
    const { selection } = this.store;
    let row = this.#rowOf(selection);
    if (!row && selection && selection.kind !== 'socket') {
      const at = this.#model.find({ seq: selection.kind === 'event' ? selection.seq : undefined, segment: this.store.segmentOf(selection) });
      if (at < 0) return;
      this.#following = false;
      this.#first = this.#model.dropped + Math.max(0, at - MORE_FACTS / 2);
      this.#show();
      row = this.#rowOf(selection);
    }
    const mark = row && buttonOf(this.#items.get(row.key)?.item);
    if (!mark) return;
    // Where the end is being followed, what counts is whether the row is in view there.
    if (this.#following) this.#toEnd();
    const box = mark.getBoundingClientRect();
    const view = this.#scroller.getBoundingClientRect();
    if (box.top >= view.top + 32 && box.bottom <= view.bottom) return;
    mark.scrollIntoView({ block: 'center' });
    this.#setFollowing(this.#isAtEnd());
  }

  // Scrolling.

  #isAtEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    // While drawing rests, the newest rows are not in the page; who followed the end still does.
    const newest = this.#toNewest || (this.#following && this.#grown);
    return newest && scrollTop + clientHeight >= scrollHeight - AT_END_PX;
  }

  #toEnd() {
    const { clientHeight, scrollHeight } = this.#scroller;
    this.#scroller.scrollTop = scrollHeight;
    const drawn = this.#model.shown.length - (this.#first - this.#model.dropped);
    const enough = Math.ceil(((clientHeight + AHEAD_PX) * drawn) / Math.max(1, scrollHeight));
    if (drawn >= this.#followed) this.#followed = Math.min(FOLLOWED_FACTS, Math.max(20, enough));
  }

  /** @param {boolean} following */
  #setFollowing(following) {
    this.#following = following;
  }

  #scrolled() {
    if (!this.active) return;
    this.#setFollowing(this.#isAtEnd());
    this.#tell();
  }

  /** Facts beyond the stretch drawn, once its end comes near. @param {boolean} older */
  #more(older) {
    const { shown: facts, dropped } = this.#model;
    const from = this.#first - dropped;
    if (facts.length === 0 || (older ? from <= 0 : this.#toNewest || this.#following)) return;
    // What was enough for a lower window, or for taller rows: nobody scrolled, and the end is still followed.
    if (this.#following && this.#followed < FOLLOWED_FACTS) {
      this.#followed = FOLLOWED_FACTS;
      return this.#update(false);
    }
    const rows = this.#layout.rows;
    const anchor = older ? rows[0] : rows.at(-1);
    const top = () => this.#items.get(anchor?.key ?? '')?.item.firstElementChild?.getBoundingClientRect().top ?? 0;
    const before = top();
    this.#following = false;
    this.#first = dropped + Math.max(0, older ? from - MORE_FACTS : from + MORE_FACTS);
    this.#show();
    this.#scroller.scrollTop += top() - before;
  }

  /** Opens a run of keep-alives where it stands, or folds it again. @param {number} first */
  #toggle(first) {
    this.#model.toggle(first);
    this.#following = false;
    this.#show();
    this.#setFollowing(this.#isAtEnd());
    this.#tell();
  }

  #tell() {
    if (this.#following) this.#behind = 0;
    if (this.#behind === this.#told) return;
    this.#told = this.#behind;
    this.dispatchEvent(new CustomEvent('viewbehind', { bubbles: true, detail: { new: this.#behind } }));
  }

  // Pointer and keys.

  /** @param {EventTarget | null} target @returns {Selection} */
  #at(target) {
    const item = target instanceof Element ? target.closest('[data-seq], [data-segment]') : null;
    if (!(item instanceof HTMLElement)) return null;
    if (item.dataset.segment) return this.store.selectionOf(Number(item.dataset.segment));
    return { kind: 'event', seq: Number(item.dataset.seq) };
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const rows = this.#layout.rows.filter((row) => row.kind !== 'gap');
    const at = rows.findIndex((row) => this.#items.get(row.key)?.item.contains(document.activeElement));
    /** @type {Record<string, number>} */
    const moves = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 };
    const to = moves[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.#stop = rows[Math.min(rows.length - 1, Math.max(0, to))].key;
    this.#placeStop();
    buttonOf(this.#items.get(this.#stop)?.item)?.focus();
  }

  /** When there is little to show, what to do about it. */
  #drawHint() {
    // Before it is known what the session has, nothing that can be pressed: the first screen may come instead.
    const hint = this.store.caughtUp ? hintFor(this.store.pair, this.store.state.sockets, this.store.state.demo, this.store.state.lab?.hosts.server) : UNKNOWN;
    // An empty Lab has a wire already, which one may set before anything crosses it.
    setAttr(this.#body, 'hidden', hint.key === NOTHING && !this.store.state.lab ? '' : null);
    if (this.#hint.dataset.for === hint.key) return;
    this.#hint.dataset.for = hint.key;
    this.#head.note.hidden = hint.key === NOTHING;
    this.#hint.replaceChildren(...hint.content());
  }
}

/** Whether what the head says may have changed. @param {Change} change */
function changesHead({ events }) {
  return events.some((event) => event.type === 'wire_changed' || event.type === 'lab_opened' || event.type === 'lab_closed');
}

/** @param {HTMLElement} [item] @returns {HTMLButtonElement | null} */
function buttonOf(item, selector = 'button') {
  return item?.querySelector(selector) ?? null;
}

customElements.define('ladder-view', LadderView);
