// Asks for the code of the playground, over everything: without it there is nothing to see.

import { codeIn, keepCode } from './code.js';
import { el } from './dom.js';
import { pieces, server, t } from './i18n.js';

export class CodeDialog {
  #entered;
  #field = el('input', { class: 'field mono', id: 'code-field', name: 'code', required: true, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', 'aria-describedby': 'code-where code-wrong' });
  #wrong = el('p', { class: 'code-wrong', id: 'code-wrong', role: 'alert' });
  #dialog;

  /** @param {() => void} entered a code is kept, and the connection is to be tried again */
  constructor(entered) {
    this.#entered = entered;
    this.#dialog = el('dialog', { class: 'demo-ask code-ask', 'aria-labelledby': 'code-title', 'aria-describedby': 'code-why' },
      el('form', { novalidate: true },
        el('h2', { id: 'code-title' }, t('The playground asks for its code')),
        el('p', { id: 'code-why' }, t('Whoever opens this page acts on the machine that the playground runs on, as the user who started it. From where you come it cannot tell that it is you: another machine, another user, or a program that forwards.')),
        el('p', { id: 'code-where' }, pieces('The terminal in which it was started shows the code, at the end of an address: {address}', { address: el('code', null, 'http://…/#code=…') })),
        el('label', { for: 'code-field' }, t('The code, or the whole address')),
        this.#field, this.#wrong,
        el('p', { class: 'ask-actions' }, el('button', { class: 'btn btn-primary' }, t('Enter')))));
    const form = /** @type {HTMLFormElement} */ (this.#dialog.firstElementChild);
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      this.#enter();
    });
    this.#field.addEventListener('input', () => this.#say(''));
    document.body.append(this.#dialog);
  }

  /** @param {string} message what the server said of the code that it was given; '' if there was none */
  ask(message) {
    this.#say(message && server(message));
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.focus();
    this.#field.select();
  }

  close() {
    this.#dialog.close();
    this.#field.value = '';
  }

  #enter() {
    const code = codeIn(this.#field.value);
    if (code === '') {
      this.#say(t('That has no code in it. A code has 32 digits and letters from a to f.'));
      this.#field.focus();
      return;
    }
    keepCode(code);
    this.#entered();
  }

  /** @param {string} text */
  #say(text) {
    this.#wrong.textContent = text;
    if (text) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
  }
}
