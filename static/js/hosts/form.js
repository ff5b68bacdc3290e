// What the forms of both hosts share: messages under the fields, and the result of the call they started.

/** @import {CallError} from '../types.js' */

import { el, setAttr } from '../dom.js';
import { server, t } from '../i18n.js';

let nextId = 1;

/** A place for messages under a form or a field. */
export class Message {
  #id = `message-${nextId++}`;
  element = el('div', { class: 'form-message', id: this.#id, hidden: true });
  /** @type {HTMLElement|null} */ #field = null;

  clear() {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.#field?.removeAttribute('aria-invalid');
    this.#field?.removeAttribute('aria-describedby');
    this.#field = null;
  }

  /**
   * @param {string} text
   * @param {{field?: HTMLElement|null, errno?: string, why?: string, actions?: HTMLElement[]}} [more]
   */
  show(text, { field = null, errno = '', why = '', actions = [] } = {}) {
    this.clear();
    this.element.append(el('p', { class: 'form-error' }, text, errno && el('span', { class: 'errno' }, errno)));
    if (why) this.element.append(el('p', null, why));
    if (actions.length) this.element.append(el('p', { class: 'form-actions' }, ...actions));
    this.element.hidden = false;
    if (!field) return;
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', this.#id);
    this.#field = field;
  }

  /**
   * The error of a call as Go prints it, why it happened, and what can be done.
   * @param {CallError} error
   * @param {{field?: HTMLElement|null, actions?: HTMLElement[]}} [more]
   */
  showError(error, more = {}) {
    this.show(error.text, { ...more, errno: error.errno, why: server(error.why ?? '') });
  }
}

/** The choices of the read mode. @returns {[value: string, label: string, title: string][]} */
export function readModes() {
  return [['auto', t('auto'), t('Data is read as it arrives')], ['manual', t('manual'), t('You press Read')]];
}

/**
 * A segmented switch of real radios, so that the arrow keys work.
 * @param {{label: string, options: readonly (readonly [value: string, label: string, title?: string])[], value: string, class?: string, acts?: boolean, onchange?: (value: string) => void}} config
 * `acts`: a change is a command, so it waits for the server
 */
export function segmented({ label, options, value, class: className = 'segmented segmented-sm', acts = false, onchange }) {
  const name = `radio-${nextId++}`;
  const inputs = options.map(([v, text]) => {
    const input = el('input', { class: 'sr-only', type: 'radio', name, value: v, 'aria-label': text });
    input.checked = v === value;
    return input;
  });
  const element = el('div', { class: className, role: 'radiogroup', 'aria-label': label, 'data-acts': acts },
    options.map(([, text, title], i) => el('label', { title: title }, inputs[i], SHORT[text] ?? text)));
  element.addEventListener('change', () => onchange?.(get()));
  const get = () => inputs.find((i) => i.checked)?.value ?? '';
  return {
    element,
    get value() { return get(); },
    set value(v) { for (const input of inputs) if (input.checked !== (input.value === v)) input.checked = input.value === v; },
    set disabled(/** @type {boolean} */ off) { for (const input of inputs) if (input.disabled !== off) input.disabled = off; },
    /** One choice that cannot be made, and why; '' makes it possible again. @param {string} v @param {string} reason @param {string} [title] what it says when it can be made */
    disable(v, reason, title = '') {
      const input = inputs.find((i) => i.value === v);
      if (!input) return;
      if (input.disabled !== (reason !== '')) input.disabled = reason !== '';
      setAttr(/** @type {Element} */ (input.parentElement), 'title', reason || title || null);
      setAttr(input, 'aria-description', reason || title || null);
    },
  };
}

// A column is narrow; the name of the radio stays whole.
/** @type {Record<string, string>} */
const SHORT = { base64: 'b64', English: 'EN' };
