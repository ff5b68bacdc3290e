// Playback: pausing the view, and stepping the selection through the events.

/** @import {PlaygroundEvent} from './types.js' */
/** @import {Desk} from './desk.js' */

import { t } from './i18n.js';

/** Ten samples a second would bury what happened, and a landing is part of its segment. @type {Set<PlaygroundEvent['type']>} */
const PASSED_OVER = new Set(/** @type {const} */ (['metrics_sampled', 'segment_landed']));

export class Player {
  #desk;

  /** While a demo's story is told, playback goes through its steps. @type {import('./demo/run.js').Runner|null} */ demo = null;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
  }

  togglePause() {
    if (this.demo?.active) return this.demo.togglePause();
    const { store } = this.#desk;
    store.setPaused(!store.paused);
    this.#desk.voice.say(store.paused ? t('The view is paused; the sockets go on.') : t('The view is live.'));
  }

  /** Newer events are shown again as they come. */
  goLive() {
    this.demo?.live();
    const { store } = this.#desk;
    store.setPaused(false);
    if (store.selection?.kind === 'event') store.select(null);
  }

  /** To the next or previous event; while paused, past the end, one of the events held back is shown. @param {1|-1} direction */
  step(direction) {
    if (this.demo?.telling) return direction === 1 ? this.demo.next() : this.demo.back();
    const { store } = this.#desk;
    const next = this.#find(direction, () => true);
    if (next) {
      store.select({ kind: 'event', seq: next.seq });
      return;
    }
    if (direction === 1 && this.#reveal()) return;
    this.#desk.voice.say(direction === 1 ? t('This is the newest event.') : t('This is the oldest event kept.'));
  }

  /** While paused: shows the next of the events held back, and selects it. */
  #reveal() {
    const { store } = this.#desk;
    while (store.paused && store.step()) {
      const shown = store.events.at(-1);
      if (!shown || PASSED_OVER.has(shown.type)) continue;
      store.select({ kind: 'event', seq: shown.seq });
      return true;
    }
    return false;
  }

  /** To the next or previous event of the connection on the stage. @param {1|-1} direction */
  move(direction) {
    const { store } = this.#desk;
    const { left, right } = store.pair;
    const next = this.#find(direction, (e) => e.socket !== undefined && (e.socket === left || e.socket === right));
    if (next) store.select({ kind: 'event', seq: next.seq });
    else this.#desk.voice.say(direction === 1 ? t('This is its newest event.') : t('This is its oldest event.'));
  }

  /**
   * @param {1|-1} direction
   * @param {(event: PlaygroundEvent) => boolean} wanted
   */
  #find(direction, wanted) {
    const { store } = this.#desk;
    const end = direction === 1 ? store.events.length : -1;
    const { selection } = store;
    // A copy made by the wire has no event of its own; the one that made it stands for it.
    const seq = selection?.kind === 'event' ? selection.seq : selection?.kind === 'segment' ? store.segments.get(selection.segment)?.seq : undefined;
    const selected = seq === undefined ? null : seq - store.firstSeq;
    // With nothing selected, back begins at the newest event and forward has nowhere to go.
    const from = selected ?? store.events.length;
    for (let i = Math.max(-1, from) + direction; direction === 1 ? i < end : i > end; i += direction) {
      const event = store.events[i];
      if (event && !PASSED_OVER.has(event.type) && wanted(event)) return event;
    }
    return undefined;
  }
}
