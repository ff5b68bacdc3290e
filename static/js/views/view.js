// What all views of the stage have in common: a store, whether they are shown, and a clock while they are.

/** @import {Change} from '../types.js' */
/** @import {Store} from '../store.js' */

/**
 * A view takes every change in (`take`, cheap), and draws only while it is active (`draw`, at most once a frame,
 * since the store calls once a frame). Whatever it missed is drawn when it turns active.
 */
export class View extends HTMLElement {
  /** How often `tick` is called while the view is active, ms; 0: never. */
  tickEvery = 0;

  /** @type {Store | null} */
  #store = null;
  #active = false;
  /** @type {AbortController | null} */
  #life = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  #goingOn = false;

  /** @returns {Store} */
  get store() {
    if (!this.#store) throw new Error(`<${this.localName}> has no store yet`);
    return this.#store;
  }

  set store(store) {
    this.#store = store;
    this.#start();
  }

  /** What takes too long for one frame goes on in the next, if the view is still shown. @param {() => void} update */
  goOn(update) {
    if (this.#goingOn) return;
    this.#goingOn = true;
    requestAnimationFrame(() => {
      this.#goingOn = false;
      if (this.active && this.isConnected) update();
    });
  }

  get active() {
    return this.#active;
  }

  set active(active) {
    if (active === this.#active) return;
    this.#active = active;
    if (!this.#life) return;
    if (active) this.draw();
    else this.leave();
    this.#runClock();
  }

  connectedCallback() {
    this.#start();
  }

  disconnectedCallback() {
    this.#life?.abort();
    this.#life = null;
    this.#runClock();
  }

  #start() {
    if (!this.#store || !this.isConnected || this.#life) return;
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.begin(signal);
    this.#store.subscribe((change) => {
      this.take(change);
      if (this.#active) this.draw(change);
    }, { signal });
    if (this.#active) this.draw();
    this.#runClock();
  }

  #runClock() {
    clearInterval(this.#timer);
    if (this.#active && this.#life && this.tickEvery > 0) this.#timer = setInterval(() => this.tick(), this.tickEvery);
  }

  /** Builds what stands still; listeners go with the signal. Called again after a move in the document. @param {AbortSignal} _signal */
  begin(_signal) {}

  /** Takes a change in, shown or not. @param {Change} _change */
  take(_change) {}

  /** Brings the page up to date; without a change, all of it. @param {Change} [_change] */
  draw(_change) {}

  /** The clock went on. */
  tick() {}

  /** The view is no longer shown. */
  leave() {}
}
