// The address bar: session, tab, network, connection and selection, so that Back, Forward and a link find the same place.

/** @import {Front} from './demo/front.js' */
/** @import {Network} from './network.js' */
/** @import {Stage} from './stage.js' */
/** @import {Store} from './store.js' */

import { format, parse } from './url.js';

/** Stepping through events is one visit, not one for each event. */
const SAME_VISIT_MS = 1_000;

export class Place {
  /** @type {(key: string) => void} */ onSession = () => {};
  #store;
  #stage;
  #network;
  #front;
  #session;
  #selectedAt = 0;
  #applying = false;

  /** @param {Store} store @param {Stage} stage @param {Network} network @param {Front} front */
  constructor(store, stage, network, front) {
    this.#store = store;
    this.#stage = stage;
    this.#network = network;
    this.#front = front;
    const place = parse(location.hash);
    this.#session = place.session;
    this.#apply();
    stage.watchTab(() => { if (!this.#applying) this.#visit(true); });
    front.watch((visit) => { if (!this.#applying) this.#visit(visit); });
    network.watch(() => { if (!this.#applying) this.#visit(true); });
    store.subscribe((change) => {
      if (this.#applying) return;
      if (change.selection) this.#visit(performance.now() - this.#selectedAt > SAME_VISIT_MS);
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
    this.#session = key;
    this.#visit(false);
  }

  /** @param {boolean} push a place to come back to */
  #visit(push) {
    const { pair, selection } = this.#store;
    const fragment = format({ session: this.#session, tab: this.#stage.tab, network: this.#network.chosen, pair, selection, demo: this.#front.address });
    if (fragment === location.hash) return;
    if (push) history.pushState(null, '', fragment);
    else history.replaceState(null, '', fragment);
  }

  #returned() {
    const place = parse(location.hash);
    if (place.session && place.session !== this.#session) {
      this.#session = place.session;
      this.onSession(place.session);
    }
    this.#apply();
  }

  #apply() {
    const { tab, network, pair, selection, demo } = parse(location.hash);
    this.#applying = true;
    if (tab !== this.#stage.tab) this.#stage.open(tab);
    this.#network.choose(network);
    if (pair.left || pair.right) this.#store.setPair(pair.left, pair.right);
    this.#store.select(selection);
    void this.#front.openAddress(demo);
    this.#applying = false;
  }
}
