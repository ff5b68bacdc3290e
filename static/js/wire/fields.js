// What the wire does by itself, in two columns of fields, one for each direction. A change acts at once.

/** @import {Impairment, Wire} from '../types.js' */
/** @import {Desk} from '../desk.js' */
/** @import {Direction, Field} from './model.js' */

import { messageOf } from '../desk.js';
import { el, setAttr } from '../dom.js';
import { Message } from '../hosts/form.js';
import { t } from '../i18n.js';
import { DIRECTIONS, FIELDS, isSet, noWire, parseField, shown } from './model.js';

export class WireFields {
  element;
  #desk;
  #message = new Message();
  /** @type {{field: Field, direction: Direction, input: HTMLInputElement}[]} */ #inputs = [];
  #wire = noWire();

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    const rows = FIELDS.map((field) => el('tr', { title: t(field.title) }, el('th', { scope: 'row' }, t(field.label)), DIRECTIONS.map(({ name, spoken }) =>
      el('td', null, el('span', null, this.#input(field, name, `${t(field.label)}, ${t(spoken)}`), t(field.unit))))));
    this.element = el('div', { class: 'wire-dirs' },
      el('table', { 'aria-label': t('What the wire does, each way') },
        el('thead', null, el('tr', null, el('th', null, el('span', { class: 'sr-only' }, t('What'))), DIRECTIONS.map(({ head }) => el('th', { scope: 'col' }, t(head))))),
        el('tbody', null, rows)),
      this.#message.element);
  }

  /** @param {Field} field @param {Direction} direction @param {string} label */
  #input(field, direction, label) {
    const input = el('input', {
      class: 'field', 'aria-label': label, 'aria-description': t('{title}, in {unit}', { title: t(field.title), unit: t(field.unit) }), inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false', placeholder: field.none ?? '0',
      onchange: () => this.#changed(field, direction, input), oninput: () => this.#message.clear(),
    });
    this.#inputs.push({ field, direction, input });
    return input;
  }

  /** @param {Wire} wire */
  update(wire) {
    this.#wire = wire;
    for (const { field, direction, input } of this.#inputs) {
      const value = wire[direction][field.name];
      setAttr(input, 'data-set', isSet(field, value) ? '' : null);
      // What is being typed stays.
      if (input !== document.activeElement) input.value = shown(field, value);
    }
  }

  /** @param {Field} field @param {Direction} direction @param {HTMLInputElement} input */
  async #changed(field, direction, input) {
    this.#message.clear();
    const value = parseField(field, input.value);
    if (value === null) return this.#refuse(field, direction, input, t('{field} is a number, as 20 or 0.5 ({unit}).', { field: t(field.label), unit: t(field.unit) }));
    /** @type {Impairment} */
    const changed = { ...this.#wire[direction], [field.name]: value };
    try {
      await this.#desk.store.send({ type: 'set_wire', [direction]: changed });
    } catch (error) {
      this.#refuse(field, direction, input, messageOf(error));
    }
  }

  /** The wire is as it was, so the field says so again. @param {Field} field @param {Direction} direction @param {HTMLInputElement} input @param {string} message */
  #refuse(field, direction, input, message) {
    input.value = shown(field, this.#wire[direction][field.name]);
    this.#message.show(message, { field: input });
    this.#desk.voice.alert(message);
  }
}
