// Changing the language, each under its own name, so that it is found by who reads only that one: the switch
// "EN | 中文" where there is room, and a button in the top bar that is on every screen.

import { segmented } from './hosts/form.js';
import { language, setLanguage, t } from './i18n.js';

/** @typedef {import('./i18n.js').Language} Language */

/** What a language is called in itself, in a word and in two or three signs. */
const NAMES = /** @type {const} */ ({ en: { whole: 'English', short: 'EN', tag: 'en' }, zh: { whole: '中文', short: '中文', tag: 'zh-CN' } });

/** @returns {Language} */
export function otherLanguage() {
  return language() === 'en' ? 'zh' : 'en';
}

/** The switch; a screen may have its own. @returns {HTMLElement} */
export function languageSwitch() {
  const { element } = segmented({
    label: t('Language'), value: language(), options: [['en', NAMES.en.whole], ['zh', NAMES.zh.whole]],
    onchange: (value) => change(/** @type {Language} */ (value)),
  });
  return element;
}

/** Fills the button of the top bar with the other language. @param {HTMLElement} button */
export function languageButton(button) {
  const { whole, short, tag } = NAMES[otherLanguage()];
  button.textContent = short;
  button.lang = tag;
  button.ariaLabel = short === whole ? whole : `${short}, ${whole}`; // what stands on it is a part of its name
  button.title = whole;
  button.addEventListener('click', () => change(otherLanguage()));
  // The page was loaded again by this button or by a switch: the focus is not lost with the old page.
  try {
    if (sessionStorage.getItem('focus') === 'language') button.focus();
    sessionStorage.removeItem('focus');
  } catch {
    // No storage: the focus begins at the top.
  }
}

/** @param {Language} to */
export function change(to) {
  try {
    sessionStorage.setItem('focus', 'language');
  } catch {
    // No storage: nothing to remember.
  }
  setLanguage(to);
}
