// Building a rule from left to right, as its sentence reads: do what, how often, to which segments, in which direction.

/** @import {WireRule} from '../types.js' */

import { el, icon } from '../dom.js';
import { Message } from '../hosts/form.js';
import { plainNumber } from '../hosts/typed.js';
import { t, texts } from '../i18n.js';
import { ACTIONS, DIRECTIONS, FLAGS } from './model.js';

/** The last two ask for a number. */
const HOW_OFTEN = texts(/** @type {const} */ ([['next', 'the next'], ['every', 'every'], ['next_n', 'the next …'], ['every_n', 'every …th']]));

export class RuleBuilder {
  element;
  #action = select(t('What to do'), ACTIONS);
  #delay = number(t('Delay'), '500', 'ms');
  #often = select(t('How often'), HOW_OFTEN);
  #times = number(t('How many'), '3', '');
  #flags = select(t('Which segments'), FLAGS.map(([id, label]) => [id, label]));
  #direction = select(t('Direction'), [['both', t('both ways')], ...DIRECTIONS.map(({ name, head }) => /** @type {const} */ ([name, head]))]);
  #min = number(t('At least'), '', t('bytes of data'));
  #max = number(t('At most'), '', t('bytes of data'));
  #text = el('input', { class: 'field field-sm', 'aria-label': t('Text in the data'), placeholder: t('any'), autocomplete: 'off', spellcheck: 'false' });
  #again = select(t('Sent'), [['', t('any time')], ['true', t('again')], ['false', t('for the first time')]]);
  #message = new Message();
  /** Whether the person has said how often. */ #chosen = false;
  #add;

  /** @param {(rule: Partial<WireRule>) => void} add */
  constructor(add) {
    this.#add = add;
    const more = el('details', { class: 'options' }, el('summary', null, icon('i-right'), t('Only some of them')),
      el('div', { class: 'wire-only' },
        el('label', null, t('with at least'), this.#min.element), el('label', null, t('at most'), this.#max.element),
        el('label', null, t('text'), this.#text), el('label', null, t('sent'), this.#again)));
    this.element = el('form', { class: 'wire-add', 'aria-label': t('New rule'), novalidate: true },
      el('div', { class: 'wire-add-row' }, this.#action, this.#delay.element, this.#often, this.#times.element, this.#flags, this.#direction,
        el('button', { class: 'btn btn-sm', type: 'submit', 'aria-label': t('Add the rule'), 'data-acts': true }, t('Add'))),
      more, this.#message.element);
    this.#flags.value = 'ACK';
    // Copies of what is held pass as soon as the kernel's timer sends them, a second later for a SYN, ACK.
    this.#often.addEventListener('change', () => { this.#chosen = true; });
    this.#action.addEventListener('change', () => { if (!this.#chosen) this.#often.value = this.#action.value === 'hold' ? 'every' : 'next'; });
    this.element.addEventListener('change', () => this.#arrange());
    this.element.addEventListener('input', () => this.#message.clear());
    this.element.addEventListener('submit', (e) => {
      e.preventDefault();
      this.#submit();
    });
    this.#arrange();
  }

  #arrange() {
    this.#delay.element.hidden = this.#action.value !== 'delay';
    this.#times.element.hidden = !this.#often.value.endsWith('_n');
  }

  #submit() {
    this.#message.clear();
    const often = this.#often.value;
    const asked = [this.#min, this.#max, ...(often.endsWith('_n') ? [this.#times] : []), ...(this.#action.value === 'delay' ? [this.#delay] : [])];
    const wrong = asked.find((n) => n.value === null);
    if (wrong) {
      this.#message.show(t('Write a whole number.'), { field: wrong.input });
      wrong.input.focus();
      return;
    }
    const times = this.#times.value ?? 1;
    /** @type {Partial<WireRule>} */
    const rule = { action: /** @type {WireRule['action']} */ (this.#action.value), flags: this.#flags.value, direction: /** @type {WireRule['direction']} */ (this.#direction.value) };
    if (often === 'next') rule.next = 1;
    if (often === 'next_n') rule.next = times;
    if (often === 'every_n') rule.every = times;
    if (rule.action === 'delay') rule.delay_ms = this.#delay.value ?? 0;
    if (this.#min.value !== undefined) rule.min_len = this.#min.value ?? 0;
    if (this.#max.value !== undefined) rule.max_len = this.#max.value ?? 0;
    if (this.#text.value !== '') rule.text = this.#text.value;
    if (this.#again.value !== '') rule.retransmission = this.#again.value === 'true';
    this.#add(rule);
  }
}

/** @param {string} label @param {readonly (readonly [value: string, text: string])[]} options */
function select(label, options) {
  return el('select', { class: 'field field-sm', 'aria-label': label, title: label }, options.map(([value, text]) => el('option', { value }, t(text))));
}

/**
 * A whole number; `value` is undefined where nothing stands and null where it is none.
 * @param {string} label @param {string} value @param {string} unit
 */
function number(label, value, unit) {
  const input = el('input', { class: 'field field-sm', 'aria-label': unit ? `${label}, ${unit}` : label, value, inputmode: 'numeric', autocomplete: 'off' });
  return {
    input,
    element: el('span', { class: 'wire-number' }, input, unit.split(' ')[0]),
    get value() {
      const text = input.value.trim();
      if (text === '') return value === '' ? undefined : null;
      return text.length < 10 ? plainNumber(text) : null;
    },
  };
}
