// The wire's rules: what each does, how often it did, on and off, and one press for the most telling ones.

/** @import {Wire, WireRule} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el, icon, setAttr, setText } from '../dom.js';
import { Message } from '../hosts/form.js';
import { t } from '../i18n.js';
import { RuleBuilder } from './builder.js';
import { TRIES, hits, isSpent, sentence, spoken } from './model.js';

/** @typedef {{item: HTMLElement, box: HTMLInputElement, number: HTMLElement, text: HTMLElement, hits: HTMLElement, said: string}} Row */

export class WireRules {
  element;
  #desk;
  #list = el('ol', { 'aria-label': t('Rules') });
  #none = el('p', { class: 'wire-none' }, t('No rule. Every segment passes.'));
  #message = new Message();
  /** @type {Map<number, Row>} */ #rows = new Map();

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    const builder = new RuleBuilder((rule) => this.#add(rule));
    const tries = TRIES.map(({ label, rule }) => el('button', { class: 'chipbtn', type: 'button', 'data-acts': true, onclick: () => this.#add(rule) }, t(label)));
    this.element = el('div', { class: 'wire-rules' },
      el('h3', null, t('Rules'), el('span', { class: 'muted' }, t('first match wins'))), this.#list, this.#none, builder.element, this.#message.element,
      el('p', { class: 'wire-try' }, el('span', { class: 'muted' }, t('Try')), tries));
  }

  /** @param {Wire} wire */
  update(wire) {
    const ids = new Set(wire.rules.map((r) => r.rule));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.item.remove();
      this.#rows.delete(id);
    }
    wire.rules.forEach((rule, at) => {
      const row = this.#rows.get(rule.rule) ?? this.#row(rule.rule);
      if (this.#list.children[at] !== row.item) this.#list.insertBefore(row.item, this.#list.children[at] ?? null);
      this.#show(row, rule);
    });
    this.#list.hidden = wire.rules.length === 0;
    this.#none.hidden = wire.rules.length > 0;
  }

  /** @param {number} id @returns {Row} */
  #row(id) {
    const box = el('input', { class: 'sr-only', type: 'checkbox', role: 'switch', 'aria-label': t('Rule {id}', { id }) });
    box.addEventListener('change', () => this.#run({ type: 'set_rule', rule: id, on: box.checked }, () => { box.checked = !box.checked; }));
    const text = el('span', { class: 'rule-text' });
    const count = el('span', { class: 'hits' });
    const number = el('b', { 'aria-hidden': 'true' }, String(id));
    const item = el('li', null, el('label', { class: 'switch' }, box, el('i')), number, text, count,
      el('button', { class: 'btn btn-sm btn-quiet btn-icon', type: 'button', 'aria-label': t('Remove rule {id}', { id }), title: t('Remove'), 'data-acts': true, onclick: () => this.#run({ type: 'remove_rule', rule: id }) }, icon('i-close')));
    const row = { item, box, number, text, hits: count, said: '' };
    this.#rows.set(id, row);
    return row;
  }

  /** @param {Row} row @param {WireRule} rule */
  #show(row, rule) {
    const spent = isSpent(rule);
    row.box.checked = rule.on;
    setAttr(row.item, 'data-off', rule.on ? null : '');
    setAttr(row.item, 'aria-label', t('Rule {rule}, {state}: {sentence}', { rule: rule.rule, state: rule.on ? t('on') : spent ? t('used up') : t('off'), sentence: spoken(rule) }));
    setAttr(row.box, 'title', spent ? t('Used up; switch it on to start again') : null);
    setText(row.hits, hits(rule));
    const said = spoken(rule);
    if (row.said === said) return;
    row.said = said;
    row.text.replaceChildren(...sentence(rule).map(({ text, code }) => (code ? el('code', null, text) : text)));
    setAttr(row.text, 'title', said);
  }

  /** @param {Partial<WireRule>} rule */
  #add(rule) {
    this.#run({ type: 'add_rule', on: true, ...rule });
  }

  /** @param {import('../types.js').Command} command @param {() => void} [undo] what to put back where it is refused */
  async #run(command, undo) {
    this.#message.clear();
    try {
      await this.#desk.store.send(command);
    } catch (error) {
      undo?.();
      this.#message.show(messageOf(error));
      this.#desk.voice.alert(messageOf(error));
    }
  }
}
