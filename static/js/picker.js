// The connection shown on the stage, and choosing another.

/** @import {Pair} from './types.js' */
/** @import {Desk} from './desk.js' */

import { demoActs } from './demo/story-model.js';
import { chip, el, setAttr, setText } from './dom.js';
import { t } from './i18n.js';
import { allPairs, follow, pairName } from './pairs.js';
import { byId } from './top-bar.js';

/** More than a person reads; the search narrows it. */
const MAX_ROWS = 100;
/** With this many connections a search field is worth its place. */
const SEARCH_FROM = 8;

export class Picker {
  #desk;
  #button = /** @type {HTMLButtonElement} */ (byId('picker'));
  #search = el('input', { class: 'field', 'aria-label': t('Search connections'), placeholder: t('C12, S1.3, a port'), autocomplete: 'off', spellcheck: 'false' });
  #list = el('ul', { class: 'picker-list', role: 'listbox', 'aria-label': t('Connections'), tabindex: '-1' });
  #popup = el('div', { class: 'picker', popover: 'auto' }, this.#search, this.#list);

  /** What was shown without the person's asking. @type {Pair} */ #found = { left: null, right: null };

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#button.after(this.#popup);
    this.#button.popoverTargetElement = this.#popup;
    this.#popup.addEventListener('beforetoggle', (e) => {
      const opens = /** @type {ToggleEvent} */ (e).newState === 'open';
      this.#button.setAttribute('aria-expanded', String(opens));
      if (!opens) return;
      this.#search.value = '';
      this.#fill();
    });
    this.#popup.addEventListener('toggle', (e) => {
      if (/** @type {ToggleEvent} */ (e).newState !== 'open') return;
      if (!this.#search.hidden) this.#search.focus();
      else this.#focus(this.#selected());
    });
    this.#search.addEventListener('input', () => this.#fill());
    this.#popup.addEventListener('keydown', (e) => this.#key(e));
    desk.store.subscribe((change) => {
      const { store } = desk;
      const opened = change.reset || change.events.some((e) => e.type === 'socket_opened' || e.type === 'peer_found');
      if (opened && !store.paused) this.#follow();
      if (change.pair || change.reset || opened) this.#show();
    });
    this.#show();
  }

  #follow() {
    const { store } = this.#desk;
    const { state, pair } = store;
    const active = this.#desk.active;
    const chosen = !samePair(pair, this.#found) || (active !== null && (active === pair.left || active === pair.right)) || demoActs(state.demo);
    const next = follow(state, pair, chosen);
    const whole = chosen && ((next.left !== null && next.left === pair.left) || (next.right !== null && next.right === pair.right));
    if (!whole) this.#found = next;
    store.setPair(next.left, next.right);
  }

  #show() {
    const name = pairName(this.#desk.store.pair);
    this.#button.hidden = name === '';
    setText(/** @type {Element} */ (this.#button.querySelector('code')), name);
    setAttr(this.#button, 'aria-label', t('Connection shown: {name}', { name }));
  }

  #fill() {
    const { state, pair } = this.#desk.store;
    const pairs = allPairs(state).reverse();
    this.#search.hidden = pairs.length < SEARCH_FROM;
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (/** @type {Pair} */ p) => {
      const text = this.#text(p).toLowerCase();
      return words.every((w) => text.includes(w));
    };
    const found = words.length ? pairs.filter(has) : pairs;
    this.#list.replaceChildren(...found.slice(0, MAX_ROWS).map((p) => {
      const chosen = samePair(p, pair);
      const socket = state.sockets.get(p.left ?? p.right ?? '');
      return el('li', { role: 'option', tabindex: '-1', 'aria-selected': String(chosen), onclick: () => this.#choose(p) },
        el('b', null, pairName(p)), socket ? chip(socket.state, { reason: socket.reason }) : '', el('code', null, socket?.local ?? ''));
    }));
    if (found.length > MAX_ROWS) this.#list.append(el('li', { class: 'muted', role: 'presentation' }, t('{n} more; search to see them', { n: found.length - MAX_ROWS })));
    if (found.length === 0) this.#list.append(el('li', { class: 'muted', role: 'presentation' }, t('No connection has that.')));
  }

  /** @param {Pair} pair */
  #text(pair) {
    const { sockets } = this.#desk.store.state;
    return [pair.left, pair.right].map((id) => {
      const socket = id ? sockets.get(id) : undefined;
      return socket ? `${id} ${socket.local} ${socket.remote} ${socket.state}` : '';
    }).join(' ');
  }

  /** @param {Pair} pair */
  #choose(pair) {
    this.#desk.store.setPair(pair.left, pair.right);
    const id = pair.left ?? pair.right;
    if (id) this.#desk.activate(id, { show: false, reveal: true });
    this.#popup.hidePopover();
    this.#button.focus();
  }

  #selected() {
    return Math.max(0, [...this.#list.children].findIndex((c) => c.getAttribute('aria-selected') === 'true'));
  }

  /** @param {number} at */
  #focus(at) {
    const option = this.#list.children[at];
    if (option instanceof HTMLElement) option.focus();
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const options = [...this.#list.querySelectorAll('[role="option"]')];
    const at = options.indexOf(/** @type {Element} */ (document.activeElement));
    if (e.key === 'ArrowDown') this.#focus(Math.min(options.length - 1, at + 1));
    else if (e.key === 'ArrowUp') at <= 0 && !this.#search.hidden ? this.#search.focus() : this.#focus(Math.max(0, at - 1));
    else if (e.key === 'Enter') /** @type {HTMLElement|undefined} */ (options[Math.max(0, at)])?.click();
    else return;
    e.preventDefault();
  }
}

/** @param {Pair} a @param {Pair} b */
function samePair(a, b) {
  return a.left === b.left && a.right === b.right;
}
