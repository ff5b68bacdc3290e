// Watching a port: the sockets of other programs that use it are rows too, until it is taken off the list.

/** @import {Store} from '../store.js' */

import { el, icon } from '../dom.js';
import { Message } from '../hosts/form.js';
import { plainNumber } from '../hosts/typed.js';
import { t } from '../i18n.js';

export class WatchPorts {
  #store;
  #port = el('input', { class: 'field field-sm', 'aria-label': t('Port to watch'), placeholder: '5432', inputmode: 'numeric', autocomplete: 'off', maxlength: '5' });
  #list = el('ul', { 'aria-label': t('Watched ports') });
  #none = el('span', { class: 'muted' }, t('sockets of other programs that use it become rows'));
  #message = new Message();
  #shown = '';
  element;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    this.element = el('form', { class: 'watch', 'aria-label': t('Watch a port'), novalidate: true },
      el('span', { 'aria-hidden': 'true' }, t('Watch port')), this.#port,
      el('button', { class: 'btn btn-sm', type: 'submit', 'aria-label': t('Watch the port'), 'data-acts': true }, t('Watch')), this.#list, this.#none, this.#message.element);
    this.element.addEventListener('submit', (e) => {
      e.preventDefault();
      void this.#submit();
    });
    this.#port.addEventListener('input', () => this.#message.clear());
    this.update();
  }

  focus() {
    this.#port.focus();
  }

  update() {
    const { ports } = this.#store.state;
    const key = ports.join();
    if (key === this.#shown) return;
    this.#shown = key;
    this.#none.hidden = ports.length > 0;
    this.#list.replaceChildren(...ports.map((port) => el('li', null, el('code', null, String(port)),
      el('button', { class: 'btn btn-sm btn-quiet btn-icon', type: 'button', 'aria-label': t('Stop watching port {port}', { port }), title: t('Stop watching'), 'data-acts': true, onclick: () => this.#watch(port, false) }, icon('i-close')))));
  }

  async #submit() {
    const typed = this.#port.value.trim().replace(/^:/, '');
    const port = plainNumber(typed);
    if (port === null || port < 1 || port > 65535) {
      this.#message.show(t('A port is a number from 1 to 65535.'), { field: this.#port });
      this.#port.focus();
      return;
    }
    if (await this.#watch(port, true)) this.#port.value = '';
  }

  /** @param {number} port @param {boolean} on */
  async #watch(port, on) {
    this.#message.clear();
    try {
      await this.#store.send({ type: 'watch_port', port, on });
      return true;
    } catch (error) {
      this.#message.show(error instanceof Error ? error.message : String(error), { field: on ? this.#port : null });
      return false;
    }
  }
}
