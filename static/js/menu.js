// A menu in the top layer, so that no scrolling column cuts it off. The browser opens, closes and places it
// (popovertarget, and CSS anchor positioning in controls.css); focus comes back to the button.

import { el, kbd } from './dom.js';

/** @typedef {{label: string, hint?: string, key?: string, mono?: boolean, disabled?: string, act: () => void}} MenuItem */

/**
 * A button and the menu it opens; the items are asked for each time.
 * @param {{label: string, content: Node, class?: string, items: () => MenuItem[]}} config
 * @returns {{button: HTMLButtonElement, menu: HTMLElement}}
 */
export function menuButton({ label, content, class: className = 'btn btn-icon', items }) {
  const menu = el('div', { class: 'menu-list', role: 'menu', 'aria-label': label, popover: 'auto' });
  const button = el('button', { class: className, type: 'button', 'aria-label': label, title: label, 'aria-haspopup': 'menu', 'aria-expanded': 'false' }, content);
  button.popoverTargetElement = menu;

  menu.addEventListener('beforetoggle', (e) => {
    const opens = /** @type {ToggleEvent} */ (e).newState === 'open';
    button.setAttribute('aria-expanded', String(opens));
    if (opens) menu.replaceChildren(...items().map((item) => itemButton(item, menu)));
  });
  menu.addEventListener('toggle', (e) => {
    if (/** @type {ToggleEvent} */ (e).newState === 'open') focusAt(menu, 0);
    // Not before it is closed: the browser gives the focus back only from an item that is still there.
    else menu.replaceChildren();
  });
  menu.addEventListener('keydown', (e) => {
    const at = [...menu.children].indexOf(/** @type {Element} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[e.key];
    if (e.key === 'Tab') menu.hidePopover();
    if (to === undefined) return;
    e.preventDefault();
    focusAt(menu, to);
  });
  return { button, menu };
}

/** @param {HTMLElement} menu @param {number} at */
function focusAt(menu, at) {
  const count = menu.children.length;
  const item = menu.children[(at + count) % count];
  if (item instanceof HTMLElement) item.focus();
}

/** @param {MenuItem} item @param {HTMLElement} menu */
function itemButton(item, menu) {
  const act = () => {
    if (item.disabled) return;
    menu.hidePopover();
    item.act();
  };
  return el('button', { role: 'menuitem', type: 'button', tabindex: '-1', 'aria-label': item.label, 'aria-disabled': item.disabled ? 'true' : undefined, onclick: act },
    el('span', { class: item.mono ? 'mono' : undefined }, item.label),
    item.key && kbd(item.key),
    (item.disabled || item.hint) && el('small', null, item.disabled || item.hint));
}
