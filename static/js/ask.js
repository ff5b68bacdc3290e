// One question to the person, over everything else.

import { el } from './dom.js';

/** @param {string} title @param {HTMLElement[]} content @param {string} yes @param {string} no @returns {Promise<string|null>} null for no */
export function ask(title, content, yes, no) {
  const dialog = el('dialog', { class: 'demo-ask', 'aria-label': title },
    el('form', { method: 'dialog' }, el('h2', null, title), content,
      el('p', { class: 'ask-actions' },
        el('button', { class: 'btn btn-primary', value: 'yes' }, yes),
        el('button', { class: 'btn', type: 'button', onclick: () => dialog.close('') }, no))));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes' ? 'yes' : null);
    });
    dialog.showModal();
  });
}
