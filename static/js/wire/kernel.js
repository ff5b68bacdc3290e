// The kernel settings of the Lab's two hosts: a curated list, what each does, and what it was by itself.

/** @import {Host, Lab} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el, icon, setAttr, setText } from '../dom.js';
import { Message } from '../hosts/form.js';
import { server, t, texts } from '../i18n.js';
import { backendText } from '../network.js';
import { changedSettings, kernelSummary, shortName } from './kernel-model.js';

/** @import {Setting} from './kernel-model.js' */

const HOSTS = texts(/** @type {const} */ ([['client', 'Client host'], ['server', 'Server host']]));

/** @typedef {{item: HTMLElement, fields: Record<Host, HTMLInputElement>, reset: HTMLButtonElement, message: Message}} Row */

export class KernelSettings {
  element;
  #desk;
  #summary = el('code');
  #list = el('ul', { class: 'kernel-list' });
  #lacks = el('p', { class: 'muted' });
  #backend = el('p', { class: 'muted' });
  #quickAck = el('input', { class: 'sr-only', type: 'checkbox', role: 'switch', 'aria-label': 'QuickACK' });
  /** @type {Map<string, Row>} */ #rows = new Map();
  /** @type {Lab|null} */ #lab = null;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#quickAck.addEventListener('change', () => void desk.run({ type: 'set_quick_ack', on: this.#quickAck.checked }).then(() => { if (this.#lab) this.update(this.#lab); }));
    this.element = el('details', { class: 'options wire-kernel', ontoggle: () => this.#arrange() },
      el('summary', null, icon('i-right'), t('Kernel settings of each host'), this.#summary),
      el('div', { class: 'kernel-body' },
        el('label', { class: 'switch' }, this.#quickAck, el('i'), el('b', null, t('QuickACK:')), t('the hosts acknowledge at once')),
        el('p', { class: 'kernel-note' }, t('Without QuickACK, the kernel may wait up to 40 ms for data to send the ACK with. Some settings act only on sockets opened later.')),
        el('div', { class: 'kernel-head', 'aria-hidden': 'true' }, el('span'), HOSTS.map(([, name]) => el('span', null, t(name)))),
        this.#list, this.#lacks, this.#backend));
  }

  get #settings() {
    return this.#desk.store.capabilities?.lab?.settings ?? [];
  }

  /** @param {Lab} lab */
  update(lab) {
    this.#lab = lab;
    setText(this.#summary, [this.#desk.store.kernel, kernelSummary(this.#settings, lab)].filter(Boolean).join(', '));
    if (!this.element.open) return;
    this.#quickAck.checked = lab.quick_ack;
    setText(this.#backend, backendText(lab));
    const lacks = this.#desk.store.capabilities?.lab?.lacks ?? [];
    setText(this.#lacks, lacks.map(({ reason }) => server(reason)).join(' '));
    this.#lacks.hidden = lacks.length === 0;
    for (const setting of this.#settings) this.#show(setting, lab);
  }

  /** Changed ones first, in the order of the list; only when it is opened, since nothing may move under the pointer. */
  #arrange() {
    const lab = this.#lab;
    if (!this.element.open || !lab) return;
    const changed = new Set(changedSettings(this.#settings, lab));
    const order = [...this.#settings].sort((a, b) => Number(changed.has(b.name)) - Number(changed.has(a.name)));
    this.#list.replaceChildren(...order.map((s) => (this.#rows.get(s.name) ?? this.#row(s)).item));
    this.update(lab);
  }

  /** @param {Setting} setting @returns {Row} */
  #row({ name, sentence, hint }) {
    const message = new Message();
    const field = (/** @type {Host} */ host, /** @type {string} */ spoken) => {
      const input = el('input', {
        class: 'field field-sm', 'aria-label': `${shortName(name)}, ${spoken}`, 'aria-description': hint && server(hint), title: hint && server(hint), autocomplete: 'off', spellcheck: 'false',
        oninput: () => message.clear(), onchange: () => this.#set(name, host, input, message),
      });
      return input;
    };
    const fields = { client: field('client', t('client host')), server: field('server', t('server host')) };
    const reset = el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'aria-label': t('Reset {name} on both hosts', { name: shortName(name) }), 'data-acts': true, onclick: () => this.#desk.run({ type: 'set_kernel', name, reset: true }) }, t('Reset'));
    const item = el('li', null, el('div', { class: 'kernel-name' }, el('code', { title: name }, shortName(name)), el('p', null, server(sentence))), fields.client, fields.server, reset, message.element);
    const row = { item, fields, reset, message };
    this.#rows.set(name, row);
    return row;
  }

  /** @param {Setting} setting @param {Lab} lab */
  #show({ name }, lab) {
    const row = this.#rows.get(name);
    if (!row) return;
    const usual = lab.kernel_defaults[name];
    let changed = false;
    for (const [host] of HOSTS) {
      const value = lab.kernel[host]?.[name];
      const input = row.fields[host];
      const differs = value !== undefined && usual !== undefined && value !== usual;
      changed ||= differs;
      setAttr(input, 'data-set', differs ? '' : null);
      if (input.disabled !== (value === undefined)) input.disabled = value === undefined;
      setAttr(input, 'placeholder', value === undefined ? t('not here') : '');
      if (input !== document.activeElement) input.value = value ?? '';
    }
    setAttr(row.reset, 'title', usual === undefined ? null : t('It was {usual}', { usual }));
    // It keeps its place, so that no field moves.
    row.reset.classList.toggle('unseen', !changed);
  }

  /** @param {string} name @param {Host} host @param {HTMLInputElement} input @param {Message} message */
  async #set(name, host, input, message) {
    message.clear();
    try {
      await this.#desk.store.send({ type: 'set_kernel', host, name, value: input.value.trim() });
    } catch (error) {
      input.value = this.#lab?.kernel[host]?.[name] ?? '';
      message.show(messageOf(error), { field: input });
      this.#desk.voice.alert(messageOf(error));
    }
  }
}
