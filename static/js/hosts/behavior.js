// What a listener does with each connection, and the settings of the two behaviours that have some.

/** @import {BehaviorSettings} from '../types.js' */

import { el } from '../dom.js';
import { pieces, t } from '../i18n.js';
import { typedNumber } from './typed.js';

export class BehaviorSettingsForm {
  #banner;
  #bytes;
  #interval;
  #behavior = '';
  #greet;
  #slow;

  /**
   * @param {string} of whose settings
   * @param {() => void} [onchange]
   */
  constructor(of, onchange) {
    this.#banner = el('input', { class: 'field', 'aria-label': t('Greeting of {of}', { of }), value: 'hello\\n', autocomplete: 'off', spellcheck: 'false', title: t('Text with Go’s escapes') });
    this.#bytes = el('input', { class: 'field', 'aria-label': t('Bytes a Read of {of}', { of }), value: '1024', inputmode: 'numeric' });
    this.#interval = el('input', { class: 'field', 'aria-label': t('Milliseconds between Reads of {of}', { of }), value: '1000', inputmode: 'numeric' });
    this.#greet = el('div', { class: 'setting-row', hidden: true }, el('span', null, t('Greeting')), this.#banner);
    this.#slow = el('div', { class: 'setting-row', hidden: true }, pieces('{n} bytes each {interval} ms', { n: this.#bytes, interval: this.#interval }));
    this.element = el('div', { class: 'settings', hidden: true }, this.#greet, this.#slow);
    if (onchange) this.element.addEventListener('change', onchange);
  }

  /** @param {string} behavior */
  show(behavior) {
    if (this.#behavior === behavior) return;
    this.#behavior = behavior;
    this.#greet.hidden = behavior !== 'greet';
    this.#slow.hidden = behavior !== 'slow_read';
    this.element.hidden = this.#greet.hidden && this.#slow.hidden;
  }

  /** The settings in force, unless they are being edited. @param {BehaviorSettings} [settings] */
  fill(settings) {
    if (!settings || this.element.contains(document.activeElement)) return;
    if (settings.banner !== undefined) this.#banner.value = settings.banner;
    if (settings.bytes !== undefined) this.#bytes.value = String(settings.bytes);
    if (settings.interval_ms !== undefined) this.#interval.value = String(settings.interval_ms);
  }

  /** @returns {BehaviorSettings|undefined} */
  get value() {
    if (this.#behavior === 'greet') return { banner: this.#banner.value };
    if (this.#behavior === 'slow_read') return { bytes: typedNumber(this.#bytes.value), interval_ms: typedNumber(this.#interval.value) };
    return undefined;
  }
}
