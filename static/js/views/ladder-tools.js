// What can be done with a segment while it is on the wire.

/** @import {SegmentRecord} from '../types.js' */
/** @import {Store} from '../store.js' */

import { el, kbd, setAttr, setText } from '../dom.js';
import { t, texts } from '../i18n.js';
import { ruleForCopies } from '../wire/copies.js';
import { heldOn, spoken } from '../wire/model.js';

/** @typedef {'deliver_segment' | 'hold_segment' | 'drop_segment' | 'duplicate_segment'} Tool */

/** @type {[Tool, string, string][]} */
const TOOLS = texts([
  ['deliver_segment', 'Deliver', 'Give it to the other host now'],
  ['hold_segment', 'Hold', 'Keep it on the wire until you say otherwise'],
  ['drop_segment', 'Drop', 'Throw it away'],
  ['duplicate_segment', 'Duplicate', 'Put a copy of it on the wire'],
]);

export class WireTools {
  #store;
  /** @type {SegmentRecord | null} */ #segment = null;
  /** @type {Map<Tool, HTMLElement>} */ #buttons = new Map();
  /** The key delivers the one that is held longest. */ #key = kbd('.');
  #refusal = el('span', { class: 'wire-refusal', role: 'alert' });
  #holdCopies = el('button', { class: 'link', type: 'button', 'data-acts': true, onclick: () => void this.#hold() }, t('Hold copies too'));
  #copies = el('p', { class: 'wire-copies' }, t('A copy of it would not be held.'), ' ', this.#holdCopies);
  element = el('div', { class: 'wire-tools', role: 'toolbar', hidden: true });

  /** @param {() => Store} store */
  constructor(store) {
    this.#store = store;
    for (const [tool, name, title] of TOOLS) {
      const button = el('button', { class: 'btn btn-sm btn-quiet', type: 'button', title: t(title), 'data-acts': true, onclick: () => this.#use(tool) }, t(name));
      if (tool === 'deliver_segment') button.append(this.#key);
      this.#buttons.set(tool, button);
      this.element.append(button);
    }
    this.element.append(this.#copies, this.#refusal);
  }

  /** @param {SegmentRecord | null} segment @param {string} [name] */
  show(segment, name = '') {
    if (segment !== this.#segment) setText(this.#refusal, '');
    this.#segment = segment;
    this.element.hidden = segment === null;
    if (!segment) return;
    setAttr(this.element, 'aria-label', t('Segment {name} on the wire', { name }));
    const { lab } = this.#store().state;
    this.#key.hidden = heldOn(lab)[0]?.segment !== segment.number;
    const rule = ruleForCopies(segment, lab?.wire);
    this.#copies.hidden = rule === null;
    setAttr(this.#holdCopies, 'title', rule && spoken(rule));
    const hold = this.#buttons.get('hold_segment');
    if (hold) setAttr(hold, 'aria-pressed', String(segment.held !== null));
  }

  #hold() {
    const rule = this.#segment && ruleForCopies(this.#segment, this.#store().state.lab?.wire);
    return rule && this.#send({ type: 'add_rule', on: true, ...rule });
  }

  /** @param {Tool} tool */
  async #use(tool) {
    const segment = this.#segment;
    if (segment && (tool !== 'hold_segment' || !segment.held)) await this.#send({ type: tool, segment: segment.number });
  }

  /** @param {import('../types.js').Command} command */
  async #send(command) {
    const segment = this.#segment;
    setText(this.#refusal, '');
    try {
      await this.#store().send(command);
    } catch (error) {
      if (segment === this.#segment) setText(this.#refusal, error instanceof Error ? error.message : String(error));
    }
  }
}
