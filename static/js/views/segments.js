// <segments-view>: every segment as a row, a filter over them, and the bytes of one connection below.

/** @import {Change, PlaygroundEvent} from '../types.js' */
/** @import {Row} from './segments-rows.js' */
/** @import {Stretch} from './segments-stretch.js' */

import { CommandError } from '../store.js';
import { demoButton } from '../demo/button.js';
import { el } from '../dom.js';
import { download } from '../download.js';
import { count } from '../format.js';
import { server, t } from '../i18n.js';
import { pairName } from '../pairs.js';
import { keysOff } from '../prefs.js';
import { SegmentsBar } from './segments-bar.js';
import { keptOf } from './segments-kept.js';
import { SegmentRows } from './segments-rows.js';
import { SegmentStream } from './segments-stream.js';
import { SegmentTable } from './segments-table.js';
import { View } from './view.js';

/** Entries looked at in one frame: a few milliseconds, and a few more where what each carries is read to be compared. */
const SCAN = 10_000;
const SCAN_FILTERED = 1_000;
const AT_END_PX = 12;
/** A command is at most 64 KiB; this many numbers fit. */
const MAX_SAVED = 8_000;

export class SegmentsView extends View {
  #rows = new SegmentRows();
  #bar = new SegmentsBar({ changed: () => this.#refilter(), saves: () => this.#saves() });
  /** @type {SegmentTable} */ #table = /** @type {SegmentTable} */ (/** @type {unknown} */ (null));
  /** @type {SegmentStream} */ #stream = /** @type {SegmentStream} */ (/** @type {unknown} */ (null));
  #empty = el('p', { class: 'log-empty' });
  #clear = el('button', { class: 'btn btn-sm', type: 'button', onclick: () => { this.#bar.clear(); this.#bar.field.focus(); } }, t('Clear'));
  #following = true;
  #behind = 0;
  #told = 0;
  #zero = NaN;

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    this.#table = new SegmentTable(this.store, this.#rows);
    this.#table.onShow = (row) => void this.#open(row);
    this.#stream = new SegmentStream(this.store);
    this.#stream.loaded = () => this.#rows.fetched();
    this.#learn(this.store.events, true);
    this.replaceChildren(...this.#bar.elements, this.#table.element, this.#empty, this.#stream.element);
    this.#table.element.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true });
    this.#table.grid.addEventListener('keydown', (e) => this.#key(e), { signal });
    document.addEventListener('keydown', (e) => { if (this.active) this.#shortcut(e); }, { signal });
    this.#bar.field.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter' && e.key !== 'ArrowDown') return;
      e.preventDefault();
      this.#table.grid.focus();
    }, { signal });
    const resize = new ResizeObserver(() => {
      if (!this.active) return;
      this.#table.measure();
      this.#table.draw(this.#following);
    });
    resize.observe(this.#table.element);
    signal.addEventListener('abort', () => resize.disconnect(), { once: true });
  }

  /** @override @param {Change} change */
  take(change) {
    if (change.reset) this.#zero = NaN;
    this.#stream.take(change);
    this.#learn(change.events, change.reset);
  }

  /** What became known of segments after they left. @param {PlaygroundEvent[]} events @param {boolean} anew the rows are made anew */
  #learn(events, anew) {
    for (const event of events) {
      if (event.type !== 'wire_intervened' && event.type !== 'state_changed') continue;
      const record = event.segment === undefined ? undefined : this.store.segments.get(event.segment);
      if (!record) continue;
      if (event.type === 'state_changed') this.#table.changed(record);
      if (this.#rows.filtered && !anew) this.#rows.again(record);
    }
  }

  /** @override @param {Change} [change] */
  draw(change) {
    this.#bar.pair = this.store.pair;
    this.#update(!change || change.selection);
    this.#stream.draw();
  }

  /** The newest segment in view, and kept there. */
  goLive() {
    this.#following = true;
    this.#update(false);
  }

  /** @param {boolean} reveal */
  #update(reveal) {
    const { entries } = this.store.segments;
    if (Number.isNaN(this.#zero) && entries[0]) this.#zero = entries[0].segment?.left_ns ?? entries[0].summary?.first_ns ?? 0;
    this.#table.zero = this.#zero || 0;
    const before = this.#rows.rows.length;
    const done = this.#rows.scan(entries, this.#rows.filtered ? SCAN_FILTERED : SCAN);
    if (!done) this.goOn(() => this.#update(false));
    if (!this.#following) this.#behind += Math.max(0, this.#rows.rows.length - before);
    if (reveal) this.#reveal();
    this.#drawCount(done);
    this.#table.draw(this.#following);
    this.#tell();
  }

  #refilter() {
    this.#rows.test = this.#bar.test;
    this.#following = true;
    if (this.active) this.#update(true);
  }

  /** @param {boolean} done */
  #drawCount(done) {
    const { total, matched, unsure, filtered, rows } = this.#rows;
    const values = { n: count(matched), all: count(total) };
    const words = filtered ? (unsure ? t('{n} or more of {all}', values) : t('{n} of {all}', values)) : total === 1 ? t('1 segment') : t('{n} segments', { n: count(total) });
    this.#bar.count = words + (done ? '' : '…');
    this.#bar.save.button.disabled = total === 0;
    const empty = rows.length === 0 && done;
    this.#empty.hidden = !empty;
    this.#table.element.hidden = empty;
    if (!empty) return;
    if (total > 0) {
      this.#empty.replaceChildren(t('0 of {n}. No segment passes the filter.', { n: count(total) }), this.#clear);
      return;
    }
    const { capture } = this.store.capabilities ?? {};
    const lab = this.store.state.lab !== null;
    this.#empty.replaceChildren(capture?.available === false && !lab
      ? `${t('This machine’s segments cannot be seen here; calls and states still are.')} ${server(capture.reason ?? '')}`
      : t('Every segment will stand here, one row each: who sent it, its flags and numbers, and the states it changed. Connect to a listener to see the first three.'), ' ', ...(total === 0 && this.store.state.sockets.size === 0 ? [demoButton()] : []));
  }

  // What is not listed.

  /** @param {Row} row */
  async #open({ summary, rest }) {
    const stretch = summary ? this.#rows.open(summary) : rest?.stretch;
    if (stretch) await this.#load(stretch, rest?.side === 'before' ? stretch.before : stretch.after);
  }

