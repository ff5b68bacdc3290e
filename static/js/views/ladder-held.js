// The segment that is held longest, in a line below the ladder while its own tools are out of sight.

/** @import {FlyingSegment} from '../types.js' */
/** @import {Store} from '../store.js' */

import { el, kbd, setAttr, setText } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { segmentName } from './segment-words.js';

export class HeldLine {
  #store;
  /** @type {FlyingSegment | null} */ #oldest = null;
  #text = el('span');
  element = el('div', { class: 'ladder-held', role: 'group', 'aria-label': t('Held longest'), hidden: true }, this.#text,
    el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#deliver() }, t('Deliver'), kbd('.')),
    el('button', { class: 'btn btn-sm btn-quiet', type: 'button', onclick: () => this.#show() }, t('Show')));

  /** @param {() => Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** @param {FlyingSegment[]} held on this ladder, the one held longest first @param {boolean} inSight whether its tools are */
  update(held, inSight) {
    this.#oldest = held[0] ?? null;
    setAttr(this.element, 'hidden', held.length > 0 && !inSight ? null : '');
    if (!this.#oldest) return;
    const record = this.#store().segments.get(this.#oldest.segment);
    const name = `${this.#oldest.segment}${record ? ` ${segmentName(record.sent)}` : ''}`;
    setText(this.#text, held.length === 1 ? t('Held: {name}', { name }) : t('{n} held, the oldest: {name}', { n: count(held.length), name }));
  }

  async #deliver() {
    const segment = this.#oldest?.segment;
    // That it is gone by now is told at once by the event that says so.
    if (segment !== undefined) await this.#store().send({ type: 'deliver_segment', segment }).catch(() => {});
  }

  #show() {
    if (this.#oldest) this.#store().select(this.#store().selectionOf(this.#oldest.segment));
  }
}
