// The gallery: the first screen, and later an overlay. Opening a card runs nothing.

/** @import {DemoEntry} from '../types.js' */
/** @import {Catalog} from './catalog.js' */
/** @import {Desk} from '../desk.js' */

import { el, icon, kbd, setAttr, setText, svg } from '../dom.js';
import { language, localise, pieces, server, t, texts } from '../i18n.js';
import { languageSwitch } from '../language-switch.js';
import { doneDemos } from '../prefs.js';
import { drawEmblem } from './emblem-draw.js';
import { cardBeside, galleryOf } from './gallery-model.js';

const BEGIN = { title: { en: 'See what a socket really does', zh: '看看套接字到底在做什么' } };
/** @type {Record<import('./gallery-model.js').Shelf['shelf'], string>} */
const SHELF_NAMES = texts({ course: 'Course', failure: 'When things go wrong', weird: 'Weird' });

/** @typedef {{open: (entry: DemoEntry) => void, runFirst: () => void, openFile: () => void, close: () => void}} Acts */

export class Gallery {
  element;
  #desk;
  #catalog;
  #acts;
  #search = el('input', { class: 'field', type: 'search', 'aria-label': t('Search demos'), 'aria-keyshortcuts': '/', autocomplete: 'off', spellcheck: 'false' });
  #withoutLab = el('input', { class: 'sr-only', type: 'checkbox', role: 'switch' });
  #shelves = el('div', { class: 'shelves' });
  #body;
  #found = el('p', { class: 'sr-only', role: 'status' });
  #begin = el('button', { class: 'btn btn-primary', type: 'button', 'data-acts': true });
  #promise = el('p', { class: 'hero-promise' });
  /** Shelves that show all of their cards. @type {Set<string>} */ #whole = new Set();
  #drawn = '';

