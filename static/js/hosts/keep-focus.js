// Whoever uses the keyboard goes on from where they were: a control that goes away hands the focus on.

/**
 * Does what changes the cards. Where the control with the focus is gone after it, the next one of its card has it, else the
 * next card, else the button of the form.
 * @param {HTMLElement} list
 * @param {() => void} change
 */
export function keepFocus(list, change) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !list.contains(focused)) return change();
  const cards = cardsIn(list);
  const card = focused.closest('[data-socket]');
  const at = card instanceof HTMLElement ? cards.indexOf(card) : -1;
  change();
  if (usable(focused)) {
    if (document.activeElement !== focused) focused.focus({ preventScroll: true }); // its card was moved
    return;
  }
  const there = (/** @type {HTMLElement} */ c) => c.isConnected;
  const home = card?.isConnected ? card : cards.slice(at + 1).find(there) ?? cards.slice(0, Math.max(at, 0)).findLast(there);
  const next = home ? after(focused, home) : list.closest('aside')?.querySelector('button[type="submit"]');
  if (next instanceof HTMLElement) next.focus({ preventScroll: true });
}

/** @param {Element} focused @param {Element} card */
function after(focused, card) {
  const controls = [...card.querySelectorAll('button, input, textarea, select')].filter(usable);
  return controls.find((c) => focused.compareDocumentPosition(c) & Node.DOCUMENT_POSITION_FOLLOWING && card.contains(focused)) ?? controls[0];
}

/** @param {Element} element */
function usable(element) {
  return element.isConnected && element.checkVisibility() && !element.matches(':disabled');
}

/** @param {HTMLElement} list @returns {HTMLElement[]} */
function cardsIn(list) {
  return [...list.querySelectorAll('[data-socket]')].filter((card) => card instanceof HTMLElement);
}
