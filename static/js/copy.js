// Copying: whatever the page copies goes this way, and the button of a command to type somewhere else.

/** @import {Voice} from './voice.js' */

import { el, setText, svg } from './dom.js';
import { t } from './i18n.js';

/** How long the button says that it did. */
const SAID_MS = 2_000;

/** Who says that it failed. @type {Voice|null} */
let voice = null;

/** @param {Voice} to */
export function copiesSayTo(to) {
  voice = to;
}

/**
 * Copies a text. Where the browser does not let the page, that is said.
 * @param {string} text
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copyText(text) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    // A page by http from elsewhere than localhost has no clipboard (W3C Secure Contexts); the older way asks for none.
    else if (!copySelected(text)) throw new Error(t('it came by http, and from another name than localhost'));
    return true;
  } catch (error) {
    voice?.notice(t('The browser does not let this page copy: {reason}', { reason: error instanceof Error ? error.message : String(error) }));
    return false;
  }
}

/** @param {string} text */
function copySelected(text) {
  const focused = document.activeElement;
  const field = el('textarea', { class: 'sr-only', readOnly: true });
  field.value = text;
  (focused?.closest('dialog') ?? document.body).append(field); // under a dialog nothing can be selected
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/**
 * @param {() => string} text asked for when the button is pressed
 * @param {string} label the button's whole name
 */
export function copyButton(text, label) {
  const word = el('span', null, t('Copy'));
  const copy = async () => {
    if (!await copyText(text())) return;
    setText(word, t('Copied'));
    setTimeout(() => setText(word, t('Copy')), SAID_MS);
  };
  const glyph = svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: 'M5.5 5.5h7v8h-7z' }), svg('path', { d: 'M3.5 10.5v-8h7' }));
  return el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'aria-label': label, onclick: copy }, glyph, word);
}