  /** @param {Stretch} stretch @param {number} page */
  async #load(stretch, page) {
    if (page < 0 || stretch.loading >= 0 || stretch.gone) return;
    stretch.loading = page;
    this.#following = false;
    const [first, last] = stretch.bounds(page);
    try {
      // A summary's range holds numbers that are listed by themselves.
      const records = await keptOf(this.store).fetch(first, last, stretch.socket);
      stretch.add(page, records.filter(({ number }) => !this.store.segments.get(number)));
    } catch (error) {
      stretch.loading = -1;
      stretch.error = error instanceof CommandError ? error.message : t('These segments could not be loaded.');
    }
    if (!this.isConnected) return;
    // What is in sight stays where it is: rows that come above push the box down.
    const [top] = this.#table.sight;
    const anchor = this.#rows.rows.slice(top).find(({ segment }) => segment)?.segment;
    const at = anchor ? this.#rows.indexOf(anchor, anchor.number) : -1;
    this.#rows.rebuild();
    while (!this.#rows.scan(this.store.segments.entries, SCAN));
    const moved = anchor && stretch.backwards ? this.#rows.indexOf(anchor, anchor.number) - at : 0;
    if (this.active) {
      this.#update(false);
      this.#stream.refresh();
    }
    if (moved) this.#table.element.scrollTop += moved * this.#table.rowPx;
  }

