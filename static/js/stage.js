// The stage: tabs, the view of the open one, and what lies before them: the demos.

/** @import {Desk} from './desk.js' */
/** @import {Front} from './demo/front.js' */
/** @import {Player} from './player.js' */
/** @import {Tab} from './url.js' */

import { kbd, setAttr, setText } from './dom.js';
import { count } from './format.js';
import { t } from './i18n.js';
import * as prefs from './prefs.js';
import { byId } from './top-bar.js';
import { TABS } from './url.js';

/** @typedef {HTMLElement & {store: import('./store.js').Store, active: boolean, goLive?: () => void, togglePause?: () => void, focusFilter?: () => void, saveAll?: () => void, follow?: () => void}} View */

/** The views that can stand beside each other. @type {Tab[]} */
const PAIR = ['ladder', 'states'];
/** Where the page scrolls, one below the other would be all that fits. */
const WIDE = matchMedia('(width > 1100px)');

export class Stage {
  /** @type {Tab} */ tab = 'ladder';
  #desk;
  /** Ladder and diagram are to stand beside each other. */ #side = prefs.sideBySide();
  #sideButton = byId('side-by-side');
  /** @type {Set<(tab: Tab, visit: boolean) => void>} */ #watchers = new Set();
  #goLive = byId('go-live');
  #front;
  #tabs = byId('tabs');
  /** How many new things stand below what the open view shows. */
  #behind = 0;
  /** @type {Record<Tab, {button: HTMLElement, panel: HTMLElement, view: View}>} */ #views;

  /**
   * @param {Desk} desk
   * @param {Player} player
   * @param {Front} front
   */
  constructor(desk, player, front) {
    this.#desk = desk;
    this.#front = front;
    this.#views = /** @type {any} */ (Object.fromEntries(TABS.map((tab) => {
      const panel = byId(`panel-${tab}`);
      return [tab, { button: byId(`tab-${tab}`), panel, view: /** @type {View} */ (panel.firstElementChild) }];
    })));
    for (const tab of TABS) {
      const { button, view } = this.#views[tab];
      view.store = desk.store;
      button.addEventListener('click', () => this.open(tab));
    }
    const list = /** @type {HTMLElement} */ (this.#views.ladder.button.parentElement);
    list.addEventListener('keydown', (e) => this.#arrows(e));
    list.addEventListener('scroll', () => showMore(list), { passive: true });
    new ResizeObserver(() => showMore(list)).observe(list);
    byId('open-demos').addEventListener('click', () => front.openGallery());
    this.#sideButton.append(kbd('D'));
    this.#sideButton.addEventListener('click', () => {
      if (this.whyNotBeside) desk.voice.notice(this.whyNotBeside, 'info');
      else this.toggleSide();
    });
    WIDE.addEventListener('change', () => this.#changed(false));
    this.#goLive.addEventListener('click', () => {
      player.goLive();
      this.view.goLive?.();
    });
    document.addEventListener('viewbehind', (e) => {
      if (!(e instanceof CustomEvent) || e.target !== this.view) return;
      this.#behind = e.detail.new;
      this.#update();
    });
    front.watch(() => this.#show());
    desk.store.subscribe(() => this.#update());
    this.#show();
  }

  get view() {
    return this.#views[this.beside ? 'ladder' : this.tab].view;
  }

  /** Whether two views are shown. */
  get beside() {
    return this.#side && WIDE.matches && PAIR.includes(this.tab);
  }

  get whyNotBeside() {
    return WIDE.matches ? '' : t('Two views beside each other need a window of more than 1,100 pixels.');
  }

  get side() {
    return this.#side;
  }

  /** As an address says it: what the person chose stays remembered. */
  set side(side) {
    if (side === this.#side) return;
    this.#side = side;
    this.#changed(true);
  }

  toggleSide() {
    const side = !this.beside;
    prefs.setSideBySide(side);
    this.#side = side;
    if (side && !PAIR.includes(this.tab)) this.tab = 'ladder';
    this.#front.away();
    this.#changed(true);
    this.#desk.voice.say(side ? t('Ladder and States stand side by side.') : t('One view is shown.'));
  }

  /** @param {(tab: Tab, visit: boolean) => void} fn called when other views are shown; `visit`: because the person wanted it */
  watchTab(fn) {
    this.#watchers.add(fn);
  }

  /** @param {Tab} tab */
  open(tab) {
    const other = this.tab !== tab;
    this.tab = tab;
    this.#front.away();
    if (!other) return;
    this.#behind = 0;
    this.#changed(true);
  }

  /** @param {boolean} visit */
  #changed(visit) {
    this.#show();
    for (const fn of this.#watchers) fn(this.tab, visit);
  }

  #show() {
    const covered = this.#front.shown;
    // The demos have a row of their own in its place.
    this.#tabs.hidden = covered;
    const { beside, whyNotBeside } = this;
    setAttr(/** @type {Element} */ (this.#tabs.parentElement), 'data-side', beside && !covered ? '' : null);
    setAttr(/** @type {Element} */ (this.#views.ladder.button.parentElement), 'aria-multiselectable', beside ? 'true' : null);
    setAttr(this.#sideButton, 'aria-pressed', String(beside));
    setAttr(this.#sideButton, 'aria-disabled', whyNotBeside ? 'true' : null);
    setAttr(this.#sideButton, 'title', whyNotBeside || t('Ladder and States side by side (D)'));
    for (const tab of TABS) {
      const { button, panel, view } = this.#views[tab];
      const on = tab === this.tab || (beside && PAIR.includes(tab));
      button.setAttribute('aria-selected', String(on));
      button.tabIndex = tab === this.tab ? 0 : -1;
      panel.hidden = !on || covered;
      const active = on && !covered;
      if (view.active !== active) view.active = active;
    }
    if (!covered) reveal(this.#views[this.tab].button);
  }

  #update() {
    const { store } = this.#desk;
    if (this.#views[this.tab].panel.hidden !== this.#front.shown) this.#show();
    const fresh = store.paused ? store.waiting : this.#behind;
    const away = store.paused || fresh > 0 || (store.selection?.kind === 'event' && store.selection.seq < store.state.seq);
    this.#goLive.hidden = !away;
    setText(this.#goLive, fresh ? t('{n} new, go to live', { n: count(fresh) }) : t('Go to live'));
  }

  /** @param {KeyboardEvent} e */
  #arrows(e) {
    const at = TABS.indexOf(this.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const tab = TABS[(to + TABS.length) % TABS.length];
    this.open(tab);
    this.#views[tab].button.focus();
  }
}

/** Brings a tab into the sight of its row, and moves nothing else. @param {HTMLElement} tab */
function reveal(tab) {
  const row = /** @type {HTMLElement} */ (tab.parentElement);
  const at = tab.getBoundingClientRect();
  const seen = row.getBoundingClientRect();
  row.scrollLeft += Math.min(0, at.left - seen.left) + Math.max(0, at.right - seen.right);
}

/** On which sides of a row there is more than it shows. @param {HTMLElement} row */
function showMore(row) {
  const start = row.scrollLeft > 1;
  const end = row.scrollLeft + row.clientWidth < row.scrollWidth - 1;
  setAttr(row, 'data-more', start && end ? 'both' : start ? 'start' : end ? 'end' : null);
}
