// Keys. Letters act on the active card, never while typing, and can be turned off.

/** @import {Action} from './actions.js' */
/** @import {Voice} from './voice.js' */

import { keysOff } from './prefs.js';

/** How a key is named in the list of actions. @type {Record<string, string>} */
const NAMES = { ' ': 'Space', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc' };
/** These act also while letter keys are turned off. */
const ALWAYS = new Set(['Esc', 'Ctrl K']);

/** What a pointer gave the focus to. @type {EventTarget|null} */
let clicked = null;

/**
 * @param {Action[]} actions
 * @param {Voice} voice
 */
export function listenToKeys(actions, voice) {
  /** @type {Map<string, Action[]>} */
  const byKey = new Map();
  for (const action of actions) if (action.key) byKey.set(action.key, [...byKey.get(action.key) ?? [], action]);

  let pointing = false;
  document.addEventListener('pointerdown', () => { pointing = true; }, true);
  document.addEventListener('keydown', () => { pointing = false; }, true);
  document.addEventListener('focusin', (e) => { clicked = pointing ? e.target : null; });
  document.addEventListener('keydown', (e) => {
    if (e.defaultPrevented || e.isComposing) return;
    const key = nameOf(e);
    const action = key ? chosen(byKey.get(key) ?? []) : undefined;
    if (!action || !key) return;
    if (document.querySelector('dialog:modal') && key !== 'Ctrl K') return;
    if (!ALWAYS.has(key)) {
      if (keysOff() || isTyping(e.target) || usesKey(e.target, key)) return;
    }
    // A menu closes by itself on Escape.
    if (key === 'Esc' && document.querySelector(':popover-open')) return;
    e.preventDefault();
    const reason = action.why?.() ?? '';
    if (reason) voice.notice(reason, 'info');
    else action.act();
  });
}

/** Of those that share a key, the first that can act now; if none can, the last says why. @param {Action[]} actions */
function chosen(actions) {
  return actions.find((a) => !a.why?.()) ?? actions.at(-1);
}

/** @param {KeyboardEvent} e */
function nameOf(e) {
  if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === 'k') return 'Ctrl K';
  if (e.ctrlKey || e.metaKey || e.altKey) return null;
  return NAMES[e.key] ?? (e.key.length === 1 ? e.key.toUpperCase() : null);
}

/** @param {EventTarget|null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['radio', 'checkbox', 'button', 'file'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Space presses buttons, and arrows move inside radio groups, lists and tabs. @param {EventTarget|null} target @param {string} key */
function usesKey(target, key) {
  if (!(target instanceof Element)) return false;
  if (key === 'Space') return target.closest('button, summary, label, input, a, [role="button"], [role="option"]') !== null;
  // After a click on a switch the arrows are the stage's, as before it; Tab to it, and they are its own.
  if (target instanceof HTMLInputElement && target.type === 'radio' && target === clicked) return false;
  if (key === '↑' || key === '↓') return target.closest('input, summary, [role="radiogroup"], [role="listbox"], [role="menu"]') !== null;
  return false;
}
