// How long a Read or a Write of one connection may wait: set, cleared, and shown while it runs.

/** @import {Socket} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el, setText } from '../dom.js';
import { duration } from '../format.js';
import { Message, segmented } from './form.js';

const KINDS = /** @type {const} */ ([['read', 'Read'], ['write', 'Write']]);

export class Deadline {
  #desk;
  #id;
  #kind = segmented({ label: 'What the deadline is for', value: 'read', options: [['read', 'read', 'SetReadDeadline'], ['write', 'write', 'SetWriteDeadline'], ['both', 'both', 'SetDeadline']] });
  #after;
  #message = new Message();
  #panel;
  #now = el('p', { class: 'deadline-now', hidden: true });

  /** @param {Desk} desk @param {string} id */
  constructor(desk, id) {
    this.#desk = desk;
    this.#id = id;
    const label = `Deadline of ${id} in milliseconds`;
    this.#after = el('input', { class: 'field field-sm', 'aria-label': label, title: label, value: '2000', inputmode: 'numeric', autocomplete: 'off' });
    this.#panel = el('fieldset', { class: 'generate', hidden: true }, el('legend', { class: 'sr-only' }, 'Deadline'),
      el('div', { class: 'card-row' }, this.#kind.element),
      el('div', { class: 'setting-row' }, el('span', null, 'In'), this.#after, el('span', null, 'ms')),
      this.#message.element,
      el('div', { class: 'card-row' },
        el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#set() }, 'Set'),
        el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#send(undefined) }, 'Clear'),
        el('button', { class: 'btn btn-sm btn-quiet push', type: 'button', onclick: () => this.toggle() }, 'Hide')));
    this.element = el('div', { class: 'generate-box' }, this.#panel, this.#now);
  }

  toggle() {
    this.#panel.hidden = !this.#panel.hidden;
    if (!this.#panel.hidden) this.#after.focus();
  }

  /** @param {Socket} socket */
  update(socket) {
    const now = this.#desk.store.now();
    const said = [];
    for (const [kind, name] of KINDS) {
      const at = socket.deadlines?.[kind];
      if (at) said.push(at > now ? `${name} may wait ${duration(at - now)} more.` : `The deadline of ${name} has passed: it fails at once until you clear it.`);
    }
    this.#now.hidden = said.length === 0;
    setText(this.#now, said.join(' '));
  }

  #set() {
    const after = Number(this.#after.value);
    if (Number.isInteger(after) && after >= 1) return this.#send(after);
    this.#refuse('Write how many milliseconds, as 2000.');
  }

  /** @param {number|undefined} after */
  async #send(after) {
    this.#message.clear();
    try {
      await this.#desk.store.send({ type: 'set_deadline', socket: this.#id, kind: this.#kind.value, after_ms: after });
    } catch (error) {
      this.#refuse(messageOf(error));
    }
  }

  /** @param {string} text */
  #refuse(text) {
    this.#message.show(text, { field: this.#after });
    this.#desk.voice.alert(text);
    this.#after.focus();
  }
}
