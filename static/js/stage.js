// The stage: tabs, the view of the open one, and how to begin while there is nothing to see.

/** @import {Desk} from './desk.js' */
/** @import {Player} from './player.js' */
/** @import {Tab} from './url.js' */

import { el, kbd, setText } from './dom.js';
import { count } from './format.js';
import { byId } from './top-bar.js';
import { TABS } from './url.js';

/** @typedef {HTMLElement & {store: import('./store.js').Store, active: boolean, goLive?: () => void, togglePause?: () => void}} View */

export class Stage {
  /** @type {Tab} */ tab = 'ladder';
  #desk;
  /** @type {Set<(tab: Tab) => void>} */ #watchers = new Set();
  #goLive = byId('go-live');
  #welcome = byId('welcome');
  /** How many new things stand below what the open view shows. */
  #behind = 0;
  /** @type {Record<Tab, {button: HTMLElement, panel: HTMLElement, view: View}>} */ #views;

  /**
   * @param {Desk} desk
   * @param {Player} player
   * @param {{listen: () => void, connect: () => void}} config
   */
  constructor(desk, player, { listen, connect }) {
    this.#desk = desk;
    this.#views = /** @type {any} */ (Object.fromEntries(TABS.map((tab) => {
      const panel = byId(`panel-${tab}`);
      return [tab, { button: byId(`tab-${tab}`), panel, view: /** @type {View} */ (panel.firstElementChild) }];
    })));
    for (const tab of TABS) {
      const { button, view } = this.#views[tab];
      view.store = desk.store;
      button.addEventListener('click', () => this.open(tab));
    }
    /** @type {HTMLElement} */ (this.#views.ladder.button.parentElement).addEventListener('keydown', (e) => this.#arrows(e));
    this.#goLive.addEventListener('click', () => {
      player.goLive();
      this.view.goLive?.();
    });
    document.addEventListener('viewbehind', (e) => {
      if (!(e instanceof CustomEvent) || e.target !== this.view) return;
      this.#behind = e.detail.new;
      this.#update();
    });
    this.#welcome.append(
      el('h2', null, 'Listen on a port to begin'),
      el('p', null, 'Every socket here is a real one of this machine. You open it, write to it and close it, and see each call and each state of the kernel as it happens.'),
      el('ol', null,
        el('li', null, el('b', null, 'Listen.'), ' The server opens a port and waits in LISTEN.'),
        el('li', null, el('b', null, 'Connect.'), ' The client dials it: SYN_SENT, then ESTABLISHED on both sides.'),
        el('li', null, el('b', null, 'Send, then close.'), ' Type a word on a card, send it, close both sides, and watch who ends in TIME_WAIT.')),
      el('p', { class: 'welcome-actions' },
        el('button', { class: 'btn btn-primary', type: 'button', 'data-acts': true, onclick: listen }, 'Listen on 8330', kbd('L')),
        el('button', { class: 'btn', type: 'button', 'data-acts': true, onclick: connect }, 'Connect to 8330', kbd('C'))));
    desk.store.subscribe(() => this.#update());
    this.#show();
  }

  get view() {
    return this.#views[this.tab].view;
  }

  /** @param {(tab: Tab) => void} fn called when another tab was opened */
  watchTab(fn) {
    this.#watchers.add(fn);
  }

  /** @param {Tab} tab */
  open(tab) {
    if (this.tab === tab) return;
    this.tab = tab;
    this.#behind = 0;
    this.#show();
    for (const fn of this.#watchers) fn(tab);
  }

  #show() {
    const empty = this.#empty();
    this.#welcome.hidden = !empty;
    for (const tab of TABS) {
      const { button, panel, view } = this.#views[tab];
      const on = tab === this.tab;
      button.setAttribute('aria-selected', String(on));
      button.tabIndex = on ? 0 : -1;
      panel.hidden = !on || empty;
      const active = on && !empty;
      if (view.active !== active) view.active = active;
    }
  }

  /** Whether to say how to begin. Not in netstat: there one may watch other programs and open nothing. */
  #empty() {
    const { store } = this.#desk;
    return this.tab !== 'netstat' && store.session !== '' && store.events.length === 0 && store.state.sockets.size === 0;
  }

  #update() {
    const { store } = this.#desk;
    if (this.#welcome.hidden === this.#empty()) this.#show();
    const fresh = store.paused ? store.waiting : this.#behind;
    const away = store.paused || fresh > 0 || (store.selection?.kind === 'event' && store.selection.seq < store.state.seq);
    this.#goLive.hidden = !away;
    setText(this.#goLive, fresh ? `${count(fresh)} new, go to live` : 'Go to live');
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
