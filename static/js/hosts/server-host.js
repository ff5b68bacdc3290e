// <server-host>: the Listen form, listener cards, and below each the connections it accepted.

/** @import {Desk} from '../desk.js' */

import { behaviors, messageOf } from '../desk.js';
import { el, icon, kbd, setText } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { chosenOptions, closeOptions, optionGroup, optionRows, row } from '../options-form.js';
import { CommandError } from '../store.js';
import { BehaviorSettingsForm } from './behavior.js';
import { CardList } from './card-list.js';
import { emptyHost } from './empty.js';
import { Message, segmented } from './form.js';
import { elsewhere, hostAddress, listenOutside, runHere } from './lab-notes.js';
import { typedNumber } from './typed.js';

export class ServerHost extends HTMLElement {
  /** @type {Desk} */ #desk = /** @type {any} */ (null);
  #address = el('input', { class: 'field', name: 'address', 'aria-label': t('Port to listen on'), value: ':8330', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', enterkeyhint: 'go' });
  #button = el('button', { class: 'btn', type: 'submit', 'aria-keyshortcuts': 'L', title: t('Listen (L)'), 'data-acts': true }, t('Listen'), kbd('L'));
  #message = new Message();
  #settings = new BehaviorSettingsForm(t('new listener'));
  #behavior = segmented({
    label: t('What the server does with each connection'), value: 'manual', options: behaviors(), class: 'segmented segmented-sm choices',
    onchange: (value) => this.#settings.show(value),
  });
  #count = el('span', { class: 'sr-only' }, '');
  #form = el('form', { class: 'form', 'aria-label': t('Listen'), novalidate: true });
  #abort = new AbortController();

  /** @param {Desk} desk */
  set desk(desk) {
    this.#desk = desk;
    this.#build();
  }

  disconnectedCallback() {
    this.#abort.abort();
  }

  /** Presses Listen, as the key L does. @param {string} [address] another address than the one in the form */
  listen(address) {
    if (address) this.#address.value = address;
    if (this.#address.value.trim() === '') this.#address.focus();
    else this.#form.requestSubmit();
  }

  #build() {
    const options = el('details', { class: 'options' },
      el('summary', null, icon('i-right'), t('Options'), el('span', null, t('backlog, buffers'))),
      el('div', { class: 'option-list' },
        optionGroup(t('This listener'), [row(t('Backlog'), el('input', { class: 'field field-sm', name: 'backlog', 'aria-label': t('Backlog'), placeholder: t('system'), inputmode: 'numeric', autocomplete: 'off' }), '', t('How many connections may wait for Accept, less one (listen(2))'))]),
        optionRows('listen')));
    this.#form.append(
      el('div', { class: 'form-row' }, this.#address, this.#button), listenOutside(this.#desk, () => this.listen()), this.#message.element,
      this.#behavior.element, this.#settings.element, options);
    this.#form.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#submit();
    });
    this.#form.addEventListener('input', () => this.#message.clear());
    this.#desk.network.watch(() => this.#message.clear());

    const list = new CardList(this.#desk, { host: 'server', signal: this.#abort.signal, onCount: (n) => setText(this.#count, n === 1 ? t('1 listener') : t('{n} listeners', { n: count(n) })) });
    this.append(
      el('header', { class: 'host-head' }, el('h2', null, t('Server host')), hostAddress(this.#desk, 'server'), this.#count),
      el('div', { class: 'host-body' }, this.#form, elsewhere(this.#desk, 'server'), emptyHost(this.#desk, 'server'), list.element, runHere(this.#desk, 'server')));
  }

  async #submit() {
    this.#message.clear();
    const typed = this.#address.value.trim();
    if (typed === '') return this.#refuse(t('Type a port to listen on, as :8330; :0 lets the kernel choose.'), this.#address);
    const address = /^\d+$/.test(typed) ? `:${typed}` : typed;
    const { options, field, message } = chosenOptions(this.#form);
    if (message) return this.#refuse(message, field ?? null);
    const backlog = this.#field('backlog');
    if (backlog?.value.trim() && !/^\d+$/.test(backlog.value.trim())) return this.#refuse(t('Write a whole number.'), backlog);

    try {
      const ok = await this.#desk.store.send({
        type: 'listen', network: this.#desk.network.chosen, address, behavior: this.#behavior.value, settings: this.#settings.value,
        backlog: typedNumber(backlog?.value ?? ''),
        options: Object.keys(options).length ? options : undefined,
      });
      closeOptions(this.#form);
      if (ok.sockets?.[0]) this.#desk.expect(ok.sockets[0]);
      const call = ok.calls?.[0];
      if (call === undefined) return;
      const { error, socket } = await this.#desk.store.returned(call);
      if (error) {
        this.#desk.voice.alert(error.text);
        this.#message.showError(error, { field: this.#address, actions: this.#holder(error.holder) });
      } else if (socket) this.#desk.expect(socket);
    } catch (error) {
      this.#refuse(messageOf(error), error instanceof CommandError ? this.#field(error.field) ?? this.#address : null);
    }
  }

  /** A link to our own socket that has the address. @param {string} [holder] */
  #holder(holder) {
    if (!holder) return [];
    return [el('button', { class: 'btn btn-sm', type: 'button', onclick: () => this.#desk.store.select({ kind: 'socket', socket: holder }) }, t('Show {holder}', { holder }))];
  }

  /** @param {string} name @returns {HTMLInputElement|null} */
  #field(name) {
    return this.#form.querySelector(`[name="${name}"]`);
  }

  /** @param {string} text @param {HTMLElement|null} field */
  #refuse(text, field) {
    field?.closest('details')?.setAttribute('open', '');
    this.#message.show(text, { field });
    this.#desk.voice.alert(text);
    field?.focus();
  }
}

customElements.define('server-host', ServerHost);