  /** @param {Desk} desk @param {Catalog} catalog @param {Acts} acts */
  constructor(desk, catalog, acts) {
    this.#desk = desk;
    this.#catalog = catalog;
    this.#acts = acts;
    this.#begin.addEventListener('click', () => acts.runFirst());
    this.#search.addEventListener('input', () => {
      if (this.#search.value.trim() !== '') void this.#catalog.loadTexts();
      this.draw();
    });
    this.#withoutLab.addEventListener('change', () => this.draw());
    this.#body = el('div', { class: 'gallery', tabindex: '-1' },
      el('section', { class: 'hero', 'aria-labelledby': 'begin' },
        el('div', null, el('h2', { id: 'begin' }, localise(BEGIN.title)), otherTitle(BEGIN),
          el('p', null, t('Real connections, real kernel. Every call, segment and state, as it happens.')),
          el('div', { class: 'hero-go' }, this.#begin, el('span', null, pieces('or {L} listen, {C} connect', { L: kbd('L'), C: kbd('C') }))), this.#promise),
        heroPicture()),
      this.#shelves);
    this.element = el('section', { class: 'demos', 'aria-label': t('Demos') },
      el('div', { class: 'viewbar demos-bar' },
        el('label', { class: 'search' }, icon('i-find'), this.#search),
        el('label', { class: 'switch' }, this.#withoutLab, el('i'), t('Only without Lab')),
        el('button', { class: 'btn btn-sm btn-quiet push', type: 'button', title: t('A demo file (.yaml or .json); you can also drop or paste one'), onclick: () => acts.openFile() }, t('Open a file')),
        el('span', { class: 'demos-language' }, languageSwitch()), closeButton(acts.close)),
      this.#found, this.#body);
    this.element.addEventListener('keydown', (e) => this.#key(e));
    desk.network.watch(() => this.draw());
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** Out of the search, where letters are typed; here keys act. */
  focusList() {
    this.#body.focus({ preventScroll: true });
  }

  /** The switch of the language stands here instead of the top bar's button, and so does the focus. */
  focusLanguage() {
    /** @type {HTMLElement|null} */ (this.element.querySelector('.demos-language input:checked'))?.focus();
  }

  draw() {
    const { entries, error } = this.#catalog;
    const done = doneDemos();
    const whyNoLab = this.#desk.network.whyNoLab;
    setAttr(this.#search, 'placeholder', entries.length ? t('Search {n} demos, states, errors', { n: entries.length }) : t('Search demos'));
    setText(this.#begin, t('Run the handshake demo'));
    this.#begin.disabled = entries.length === 0;
    setText(this.#promise, whyNoLab ? t('On this machine, over loopback.') : t('The first segment within 2 s, both ends connected within 10 s. In a Lab of two hosts: your machine’s ports stay as they are.'));
    const state = JSON.stringify([this.#search.value, this.#withoutLab.checked, [...done], [...this.#whole], whyNoLab, entries.length, entries[0]?.texts !== undefined, error]);
    if (state === this.#drawn) return;
    this.#drawn = state;

    // A list that comes while somebody goes through it leaves the focus on the same demo.
    const focused = document.activeElement instanceof HTMLElement && this.#shelves.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    const { shelves, found, nearest } = galleryOf(entries, { typed: this.#search.value, withoutLab: this.#withoutLab.checked, done });
    const card = (/** @type {DemoEntry} */ entry) => this.#card(entry, done.has(entry.id), whyNoLab);
    if (error) this.#shelves.replaceChildren(el('p', { class: 'demos-note' }, error, ' ', el('button', { class: 'btn btn-sm', type: 'button', onclick: () => void this.#catalog.load() }, t('Retry'))));
    else if (entries.length === 0) this.#shelves.replaceChildren(el('div', { class: 'shelf skeleton', role: 'status', 'aria-label': t('The demos are loading') }, Array.from({ length: 4 }, () => el('i'))));
    else if (!found) this.#shelves.replaceChildren(...shelves.map((shelf) => this.#shelf(shelf, card)));
    else if (found.length > 0) this.#shelves.replaceChildren(el('div', { class: 'shelf', 'data-all': true }, found.map(card)));
    else this.#shelves.replaceChildren(el('p', { class: 'demos-note' }, t('Nothing has that. The nearest:')), el('div', { class: 'shelf', 'data-all': true }, nearest.map(card)));
    if (found) setText(this.#found, found.length === 1 ? t('1 demo found') : t('{n} demos found', { n: found.length }));
    // One stop for Tab; the arrows go from card to card.
    const cards = this.#cards();
    const at = Math.max(0, cards.findIndex((card) => focused !== undefined && card.dataset.id === focused));
    for (const [i, button] of cards.entries()) button.tabIndex = i === at ? 0 : -1;
    if (focused !== undefined) cards[at]?.focus();
  }

  /** @param {import('./gallery-model.js').Shelf} shelf @param {(entry: DemoEntry) => HTMLElement} card */
  #shelf({ shelf, entries, done }, card) {
    const name = t(SHELF_NAMES[shelf]);
    const whole = this.#whole.has(shelf);
    const toggle = () => {
      if (whole) this.#whole.delete(shelf);
      else this.#whole.add(shelf);
      this.draw();
      /** @type {HTMLElement|null} */ (this.#shelves.querySelector(`[data-shelf="${shelf}"] .shelf-head .btn`))?.focus();
    };
    const many = entries.length === 1 ? t('1 demo') : t('{n} demos', { n: entries.length });
    return el('section', { 'aria-label': name, 'data-shelf': shelf },
      el('header', { class: 'shelf-head' }, el('h3', null, name),
        el('span', { class: 'muted' }, shelfNote(shelf === 'course' ? t('{many}, in order', { many }) : many, done)),
        entries.length > 3 && el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'aria-expanded': String(whole), 'aria-label': whole ? t('Show less of {name}', { name }) : t('Show all of {name}', { name }), onclick: toggle },
          whole ? t('Show less') : t('Show all'), icon(whole ? 'i-down' : 'i-right'))),
      el('div', { class: 'shelf', 'data-all': whole }, entries.map(card)));
  }

  /** @param {DemoEntry} entry @param {boolean} done @param {string} whyNoLab */
  #card(entry, done, whyNoLab) {
    const lab = entry.network === 'lab';
    const why = lab ? server(whyNoLab) : '';
    const title = localise(entry.title);
    const seconds = entry.takes?.[language()];
    const time = seconds ? timeText(seconds) : '';
    const open = () => (why ? this.#desk.voice.notice(why, 'info') : this.#acts.open(entry));
    return el('button', { class: 'demo-card', type: 'button', dataset: { id: entry.id }, tabindex: '-1', 'aria-description': entry.myth ? t('Myth: {myth}', { myth: localise(entry.myth) }) : null, 'aria-disabled': why ? 'true' : null, onclick: open },
      drawEmblem(entry.picture ?? []),
      el('span', null, el('b', null, title), otherTitle(entry),
        el('em', { title: why || null }, why || localise(entry.summary)),
        el('small', null, time,
          lab && el('span', { class: 'tag' }, t('needs Lab')),
          entry.myth && el('span', { class: 'tag', title: localise(entry.myth) }, t('myth')),
          done && el('span', { class: 'demo-done' }, icon('i-tick'), el('span', { class: 'sr-only' }, t('Done'))))));
  }

  /** @returns {HTMLElement[]} */
  #cards() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.#shelves.querySelectorAll('.demo-card'))].filter((card) => card.offsetParent !== null);
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (e.target === this.#search && e.key === 'ArrowDown') {
      this.#cards()[0]?.focus();
      e.preventDefault();
      return;
    }
    const cards = this.#cards();
    const at = cards.indexOf(/** @type {HTMLElement} */ (e.target));
    if (at < 0 || e.ctrlKey || e.metaKey || e.altKey) return;
    const to = cardBeside(cards.map((card) => ({ left: card.offsetLeft, top: card.offsetTop })), at, e.key);
    if (!['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(e.key)) return;
    e.preventDefault();
    cards[at].tabIndex = -1;
    cards[to].tabIndex = 0;
    cards[to].focus();
  }
}

/** To the views, which the demos stand in front of. @param {() => void} close */
export function closeButton(close) {
  return el('button', { class: 'btn btn-icon btn-quiet', type: 'button', 'aria-label': t('Close the demos'), title: t('Close the demos (Esc)'), onclick: close }, icon('i-close'));
}

/** @param {string} many @param {number} done */
function shelfNote(many, done) {
  return done > 0 ? t('{many}. {n} done', { many, n: done }) : many;
}

/** The title in the other language, smaller: who reads one finds the other. @param {Pick<DemoEntry, 'title'>} entry */
export function otherTitle({ title }) {
  if (!title.zh || title.zh === title.en) return null;
  return language() === 'zh' ? el('span', { class: 'other-title', lang: 'en' }, title.en) : el('span', { class: 'other-title', lang: 'zh-CN' }, title.zh);
}

/** @param {number} seconds */
export function timeText(seconds) {
  return seconds > 120 ? t('{n} min', { n: Math.round(seconds / 60) }) : t('{n} s', { n: seconds });
}

/** A connection's whole life, as the emblem of the first screen. */
function heroPicture() {
  /** @type {[phase: string, rails: number[][], path: string][]} */
  const parts = [
    ['idle', [[8, 4, 18], [250, 4, 28], [250, 116, 8]], ''],
    ['opening', [[8, 24, 24], [250, 34, 28]], 'm18 24 226 9m-8-5 9 5-10 4M244 39 18 48M27 43l-9 5 10 4'],
    ['open', [[8, 50, 28], [250, 64, 24]], 'm18 68 226 9M236 72l9 5-10 4'],
    ['closing', [[8, 80, 24], [250, 90, 24]], 'm18 82 226 8M236 85l9 5-10 4M244 97 18 105M27 100l-9 5 10 4'],
    ['wait', [[8, 106, 18]], ''],
  ];
  return svg('svg', { viewBox: '0 0 264 128', 'aria-hidden': 'true' },
    parts.map(([phase, rails, d]) => svg('g', { 'data-phase': phase },
      rails.map(([x, y, height]) => svg('rect', { x, y, width: 6, height, rx: 2 })), d && svg('path', { d }))),
    svg('path', { class: 'thin', d: 'm18 53 226 8M18 110l226 7' }));
}
