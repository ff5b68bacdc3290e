// The socket options that a person can set: one list for the forms of Connect and Listen and for the inspector.

/** @import {OptionValue} from './types.js' */

import { el } from './dom.js';
import { plainNumber } from './hosts/typed.js';
import { t, texts } from './i18n.js';

/** @typedef {{name: string, label: string, type: 'bool'|'number'|'text', group: typeof GROUPS[number], unit?: string, on: ('dial'|'listen'|'conn'|'listener')[], title: string}} OptionField */

/** What an option is about: a form has so many that one looks for them under these. */
const GROUPS = texts(/** @type {const} */ (['How it sends', 'Keep-alive probes', 'Buffers', 'Port']));

/** @type {OptionField[]} */
export const OPTIONS = texts([
  { name: 'NoDelay', label: 'NoDelay', type: 'bool', group: 'How it sends', on: ['dial', 'conn'], title: 'TCP_NODELAY: send small writes at once (no Nagle). Go sets it.' },
  { name: 'Cork', label: 'Cork', type: 'bool', group: 'How it sends', on: ['dial', 'conn'], title: 'TCP_CORK: send only full segments; what is left goes after 200 ms, or when it is switched off. NoDelay does not change that.' },
  { name: 'Linger', label: 'Linger', type: 'number', group: 'How it sends', unit: 's', on: ['dial', 'conn'], title: 'SO_LINGER: how long Close waits until all that was written is acknowledged. Then it returns nil all the same, and the kernel goes on sending. 0 makes Close send a RST, −1 is off' },
  { name: 'UserTimeout', label: 'User timeout', type: 'number', group: 'How it sends', unit: 'ms', on: ['dial', 'conn'], title: 'TCP_USER_TIMEOUT: how long data may stay unacknowledged after the retransmission timer first expired, and a Dial unanswered. With keep-alive, which Go switches on, it takes the place of the count of probes. 0 is off' },
  { name: 'MaxSeg', label: 'Largest segment', type: 'number', group: 'How it sends', unit: 'B', on: ['dial', 'listen', 'conn', 'listener'], title: 'TCP_MAXSEG: the largest payload of a segment, as the SYN says it: 88 to 32767, but no more than the MTU takes. It has no effect on an open connection' },
  { name: 'TTL', label: 'TTL', type: 'number', group: 'How it sends', on: ['dial', 'conn'], title: 'IP_TTL, IPV6_UNICAST_HOPS: how many routers a packet may pass; −1 is the kernel’s own' },
  { name: 'Congestion', label: 'Congestion', type: 'text', group: 'How it sends', on: ['dial', 'listen', 'conn', 'listener'], title: 'TCP_CONGESTION: the algorithm, as in net.ipv4.tcp_available_congestion_control' },
  { name: 'KeepAlive', label: 'Keep-alive', type: 'bool', group: 'Keep-alive probes', on: ['dial', 'listen', 'conn', 'listener'], title: 'SO_KEEPALIVE: probe an idle connection. Go sets it: after 15 s, each 15 s, 9 times.' },
  { name: 'KeepAliveIdle', label: 'Idle before probe', type: 'number', group: 'Keep-alive probes', unit: 's', on: ['dial', 'conn'], title: 'TCP_KEEPIDLE: seconds of silence before the first probe' },
  { name: 'KeepAliveInterval', label: 'Between probes', type: 'number', group: 'Keep-alive probes', unit: 's', on: ['dial', 'conn'], title: 'TCP_KEEPINTVL: seconds between probes' },
  { name: 'KeepAliveCount', label: 'Probes', type: 'number', group: 'Keep-alive probes', on: ['dial', 'conn'], title: 'TCP_KEEPCNT: probes without an answer before the connection is given up, unless UserTimeout is set' },
  { name: 'RcvBuf', label: 'Receive buffer', type: 'number', group: 'Buffers', unit: 'B', on: ['dial', 'listen', 'conn', 'listener'], title: 'SO_RCVBUF; the kernel doubles it (socket(7)), cuts it to rmem_max and stops tuning it. On an open connection the window stays below what the scale in its SYN allows' },
  { name: 'SndBuf', label: 'Send buffer', type: 'number', group: 'Buffers', unit: 'B', on: ['dial', 'listen', 'conn', 'listener'], title: 'SO_SNDBUF; the kernel doubles it (socket(7)), cuts it to wmem_max and stops tuning it' },
  { name: 'ReuseAddr', label: 'ReuseAddr', type: 'bool', group: 'Port', on: ['dial', 'listen', 'listener'], title: 'SO_REUSEADDR: bind although old connections of the port are in TIME_WAIT, if they had it too. Go sets it when it listens, and what is accepted inherits it.' },
  { name: 'ReusePort', label: 'ReusePort', type: 'bool', group: 'Port', on: ['dial', 'listen', 'listener'], title: 'SO_REUSEPORT: several listeners share the port, if all of them have it' },
  { name: 'DeferAccept', label: 'Defer accept', type: 'number', group: 'Port', unit: 's', on: ['listen', 'listener'], title: 'TCP_DEFER_ACCEPT: wake Accept only when data arrived, or so many seconds are over (the next of 1, 3, 7, 15 …) and the repeated SYN, ACK is answered' },
]);

