// A meter with its text: an amount in ink, hatched when full, a countdown in its phase's colour.

import { el, setAttr, setText } from '../dom.js';
import { t } from '../i18n.js';

export class Meter {
  #label;
  #figure = el('b', null);
  #fill = el('span', null);
  #bar;

  /** @param {string} label @param {{phase?: string}} [options] */
  constructor(label, { phase } = {}) {
    this.#label = label;
    this.#bar = el('div', { class: 'meter', role: 'meter', 'aria-label': label, 'aria-valuemin': '0', dataset: phase ? { phase } : {} }, this.#fill);
    this.element = el('div', { class: 'card-meter' }, el('div', null, el('span', null, label), this.#figure), this.#bar);
  }

  /**
   * @param {number} value
   * @param {number} max
   * @param {string} text
   * @param {{full?: boolean}} [more]
   */
  set(value, max, text, { full = false } = {}) {
    const part = max > 0 ? Math.min(1, value / max) : 0;
    // Whole tenths of a percent: a finer step is no pixel, and would be a style change each frame. What there is, is seen.
    const width = `${Math.max(Math.round(part * 1000) / 10, part > 0 ? 0.5 : 0)}%`;
    if (this.#fill.style.getPropertyValue('--value') !== width) this.#fill.style.setProperty('--value', width);
    setText(this.#figure, text);
    setAttr(this.#bar, 'aria-valuenow', String(Math.round(value)));
    setAttr(this.#bar, 'aria-valuemax', String(Math.round(Math.max(max, value))));
    setAttr(this.#bar, 'aria-valuetext', full ? t('{text}, full', { text }) : text);
    setAttr(this.#bar, 'data-full', full ? '' : null);
  }

  /** The track only. */
  unknown() {
    this.#fill.style.setProperty('--value', '0%');
    setText(this.#figure, t('not available'));
    setAttr(this.#bar, 'aria-valuenow', '0');
    setAttr(this.#bar, 'aria-valuetext', t('{label} not available', { label: this.#label }));
    setAttr(this.#bar, 'data-full', null);
  }
}
