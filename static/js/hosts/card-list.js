// The cards of one host of the network chosen. There may be thousands of sockets: the newest and the touched ones get a card,
// the rest is counted by state and listed on demand; only cards on screen are kept up to date, once a frame.

/** @import {Change, Host, Socket} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { el } from '../dom.js';
import { t } from '../i18n.js';
import { networkOf } from '../network.js';
import { keepFocus } from './keep-focus.js';
import { ListenerCard } from './listener-card.js';
import { RestList } from './rest-list.js';
import { SocketCard } from './socket-card.js';

/** How many cards a section shows of itself; the person can ask for any other. */
const MAX_CARDS = 24;
/** With this many cards at most, all are kept up to date; of more, those on screen. */
const EAGER_CARDS = 12;
/** A closed socket's card gives way after this time. */
const CLOSED_NS = 60e9;
/** How often a crowd is sorted again; cards must not be built and thrown away each frame. */
const CROWD_MS = 300;
const TICK_MS = 100;

/** @typedef {SocketCard|ListenerCard} Card */

export class CardList {
  element = el('div', { class: 'cards' });
  #desk;
  #host;
  #onCount;
  /** @type {Map<string, Card>} */ #cards = new Map();
  /** @type {Map<string, Section>} */ #sections = new Map();
  /** Cards that have something new to show. @type {Set<string>} */ #dirty = new Set();
  /** Asked for by hand. @type {Set<string>} */ #pinned = new Set();
  #sort = true;
  #sortedAt = 0;
  #observer;