  /** What was opened goes on by itself as it is scrolled to. */
  #loadInSight() {
    const [first, fits] = this.#table.sight;
    for (const { rest } of this.#rows.rows.slice(first, first + fits)) {
      if (rest && !rest.stretch.error && !rest.stretch.gone && rest.stretch.loading < 0 && (rest.stretch.size > 0 || rest.stretch.backwards)) {
        void this.#load(rest.stretch, rest.side === 'before' ? rest.stretch.before : rest.stretch.after);
        return;
      }
    }
  }

  // Following the end.

  #scrolled() {
    if (!this.active) return;
    const { scrollTop, clientHeight, scrollHeight } = this.#table.element;
    this.#following = scrollTop + clientHeight >= scrollHeight - AT_END_PX;
    this.#table.draw(false);
    if (!this.#following) this.#loadInSight();
    this.#tell();
  }

  #tell() {
    if (this.#following) this.#behind = 0;
    if (this.#behind === this.#told) return;
    this.#told = this.#behind;
    this.dispatchEvent(new CustomEvent('viewbehind', { bubbles: true, detail: { new: this.#behind } }));
  }

  /** Brings the selected segment into view, if the list has it. */
  #reveal() {
    const number = this.store.segmentOf(this.store.selection);
    if (number === null) return;
    const index = this.#rows.indexOf(this.store.segments.get(number), number);
    if (index < 0) return;
    if (index < this.#rows.rows.length - 1) this.#following = false;
    this.#table.reveal(index);
  }

  // Keys.

  /** @param {number} by @param {(row: Row) => boolean} [wanted] */
  #move(by, wanted = () => true) {
    const { rows } = this.#rows;
    const number = this.store.segmentOf(this.store.selection);
    const at = number === null ? -1 : this.#rows.indexOf(this.store.segments.get(number), number);
    // With none selected, one begins at the end that is in view.
    let to = at < 0 ? (by < 0 ? rows.length - 1 : Math.max(0, this.#table.sight[0])) : at + by;
    const step = Math.sign(by);
    to = Math.min(rows.length - 1, Math.max(0, to));
    while (rows[to] && (!rows[to].segment || !wanted(rows[to]))) to += step;
    this.#select(rows[to]);
  }

  /** @param {Row|undefined} row */
  #select(row) {
    if (row?.segment) this.#table.select(row.segment);
  }

  /** Next in the connection of the selected segment. @param {1|-1} by */
  #moveInConnection(by) {
    const number = this.store.segmentOf(this.store.selection);
    const record = number === null ? undefined : keptOf(this.store).get(number);
    const { left, right } = this.store.pair;
    const ends = record ? [record.sent.src, record.sent.dst].sort().join() : null;
    this.#move(by, ({ segment }) => {
      const sent = segment?.sent;
      if (!sent) return false;
      if (ends) return [sent.src, sent.dst].sort().join() === ends;
      return [sent.socket, sent.peer].some((id) => id !== undefined && (id === left || id === right));
    });
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const page = Math.max(1, this.#table.sight[1] - 1);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowUp: () => this.#move(-1), ArrowDown: () => this.#move(1), PageUp: () => this.#move(-page), PageDown: () => this.#move(page),
      Home: () => this.#select(this.#rows.rows.find(({ segment }) => segment)), End: () => this.#select(this.#rows.rows.findLast(({ segment }) => segment)),
      Enter: () => this.dispatchEvent(new CustomEvent('openinspector', { bubbles: true })),
    };
    const act = keys[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  }

  /** @param {KeyboardEvent} e */
  #shortcut(e) {
    if (e.defaultPrevented || e.altKey || document.querySelector('dialog[open]')) return;
    const control = e.ctrlKey || e.metaKey;
    if (control && (e.key === '.' || e.key === ',')) {
      e.preventDefault();
      this.#moveInConnection(e.key === '.' ? 1 : -1);
      return;
    }
    const typing = e.target instanceof HTMLElement && e.target.closest('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]');
    if (control || typing || keysOff()) return;
    if (e.key === '/') this.#bar.field.focus();
    else if (e.key === 'j') this.#move(1);
    else if (e.key === 'k') this.#move(-1);
    else return;
    e.preventDefault();
  }

  /** Puts the focus into the filter. */
  focusFilter() {
    this.#bar.field.focus();
    this.#bar.field.select();
  }

  /** Saves all segments that the server keeps. */
  saveAll() {
    void this.#save({});
  }

  /** Opens the stream of the connection that is shown. */
  follow() {
    this.#stream.open();
  }

  // Saving.

  #saves() {
    const { rows, filtered, matched, total } = this.#rows;
    const { pair } = this.store;
    const sockets = [pair.left, pair.right].filter((s) => s !== null);
    const items = [];
    if (filtered) {
      items.push({
        label: t('What the filter shows'), hint: t('{n} segments, without rows that are not opened', { n: count(matched) }),
        disabled: matched === 0 ? t('No segment passes the filter.') : matched > MAX_SAVED ? t('More than {n}: filter more, or save all.', { n: count(MAX_SAVED) }) : undefined,
        act: () => void this.#save({ segments: rows.flatMap(({ segment }) => segment?.number ?? []) }),
      });
    }
    if (sockets.length > 0) items.push({ label: pairName(pair), mono: true, hint: t('This connection'), act: () => void this.#save({ sockets }) });
    items.push({ label: t('All'), hint: t('{n} segments, as far as the server keeps them', { n: count(total) }), act: () => void this.#save({}) });
    return items;
  }

  /** @param {Record<string, unknown>} what */
  async #save(what) {
    try {
      const answer = await this.store.send({ type: 'save_pcapng', ...what });
      if (!answer.download) return;
      download(answer.download);
      this.#bar.say('');
    } catch (error) {
      this.#bar.say(t('Not saved: {reason}', { reason: error instanceof Error ? error.message : String(error) }));
    }
  }
}

customElements.define('segments-view', SegmentsView);
