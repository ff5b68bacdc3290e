// <dialog> with every action, socket and view by name.

/** @import {Action} from './actions.js' */

import { el, kbd } from './dom.js';
import { english, t } from './i18n.js';

const MAX_ROWS = 60;

export class Palette {
  #dialog;
  #actions;
  #input = el('input', { class: 'palette-input', role: 'combobox', 'aria-label': t('Command or socket'), 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-autocomplete': 'list', placeholder: t('Command, socket or port'), autocomplete: 'off', spellcheck: 'false' });
  #list = el('ul', { class: 'palette-list', id: 'palette-list', role: 'listbox', 'aria-label': t('Commands and sockets') });
  /** @type {Action[]} */ #found = [];
  #at = 0;

  /** @param {HTMLDialogElement} dialog @param {(typed: string) => Action[]} actions what there is, some of it depending on what was typed */
  constructor(dialog, actions) {
    this.#dialog = dialog;
    this.#actions = actions;
    dialog.append(this.#input, this.#list);
    this.#input.addEventListener('input', () => this.#fill());
    this.#input.addEventListener('keydown', (e) => this.#key(e));
    dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); });
  }

  toggle() {
    if (this.#dialog.open) {
      this.#dialog.close();
      return;
    }
    this.#input.value = '';
    this.#fill();
    this.#dialog.showModal();
    this.#input.focus();
  }

  #fill() {
    const words = this.#input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = this.#actions(this.#input.value);
    const scored = all.map((action, i) => ({ action, i, score: score(action, words) })).filter((s) => s.score > 0);
    scored.sort((a, b) => b.score - a.score || a.i - b.i);
    this.#found = scored.slice(0, MAX_ROWS).map((s) => s.action);
    this.#list.replaceChildren(...this.#found.map((action, i) => {
      const why = action.why?.() ?? '';
      return el('li', { role: 'option', id: `palette-${i}`, 'aria-disabled': why ? 'true' : undefined, onclick: () => this.#run(i), onpointermove: () => this.#move(i) },
        el('span', { class: action.mono ? 'mono' : undefined }, action.name), el('small', null, why || action.hint || t(action.group)), action.key ? kbd(action.key) : '');
    }));
    if (this.#found.length === 0) this.#list.append(el('li', { class: 'muted', role: 'presentation' }, t('Nothing has that name.')));
    this.#move(0);
  }

  /** @param {number} at */
  #move(at) {
    this.#list.children[this.#at]?.removeAttribute('aria-selected');
    this.#at = at;
    const row = this.#list.children[at];
    if (!row || this.#found.length === 0) return;
    row.setAttribute('aria-selected', 'true');
    row.scrollIntoView({ block: 'nearest' });
    this.#input.setAttribute('aria-activedescendant', row.id);
  }

  /** @param {number} at */
  #run(at) {
    const action = this.#found[at];
    if (!action || action.why?.()) return;
    this.#dialog.close();
    action.act();
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const count = this.#found.length;
    if (e.key === 'ArrowDown') this.#move((this.#at + 1) % Math.max(1, count));
    else if (e.key === 'ArrowUp') this.#move((this.#at - 1 + count) % Math.max(1, count));
    else if (e.key === 'Enter') this.#run(this.#at);
    else return;
    e.preventDefault();
  }
}

/** The beginning of the name counts most, then the name, then the rest, of which words in either language are a part. @param {Action} action @param {string[]} words */
export function score(action, words) {
  const name = action.name.toLowerCase();
  let rest = '', sum = 1;
  for (const word of words) {
    if (name === word) sum += 8;
    else if (name.startsWith(word)) sum += 4;
    else if (name.includes(word)) sum += 2;
    else {
      rest ||= `${english(action.name)} ${action.hint ?? ''} ${t(action.group)} ${action.words ?? ''}`.toLowerCase();
      if (!rest.includes(word)) return 0;
      sum += 1;
    }
  }
  return sum;
}
