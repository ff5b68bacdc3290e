// <client-host>: the Connect form, and a card for each socket that dialled.

/** @import {Ok} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el, icon, kbd, setAttr, setText } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { listenerAt } from '../network.js';
import { chosenOptions, closeOptions, optionGroup, optionRows, row } from '../options-form.js';
import { CommandError } from '../store.js';
import { CardList } from './card-list.js';
import { emptyHost } from './empty.js';
import { Message, readModes, segmented } from './form.js';
import { elsewhere, hostAddress, runHere } from './lab-notes.js';
import { plainNumber } from './typed.js';

export class ClientHost extends HTMLElement {
  /** @type {Desk} */ #desk = /** @type {any} */ (null);
  #address = el('input', { class: 'field', name: 'address', 'aria-label': t('Address to connect to'), value: '127.0.0.1:8330', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', enterkeyhint: 'go' });
  #label = el('span', null, t('Connect'));
  #key = kbd('C');
  #button = el('button', { class: 'btn', type: 'submit', 'aria-keyshortcuts': 'C', title: t('Connect (C)'), 'data-acts': true }, this.#label, this.#key);
  #message = new Message();
  #readMode = segmented({ label: t('Read mode of new sockets'), value: 'auto', options: readModes() });
  #summary = el('span', null, t('NoDelay, keep-alive 15 s'));
  #count = el('span', { class: 'sr-only' }, '');
  #form = el('form', { class: 'form', 'aria-label': t('Connect'), novalidate: true });
  /** The calls of the dial under way. @type {number[]} */ #dialling = [];
  /** The address that nobody listened at, while the form says so. */ #refusedAt = '';
  #abort = new AbortController();

  /** @param {Desk} desk */
  set desk(desk) {
    this.#desk = desk;
    this.#build();
  }

  disconnectedCallback() {
    this.#abort.abort();
  }

  /** Each network has its own address in the field. @type {Partial<Record<import('../network.js').NetworkName, string>>} */ #addresses = {};

  #networkChanged() {
    const { network } = this.#desk;
    const other = network.chosen === 'lab' ? 'machine' : 'lab';
    this.#addresses[other] = this.#address.value;
    this.#address.value = this.#addresses[network.chosen] ?? network.target;
    this.#message.clear();
  }

  /** Presses Connect, as the key C does. @param {string} [address] another address than the one in the form */
  connect(address) {
    if (address) this.#address.value = address;
    if (this.#dialling.length === 0 && this.#address.value.trim() !== '') this.#form.requestSubmit();
    else this.#address.focus();
  }

  #build() {
    const number = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ placeholder) =>
      el('input', { class: 'field field-sm', name, 'aria-label': label, placeholder, inputmode: 'numeric', autocomplete: 'off' });
    const options = el('details', { class: 'options' },
      el('summary', null, icon('i-right'), t('Options'), this.#summary),
      el('div', { class: 'option-list' },
        optionGroup(t('This dial'), [
          row(t('Local address'), el('input', { class: 'field field-sm', name: 'local', 'aria-label': t('Local address'), placeholder: t('any'), autocomplete: 'off', spellcheck: 'false' }), '', t('The address to dial from, as 127.0.0.1:0 or :40000')),
          row(t('Timeout'), number('timeout_ms', t('Timeout'), t('none')), 'ms', t('How long Dial may take')),
          row(t('Sockets at once'), number('count', t('Sockets at once'), '1'), '', t('How many connections to open with one press')),
          el('div', { class: 'option-row' }, el('span', null, t('Reads')), this.#readMode.element)]),
        optionRows('dial')));
    this.#form.append(
      el('div', { class: 'form-row' }, this.#address, this.#button), this.#message.element, options);
    this.#form.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#submit();
    });
    this.#form.addEventListener('input', () => this.#message.clear());
    this.#desk.network.watch(() => this.#networkChanged());
    this.#form.addEventListener('change', () => setText(this.#summary, this.#describe()));

    // "Nobody listens" is over as soon as somebody does; the card of the dial keeps what happened.
    this.#desk.store.subscribe(() => {
      const { store, network } = this.#desk;
      if (!this.#refusedAt || !listenerAt(store.state.sockets.values(), network.chosen, this.#refusedAt)) return;
      this.#refusedAt = '';
      this.#message.clear();
    }, { signal: this.#abort.signal });
    const list = new CardList(this.#desk, { host: 'client', signal: this.#abort.signal, onCount: (n) => setText(this.#count, n === 1 ? t('1 socket') : t('{n} sockets', { n: count(n) })) });
    this.append(
      el('header', { class: 'host-head' }, el('h2', null, t('Client host')), hostAddress(this.#desk, 'client'), this.#count),
      el('div', { class: 'host-body' }, this.#form, elsewhere(this.#desk, 'client'), emptyHost(this.#desk, 'client'), list.element, runHere(this.#desk, 'client')),
      el('footer', { class: 'host-keys' },
        el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'data-open': 'help' }, kbd('?'), t('Shortcuts')),
        el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'data-open': 'palette' }, kbd('Ctrl K'), t('Commands'))));
  }

  #describe() {
    const chosen = [...this.#form.querySelectorAll('.option-row .field')].filter((f) => /** @type {HTMLInputElement} */ (f).value.trim() !== '').length;
    const extra = chosen + (this.#readMode.value === 'manual' ? 1 : 0);
    return extra ? t('{n} changed', { n: extra }) : t('NoDelay, keep-alive 15 s');
  }

  /** @param {string} name @returns {HTMLInputElement|null} */
  #field(name) {
    return this.#form.querySelector(`[name="${name}"]`);
  }

  async #submit() {
    if (this.#dialling.length) {
      for (const call of this.#dialling) void this.#desk.run({ type: 'cancel', call });
      return;
    }
    this.#message.clear();
    this.#refusedAt = '';
    const address = this.#address.value.trim();
    if (address === '') return this.#refuse(t('Type an address to connect to, as {target} or S1.', { target: this.#desk.network.target }), this.#address);
    const { options, field, message } = chosenOptions(this.#form);
    if (message) return this.#refuse(message, field ?? null);

    const command = { type: 'dial', network: this.#desk.network.chosen, address, read_mode: this.#readMode.value, local: this.#field('local')?.value.trim() || undefined, options: Object.keys(options).length ? options : undefined, timeout_ms: undefined, count: undefined };
    for (const name of /** @type {const} */ (['timeout_ms', 'count'])) {
      const text = this.#field(name)?.value.trim();
      if (!text) continue;
      const number = plainNumber(text);
      if (number === null) return this.#refuse(t('Write a whole number.'), this.#field(name));
      Object.assign(command, { [name]: number });
    }
    try {
      const ok = await this.#desk.store.send(command);
      closeOptions(this.#form);
      await this.#dial(ok, address);
    } catch (error) {
      this.#refuse(messageOf(error), error instanceof CommandError ? this.#field(error.field) ?? this.#address : null);
    }
  }

  /** @param {Ok} ok @param {string} address */
  async #dial(ok, address) {
    if (ok.sockets?.[0]) this.#desk.expect(ok.sockets[0]);
    const calls = ok.calls ?? [];
    this.#setDialling(calls);
    const results = await Promise.all(calls.map(async (call) => {
      const result = await this.#desk.store.returned(call);
      // Cancel is only for those that still wait.
      this.#dialling = this.#dialling.filter((c) => c !== call);
      return result;
    })).finally(() => this.#setDialling([]));
    const failed = results.filter((r) => r.error && r.error.kind !== 'cancelled');
    const error = failed[0]?.error;
    if (!error) return;
    this.#desk.voice.alert(error.text);
    this.#message.showError(error);
    this.#refusedAt = error.kind === 'refused' ? address : '';
    if (results.length > 1) this.#message.element.prepend(el('p', { class: 'form-error' }, t('{n} of {all} failed.', { n: failed.length, all: results.length })));
  }

  /** @param {number[]} calls */
  #setDialling(calls) {
    this.#dialling = calls;
    const dials = calls.length > 0;
    setText(this.#label, dials ? t('Cancel') : t('Connect'));
    // The key connects; it gives nothing up.
    this.#key.hidden = dials;
    setAttr(this.#button, 'aria-keyshortcuts', dials ? null : 'C');
    setAttr(this.#button, 'title', dials ? t('Give up the dial') : t('Connect (C)'));
  }

  /** @param {string} text @param {HTMLElement|null} field */
  #refuse(text, field) {
    field?.closest('details')?.setAttribute('open', '');
    this.#message.show(text, { field });
    this.#desk.voice.alert(text);
    field?.focus();
  }
}

customElements.define('client-host', ClientHost);