  /**
   * @param {Desk} desk
   * @param {{host: Host, signal: AbortSignal, onCount: (n: number) => void}} config
   */
  constructor(desk, { host, signal, onCount }) {
    this.#desk = desk;
    this.#host = host;
    this.#onCount = onCount;
    this.#observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const id = entry.target instanceof HTMLElement ? entry.target.dataset.socket : undefined;
        const card = id ? this.#cards.get(id) : undefined;
        if (!card || !id) continue;
        card.visible = entry.isIntersecting;
        if (card.visible) this.#dirty.add(id);
      }
      this.#draw();
    }, { rootMargin: '200px' });
    signal.addEventListener('abort', () => this.#observer.disconnect());

    desk.store.subscribe((change) => this.#changed(change), { signal });
    desk.network.watch(() => {
      this.#arrange();
      this.#draw();
    });
    desk.watchActive((reveal) => this.#activeChanged(reveal));
    const timer = setInterval(() => this.#tick(), TICK_MS);
    signal.addEventListener('abort', () => clearInterval(timer));
    this.element.addEventListener('pointerdown', (e) => this.#touched(e));
    this.element.addEventListener('focusin', (e) => this.#touched(e));
  }

  /** @param {Change} change */
  #changed(change) {
    if (change.reset) {
      this.#sort = true;
      for (const id of this.#cards.keys()) this.#dirty.add(id);
    }
    for (const event of change.events) {
      if (event.socket === undefined) continue;
      this.#dirty.add(event.socket);
      if (event.type === 'transfer_finished' || event.type === 'transfer_started') this.#dirty.add(event.socket);
      else if (event.type === 'socket_opened' || event.type === 'socket_removed' || event.type === 'state_changed' || event.type === 'conn_accepted') this.#sort = true;
      if ((event.type === 'socket_opened' || event.type === 'conn_accepted') && event.listener) this.#dirty.add(event.listener);
    }
    if (change.paused || change.connection || change.selection) for (const id of this.#cards.keys()) this.#dirty.add(id);
    this.#draw();
  }

  #draw() {
    keepFocus(this.element, () => this.#bringUpToDate());
  }

  #bringUpToDate() {
    const crowded = this.#desk.store.state.sockets.size > 2 * MAX_CARDS;
    if (this.#sort && (!crowded || performance.now() - this.#sortedAt > CROWD_MS)) this.#arrange();
    for (const id of this.#dirty) {
      const card = this.#cards.get(id);
      const socket = this.#desk.store.state.sockets.get(id);
      if (card && socket && this.#follows(card)) card.update(socket);
    }
    this.#dirty.clear();
  }

  /** Countdowns and running times, and sorting what waited. */
  #tick() {
    const { store } = this.#desk;
    let old = false;
    for (const [id, card] of this.#cards) {
      const socket = store.state.sockets.get(id);
      if (!socket) continue;
      if (socket.state === 'CLOSED' && store.now() - (socket.closed_ns ?? store.now()) > CLOSED_NS && !this.#keeps(id)) old = true;
      if (this.#follows(card) && card.runs(socket)) card.update(socket);
    }
    if (old) this.#sort = true;
    if (this.#sort) this.#draw();
  }

  /** @param {Card} card */
  #follows(card) {
    return card.visible || this.#cards.size <= EAGER_CARDS;
  }

  /** @param {string} id */
  #keeps(id) {
    return this.#pinned.has(id) || this.#desk.active === id;
  }

  /** @param {Event} event */
  #touched(event) {
    const card = event.target instanceof Element ? event.target.closest('[data-socket]') : null;
    if (card instanceof HTMLElement && card.dataset.socket) this.#desk.activate(card.dataset.socket);
  }

  /** @param {boolean} reveal */
  #activeChanged(reveal) {
    for (const [id, card] of this.#cards) card.active = id === this.#desk.active;
    if (this.#desk.active && !this.#cards.has(this.#desk.active)) this.#sort = true;
    this.#draw();
    if (reveal && this.#desk.active) this.#cards.get(this.#desk.active)?.element.scrollIntoView({ block: 'nearest' });
  }

  /** Which sockets get a card, in which section, in the order in which they were opened. */
  #arrange() {
    this.#sort = false;
    this.#sortedAt = performance.now();
    /** @type {Map<string, Socket[]>} */
    const sections = new Map();
    let count = 0;
    for (const socket of this.#desk.store.state.sockets.values()) {
      if (socket.host !== this.#host || networkOf(socket) !== this.#desk.network.chosen) continue;
      if (socket.kind === 'listener') sections.set(socket.socket, sections.get(socket.socket) ?? []);
      if (isRemains(socket)) continue;
      if (socket.kind === (this.#host === 'client' ? 'conn' : 'listener')) count++;
      if (socket.kind === 'listener') continue;
      const section = socket.kind === 'other' ? 'other' : socket.listener ?? 'own';
      const list = sections.get(section);
      if (list) list.push(socket);
      else sections.set(section, [socket]);
    }
    this.#onCount(count);

    const order = [...sections.keys()].sort((a, b) => rank(a) - rank(b));
    for (const [key, section] of this.#sections) {
      if (sections.has(key)) continue;
      for (const id of [...section.ids]) this.#drop(id);
      if (this.#cards.has(key)) this.#drop(key);
      section.element.remove();
      this.#sections.delete(key);
    }
    let at = 0;
    for (const key of order) {
      const section = this.#section(key);
      if (this.element.children[at] !== section.element) this.element.insertBefore(section.element, this.element.children[at] ?? null);
      at++;
      this.#fill(section, sections.get(key) ?? []);
    }
  }

  /** @param {string} key */
  #section(key) {
    let section = this.#sections.get(key);
    if (section) return section;
    const rest = new RestList(this.#desk, (id) => {
      this.#pinned.add(id);
      this.#arrange();
      this.#desk.activate(id, { reveal: true });
    });
    const listener = this.#desk.store.state.sockets.get(key);
    const cards = el('div', listener ? { class: 'accepted', role: 'group', 'aria-label': t('Accepted by {socket}', { socket: key }) } : { class: 'card-stack' });
    const element = el('div', { class: 'card-section' }, key === 'other' && el('h3', { class: 'section-head' }, t('Other programs')));
    if (listener) {
      const card = new ListenerCard(this.#desk, listener);
      this.#adopt(card, listener);
      element.append(card.element);
    }
    element.append(cards, rest.element);
    section = { element, cards, rest, ids: new Set() };
    this.#sections.set(key, section);
    return section;
  }

  /** @param {Section} section @param {Socket[]} sockets */
  #fill(section, sockets) {
    const now = this.#desk.store.now();
    const fresh = sockets.filter((s) => s.state !== 'CLOSED' || now - (s.closed_ns ?? now) < CLOSED_NS);
    const shown = new Set(fresh.slice(-MAX_CARDS).map((s) => s.socket));
    for (const socket of sockets) if (this.#keeps(socket.socket)) shown.add(socket.socket);

    for (const id of [...section.ids]) {
      if (shown.has(id)) continue;
      this.#drop(id);
      section.ids.delete(id);
    }
    let at = 0;
    for (const socket of sockets) {
      if (!shown.has(socket.socket)) continue;
      let card = this.#cards.get(socket.socket);
      if (!card) {
        card = new SocketCard(this.#desk, socket);
        this.#adopt(card, socket);
        section.ids.add(socket.socket);
      }
      if (section.cards.children[at] !== card.element) section.cards.insertBefore(card.element, section.cards.children[at] ?? null);
      at++;
    }
    section.cards.hidden = at === 0;
    section.rest.update(sockets.filter((s) => !shown.has(s.socket)));
  }

  /** @param {Card} card @param {Socket} socket */
  #adopt(card, socket) {
    this.#cards.set(socket.socket, card);
    card.active = this.#desk.active === socket.socket;
    this.#observer.observe(card.element);
    this.#dirty.add(socket.socket);
  }

  /** @param {string} id */
  #drop(id) {
    const card = this.#cards.get(id);
    if (!card) return;
    this.#observer.unobserve(card.element);
    card.element.remove();
    this.#cards.delete(id);
    this.#pinned.delete(id);
  }
}

/** @typedef {{element: HTMLElement, cards: HTMLElement, rest: RestList, ids: Set<string>}} Section */

/** What is left of a connection that was over before this session saw it: netstat lists it. @param {Socket} socket */
function isRemains(socket) {
  return socket.kind === 'other' && !socket.peer && (socket.state === 'TIME_WAIT' || socket.state === 'CLOSED');
}

/** Own sockets first, listeners by number, other programs last. @param {string} key */
function rank(key) {
  if (key === 'own') return -1;
  return key === 'other' ? Infinity : Number(key.slice(1));
}
