// What spans lines of the ladder: bands of state, waiting calls, arrows.

/** @import {Wire} from '../types.js' */
/** @import {Arrow, Band, Layout, Row, Wait} from './ladder-layout.js' */

import { el, setAttr } from '../dom.js';
import { arrowItem, updateArrow } from './ladder-arrow.js';
import { bandItem, bandTimes, waitItem, waitTime } from './ladder-parts.js';

/** One kind of them, each kept as long as it is drawn. @template {Band | Wait | Arrow} T */
class Layer {
  element = el('div', { class: 'layer', 'aria-hidden': 'true' });
  /** @type {Map<string, HTMLElement>} */
  #items = new Map();
  #make;

  /** @param {(span: T) => HTMLElement} make */
  constructor(make) {
    this.#make = make;
  }

  /** @param {T} span */
  get(span) {
    return this.#items.get(span.key);
  }

  /** @param {T[]} spans @param {(item: HTMLElement, span: T) => void} update */
  draw(spans, update) {
    const keys = new Set(spans.map((span) => span.key));
    for (const [key, item] of this.#items) {
      if (keys.has(key)) continue;
      item.remove();
      this.#items.delete(key);
    }
    for (const span of spans) {
      let item = this.#items.get(span.key);
      if (!item) {
        item = this.#make(span);
        this.#items.set(span.key, item);
        this.element.append(item);
      }
      update(item, span);
    }
  }
}

export class Spans {
  /** @type {Layer<Band>} */ #bands = new Layer(bandItem);
  /** @type {Layer<Wait>} */ #waits = new Layer(waitItem);
  /** @type {Layer<Arrow>} */ #arrows = new Layer(arrowItem);

  get layers() {
    return [this.#bands.element, this.#waits.element, this.#arrows.element];
  }

  /** @param {Band} band */
  band(band) {
    return this.#bands.get(band);
  }

  /**
   * @param {Layout} layout
   * @param {number} last  the line on which ends what has not ended
   * @param {{now: number, wire?: Wire}} world
   */
  draw(layout, last, world) {
    const bands = [...layout.bands.client, ...layout.bands.server].filter((band) => band.to !== band.from);
    this.#bands.draw(bands, (item, band) => {
      const known = layout.bands[band.side];
      place(item, band.from, band.to ?? last);
      setAttr(item, 'title', bandTimes(band, known[known.indexOf(band) + 1]?.event?.at_ns));
    });
    this.#waits.draw(layout.waits, (item, wait) => {
      place(item, wait.from, wait.to ?? last);
      setLine(item, '--lane', wait.lane);
      setAttr(item, 'data-from', wait.fromDrop ? 'drop' : 'row');
      setAttr(item, 'data-to', wait.to === null ? null : wait.toDrop ? 'drop' : 'row');
      setAttr(item, 'title', waitTime(wait));
    });
    this.#arrows.draw(layout.arrows, (item, arrow) => {
      place(item, arrow.from, arrow.to);
      updateArrow(item, arrow, world);
    });
  }

  clear() {
    this.#bands.draw([], () => {});
    this.#waits.draw([], () => {});
    this.#arrows.draw([], () => {});
  }

  /**
   * What belongs to the row that is selected, or that the pointer is on somewhere.
   * @param {Layout} layout
   * @param {Row} [selected]
   * @param {Row[]} [hovered]
   */
  mark(layout, selected, hovered = []) {
    const lit = (/** @type {number | undefined} */ seq) => (seq !== undefined && hovered.some((row) => row.seqs.includes(seq)) ? '' : null);
    for (const band of [...layout.bands.client, ...layout.bands.server]) {
      const item = this.#bands.get(band);
      if (item) setAttr(item, 'data-hover', lit(band.event?.seq));
    }
    for (const wait of layout.waits) {
      const item = this.#waits.get(wait);
      if (item) setAttr(item, 'data-hover', lit(wait.info.begin?.seq) ?? lit(wait.info.end?.seq));
    }
    for (const arrow of layout.arrows) {
      const item = this.#arrows.get(arrow);
      if (item) setAttr(item, 'data-selected', selected?.segment === arrow.segment ? '' : null);
    }
  }
}

/** @param {HTMLElement} item @param {number} from @param {number} to */
function place(item, from, to) {
  setLine(item, '--from', from);
  setLine(item, '--to', to);
}

/** Writing the same again would make the browser place everything anew. @param {HTMLElement} item @param {string} name @param {number} line */
export function setLine(item, name, line) {
  if (item.style.getPropertyValue(name) !== String(line)) item.style.setProperty(name, String(line));
}
