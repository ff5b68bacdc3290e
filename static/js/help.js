// <dialog> with the keys, and how to turn them off.

/** @import {Action} from './actions.js' */
/** @import {Store} from './store.js' */

import { el, icon, kbd, setText } from './dom.js';
import { t } from './i18n.js';
import { keysOff, setKeysOff } from './prefs.js';

/**
 * @param {HTMLDialogElement} dialog
 * @param {Action[]} actions
 * @param {Store} store
 */
export function fillHelp(dialog, actions, store) {
  const kernel = el('p', { class: 'muted', hidden: true });
  store.subscribe((change) => {
    if (!change.connection || !store.kernel) return;
    setText(kernel, t('What is seen here is done by {kernel}; other kernels may do otherwise.', { kernel: store.kernel }));
    kernel.hidden = false;
  });
  const off = el('input', { type: 'checkbox' });
  off.checked = !keysOff();
  off.addEventListener('change', () => setKeysOff(!off.checked));
  const section = (/** @type {Action['group']} */ group) => el('section', null, el('h3', null, t(group)),
    el('dl', null, actions.filter((a) => a.group === group && a.key).map((a) =>
      el('div', null, el('dt', null, kbd(a.key ?? ''), el('span', { class: 'sr-only' }, a.key)), el('dd', null, a.name, a.hint && a.hint !== t('view') ? el('small', null, ` ${a.hint}`) : '')))));
  dialog.append(
    el('header', null, el('h2', { id: 'help-title' }, t('Shortcuts')),
      el('button', { class: 'btn btn-icon btn-quiet', type: 'button', 'aria-label': t('Close the help'), onclick: () => dialog.close() }, icon('i-close'))),
    el('div', { class: 'help-groups' }, el('div', null, section('Sockets'), section('Network')), section('View')),
    el('footer', null, el('label', { class: 'check' }, off, t('Letter keys act')), el('p', { class: 'muted' }, t('Keys act on the card touched last, never while you type. Enter sends; Shift+Enter is a new line; the up and down arrows bring back what was sent. In Segments, / filters, J and K move, Ctrl . and Ctrl , stay in the connection, Enter opens the inspector.')), kernel));
  dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); });
}
