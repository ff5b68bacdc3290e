// The button of every empty view: one press, no settings, and there is something to see.

import { el } from '../dom.js';
import { t } from '../i18n.js';

export function demoButton() {
  const button = el('button', { class: 'btn', type: 'button', 'data-acts': true }, t('Run the handshake demo'));
  button.addEventListener('click', () => button.dispatchEvent(new CustomEvent('rundemo', { bubbles: true })));
  return button;
}
