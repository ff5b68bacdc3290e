// The address bar: session, tab, network, connection and selection, so that Back, Forward and a link find the same place.

/** @import {Front} from './demo/front.js' */
/** @import {Network} from './network.js' */
/** @import {Stage} from './stage.js' */
/** @import {Store} from './store.js' */
/** @import {Place as Address} from './url.js' */

import { format, parse } from './url.js';

/** Stepping through events is one visit, not one for each event. */
const SAME_VISIT_MS = 1_000;

/** Where this tab keeps the sessions that are over, and how many: the newest are what Back can meet. */
const LEFT = 'left-sessions';
const MAX_LEFT = 50;

export class Place {
  /** @type {(key: string) => void} */ onSession = () => {};
  #store;
  #stage;
  #network;
  #front;
  #session;
  #selectedAt = 0;
  /** Sessions that are over: a demo began in a new one, or the server had ended them. @type {string[]} */ #left = leftBefore();
  #applying = false;

  /** @param {Store} store @param {Stage} stage @param {Network} network @param {Front} front */
  constructor(store, stage, network, front) {
    this.#store = store;
    this.#stage = stage;
    this.#network = network;
    this.#front = front;
    const place = parse(location.hash);
    this.#session = place.session;
    this.#apply(place, { first: true });
    stage.watchTab((_, visit) => { if (!this.#applying) this.#visit(visit); });
    front.watch((visit) => { if (!this.#applying) this.#visit(visit); });
    // In front of the views it is a setting, and nothing else is seen.
    network.watch((visit) => { if (!this.#applying) this.#visit(visit && !front.shown); });
    store.subscribe((change) => {
      if (this.#applying) return;
      // Leaving a session clears the selection, and is no visit.
      if (change.selection) this.#visit(store.connection === 'live' && performance.now() - this.#selectedAt > SAME_VISIT_MS);
      else if (change.pair) this.#visit(false);
      if (change.selection) this.#selectedAt = performance.now();
    });
    // Back, Forward, and a fragment typed by hand.
    window.addEventListener('popstate', () => this.#returned());
  }

  get session() {
    return this.#session;
  }

  /** @param {string} key */
  set session(key) {
    if (this.#session !== '' && this.#session !== key) this.#leave(this.#session);
    this.#session = key;
    this.#visit(false);
  }

  /** @param {boolean} push a place to come back to */
  #visit(push) {
    const { pair, selection } = this.#store;
    const fragment = format({ session: this.#session, tab: this.#stage.tab, side: this.#stage.side, network: this.#network.chosen, pair, selection, demo: this.#front.address, demos: this.#front.galleryShown });
    if (fragment === location.hash) return;
    if (push) history.pushState(null, '', fragment);
    else history.replaceState(null, '', fragment);
  }

  /** @param {string} session */
  #leave(session) {
    this.#left = [...this.#left.filter((s) => s !== session), session].slice(-MAX_LEFT);
    try {
      sessionStorage.setItem(LEFT, JSON.stringify(this.#left));
    } catch {
      // No storage: known until the page is loaded again.
    }
  }

  #returned() {
    const place = parse(location.hash);
    const other = place.session !== '' && place.session !== this.#session;
    // Back must not lead to a session that is over: the tab and the demos of that time are shown, in the session that is.
    if (other && this.#left.includes(place.session)) {
      this.#apply(place, { elsewhere: true });
      this.#visit(false);
      return;
    }
    if (other) {
      this.#session = place.session;
      this.onSession(place.session);
    }
    this.#apply(place);
  }

  /** @param {Address} place @param {{first?: boolean, elsewhere?: boolean}} [how] `elsewhere`: its sockets and events are of another session */
  #apply({ tab, side, network, pair, selection, demo, demos }, { first = false, elsewhere = false } = {}) {
    this.#applying = true;
    if (tab !== this.#stage.tab) this.#stage.open(tab);
    if (side !== null) this.#stage.side = side;
    if (!elsewhere) {
      if (network) this.#network.choose(network);
      else if (first) this.#network.leaveOpen();
      if (pair.left || pair.right) this.#store.setPair(pair.left, pair.right);
      this.#store.select(selection);
    }
    // A page without anything in its address begins with the demos by itself.
    if (!first || demo || demos) void this.#front.goTo({ demo, demos });
    this.#applying = false;
  }
}

/** @returns {string[]} */
function leftBefore() {
  try {
    const left = JSON.parse(sessionStorage.getItem(LEFT) ?? '[]');
    return Array.isArray(left) ? left.filter((key) => typeof key === 'string') : [];
  } catch {
    return [];
  }
}
