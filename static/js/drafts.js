// What was typed and not sent outlives the page being loaded again, as a change of the language does: the text of the
// fields, the choices of the forms, which columns are folded, and which socket the keys act on. Held by this tab alone,
// and only across the reload.

/** @import {Desk} from './desk.js' */
/** @import {Place} from './place.js' */

const STORE = 'drafts';

/** By what holds the fields, then by their place in it: names change with the language, places do not. @typedef {Record<string, Record<number, string>>} Fields */

/** @type {Fields} */
let waiting = {};

/** What holds a field: the card of a socket, a host's column, or a view. @param {Element} field */
function boxOf(field) {
  return field.closest('[data-socket], aside[id], [role="tabpanel"]');
}

/** @param {Element} box */
function nameOf(box) {
  return box instanceof HTMLElement && box.dataset.socket ? box.dataset.socket : box.id;
}

/** Those that act by themselves when they change are no drafts: outside a form, only text is one. @param {Element} box */
function fieldsOf(box) {
  return [...box.querySelectorAll('input, textarea, select')].filter((field) => {
    if (boxOf(field) !== box || (field instanceof HTMLInputElement && field.type === 'file')) return false;
    return field.closest('form') !== null || field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && ['text', 'search'].includes(field.type));
  });
}

/** @param {Element} field */
function valueOf(field) {
  if (field instanceof HTMLInputElement && (field.type === 'radio' || field.type === 'checkbox')) return String(field.checked);
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement ? field.value : '';
}

/** @param {Element} field @param {string} value */
function setValue(field, value) {
  if (valueOf(field) === value) return;
  if (field instanceof HTMLInputElement && (field.type === 'radio' || field.type === 'checkbox')) field.checked = value === 'true';
  else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = value;
  // A radio tells its group when it is the one that was chosen.
  if (value === 'false') return;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Puts back what was typed here before the reload. @param {Element} box */
export function restoreDraft(box) {
  const draft = waiting[nameOf(box)];
  if (!draft) return;
  delete waiting[nameOf(box)];
  const fields = fieldsOf(box);
  for (const [at, value] of Object.entries(draft)) if (fields[Number(at)]) setValue(fields[Number(at)], value);
}

/** Restores what stands in the page already, and saves everything when the page is left; C1 of another session is another socket. @param {Desk} desk @param {Place} place */
export function keepDrafts(desk, place) {
  try {
    const saved = JSON.parse(sessionStorage.getItem(STORE) ?? '{}');
    sessionStorage.removeItem(STORE);
    if (saved.session === place.session) {
      waiting = saved.fields ?? {};
      if (typeof saved.active === 'string') desk.expect(saved.active);
      for (const column of document.querySelectorAll('aside[id]')) column.toggleAttribute('data-folded', saved.folded?.includes(column.id) === true);
    }
  } catch {
    // No storage, or not ours: the fields begin empty.
  }
  for (const box of document.querySelectorAll('aside[id], [role="tabpanel"]')) restoreDraft(box);
  window.addEventListener('pagehide', () => {
    /** @type {Fields} */
    const fields = {};
    for (const box of document.querySelectorAll('[data-socket], aside[id], [role="tabpanel"]')) {
      const values = fieldsOf(box).map(valueOf);
      if (values.length > 0) fields[nameOf(box)] = { ...values };
    }
    const folded = [...document.querySelectorAll('aside[data-folded]')].map((column) => column.id);
    try {
      sessionStorage.setItem(STORE, JSON.stringify({ session: place.session, fields, active: desk.active, folded }));
    } catch {
      // No storage, or more typed than it takes.
    }
  });
}