/**
 * Rows of a form, in groups: label and control. An empty control means the system's own value.
 * @param {'dial'|'listen'} form
 */
export function optionRows(form) {
  return GROUPS.map((group) => optionGroup(t(group), OPTIONS.filter((o) => o.group === group && o.on.includes(form)).map((option) => {
    const control = optionControl(option, t(option.label));
    control.name = option.name;
    return row(t(option.label), control, option.unit, t(option.title));
  })));
}

/** @param {string} name @param {HTMLElement[]} rows */
export function optionGroup(name, rows) {
  return el('div', { class: 'option-group', role: 'group', 'aria-label': name }, el('h3', { 'aria-hidden': 'true' }, name), rows);
}

/**
 * @param {OptionField} option
 * @param {string} label
 * @returns {HTMLInputElement|HTMLSelectElement}
 */
export function optionControl(option, label) {
  if (option.type === 'bool') {
    return el('select', { class: 'field field-sm', 'aria-label': label, title: t(option.title) },
      el('option', { value: '' }, t('default')), el('option', { value: 'true' }, t('on')), el('option', { value: 'false' }, t('off')));
  }
  return el('input', { class: 'field field-sm', 'aria-label': label, title: t(option.title), placeholder: t('default'), autocomplete: 'off', spellcheck: 'false', inputmode: option.type === 'number' ? 'numeric' : undefined });
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [unit]
 * @param {string} [title]
 */
export function row(label, control, unit, title) {
  return el('div', { class: 'option-row', title }, el('span', { 'aria-hidden': 'true' }, label), control, el('small', null, unit ?? ''));
}

/** What was chosen is used: the cards below come up again. @param {HTMLElement} form */
export function closeOptions(form) {
  const details = form.querySelector('details');
  if (details?.contains(document.activeElement)) details.querySelector('summary')?.focus();
  details?.removeAttribute('open');
}

/**
 * The options chosen in a form; `field` names the one that is no number.
 * @param {HTMLElement} form
 * @returns {{options: Record<string, OptionValue>, field?: HTMLInputElement|HTMLSelectElement, message?: string}}
 */
export function chosenOptions(form) {
  /** @type {Record<string, OptionValue>} */
  const options = {};
  for (const option of OPTIONS) {
    const control = form.querySelector(`[name="${option.name}"]`);
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement) || control.value.trim() === '') continue;
    const value = parseOption(option, control.value);
    if (value === null) return { options, field: control, message: wholeNumber(option) };
    options[option.name] = value;
  }
  return { options };
}

/** What is wrong with a value that is none. @param {OptionField} option */
export function wholeNumber({ label, unit }) {
  return unit ? t('{option} is a whole number ({unit}).', { option: t(label), unit }) : t('{option} is a whole number.', { option: t(label) });
}

/**
 * @param {OptionField} option
 * @param {string} text
 * @returns {OptionValue|null}
 */
export function parseOption(option, text) {
  const value = text.trim();
  if (option.type === 'bool') return value === 'true';
  if (option.type === 'text') return value;
  const negative = /^[-−]/.test(value);
  const number = plainNumber(negative ? value.slice(1) : value);
  return negative && number ? -number : number;
}
