// What is asked before a demo: whether open sockets may be closed, and how a demo made by hand is to be called.

/** @import {Socket} from '../types.js' */

import { ask } from '../ask.js';
import { el, setText } from '../dom.js';
import { t } from '../i18n.js';
import { namesOf } from '../network.js';

/** @param {Socket[]} open @returns {Promise<boolean>} */
export async function askToClose(open) {
  const text = open.length === 1
    ? t('{names} is open. The demo begins in a new session, and it is closed first.', { names: namesOf(open) })
    : t('{names} are open. The demo begins in a new session, and they are closed first.', { names: namesOf(open) });
  return await ask(t('Run the demo'), [el('p', null, text)], t('Close and run'), open.length === 1 ? t('Keep it') : t('Keep them')) !== null;
}

/** Whether the person takes over a demo that drives. @returns {Promise<boolean>} */
export async function askToTakeOver() {
  return await ask(t('Take over?'), [el('p', null, t('The demo is driving, and waits now. If you take over it ends: what you pressed is done, and its sockets are yours.'))],
    t('Take over'), t('Let the demo go on')) !== null;
}

/** @returns {Promise<string>} '' if it is not wanted */
export async function askTitle() {
  const field = el('input', { class: 'field', name: 'title', id: 'demo-title', maxlength: 100, required: true, autocomplete: 'off', value: t('My demo'), 'aria-describedby': 'demo-title-why' });
  const why = el('p', { id: 'demo-title-why', role: 'alert' });
  field.addEventListener('invalid', (e) => { // the browser would say it in its own words and language
    e.preventDefault();
    setText(why, t('Type a title for the demo.'));
    field.focus();
  });
  field.addEventListener('input', () => {
    field.setCustomValidity(field.value.trim() === '' ? ' ' : '');
    setText(why, '');
  });
  queueMicrotask(() => field.select()); // once the dialog is open: what is typed replaces the proposal
  const answer = await ask(t('Save as demo'), [el('p', null, t('What you did by hand in this session becomes a demo: a step for each action, with checks from what was observed. There you can run it, copy a link to it or save its file.')),
    el('label', { class: 'ask-field' }, t('Title of the demo'), field), why], t('Open as a demo'), t('Cancel'));
  return answer === null ? '' : field.value.trim();
}
