// A command to type somewhere else, and the button that copies it.

import { el, setText, svg } from './dom.js';
import { t } from './i18n.js';

/** How long the button says that it did. */
const SAID_MS = 2_000;

/**
 * @param {() => string} text asked for when the button is pressed
 * @param {string} label the button's whole name
 */
export function copyButton(text, label) {
  const word = el('span', null, t('Copy'));
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setText(word, t('Copied'));
    setTimeout(() => setText(word, t('Copy')), SAID_MS);
  };
  const glyph = svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: 'M5.5 5.5h7v8h-7z' }), svg('path', { d: 'M3.5 10.5v-8h7' }));
  return el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'aria-label': label, onclick: copy }, glyph, word);
}
