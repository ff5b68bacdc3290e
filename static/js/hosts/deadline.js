// How long a Read or a Write of one connection may wait: set, cleared, and shown while it runs.

/** @import {Socket} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el, setText } from '../dom.js';
import { duration } from '../format.js';
import { pieces, t } from '../i18n.js';
import { Message, segmented } from './form.js';
import { plainNumber } from './typed.js';

const KINDS = /** @type {const} */ ([['read', 'Read'], ['write', 'Write']]);

export class Deadline {
  #desk;
  #id;
  #kind = segmented({ label: t('What the deadline is for'), value: 'read', options: [['read', t('read'), 'SetReadDeadline'], ['write', t('write'), 'SetWriteDeadline'], ['both', t('both'), 'SetDeadline']] });
  #after;
  #message = new Message();
  #panel;
  #now = el('p', { class: 'deadline-now', hidden: true });

  /** @param {Desk} desk @param {string} id */
  constructor(desk, id) {
    this.#desk = desk;
    this.#id = id;
    const label = t('Deadline of {id} in milliseconds', { id });
    this.#after = el('input', { class: 'field field-sm', 'aria-label': label, title: label, value: '2000', inputmode: 'numeric', autocomplete: 'off' });
    this.#panel = el('fieldset', { class: 'generate', hidden: true }, el('legend', { class: 'sr-only' }, t('Deadline')),
      el('div', { class: 'card-row' }, this.#kind.element),
      el('div', { class: 'setting-row' }, pieces('In {after} ms', { after: this.#after })),
      this.#message.element,
      el('div', { class: 'card-row' },
        el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#set() }, t('Set')),
        el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#send(undefined) }, t('Clear')),
        el('button', { class: 'btn btn-sm btn-quiet push', type: 'button', onclick: () => this.toggle() }, t('Hide'))));
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
      if (at) said.push(at > now ? t('{call} may wait {time} more.', { call: name, time: duration(at - now) }) : t('The deadline of {call} has passed: it fails at once until you clear it.', { call: name }));
    }
    this.#now.hidden = said.length === 0;
    setText(this.#now, said.join(' '));
  }

  #set() {
    const after = plainNumber(this.#after.value);
    if (after !== null && after >= 1) return this.#send(after);
    this.#refuse(t('Write how many milliseconds, as 2000.'));
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
