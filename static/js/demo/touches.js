// What a demo would touch: read from its commands before any of them is sent. Pure.

/** @import {DemoAction, DemoStep} from '../types.js' */

import { t } from '../i18n.js';

/**
 * @typedef {{kind: 'listen'|'dial'|'wire'|'kernel'|'port'|'program', what: string, note: string}} Touch
 * `what` is as the file has it; `note` says it in words
 */

/** What is opened stands first. @type {Touch['kind'][]} */
const ORDER = ['listen', 'dial', 'program', 'port', 'kernel', 'wire'];
const WIRE = new Set(['set_wire', 'add_rule', 'set_rule', 'remove_rule', 'deliver_segment', 'set_quick_ack']);

/**
 * @param {DemoStep[]} steps
 * @returns {Touch[]} each once
 */
export function touches(steps) {
  /** @type {Map<string, Touch>} */
  const found = new Map();
  /** The addresses of the listeners, by name: a dial names the one it means. @type {Map<string, string>} */
  const listeners = new Map();
  for (const step of steps) {
    for (const entry of step.do ?? []) {
      const touch = touchOf(entry, listeners);
      if (touch) found.set(`${touch.kind} ${touch.what} ${touch.note}`, touch);
    }
  }
  return [...found.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** @param {DemoAction} entry @param {Map<string, string>} listeners @returns {Touch|null} */
function touchOf(entry, listeners) {
  const action = typeof entry.go === 'object' && entry.go !== null ? entry.go : entry;
  const [type, given] = Object.entries(action).find(([name]) => name !== 'within' && name !== 'go') ?? [];
  if (type === undefined) return null;
  /** @type {Record<string, unknown>} */
  const fields = typeof given === 'object' && given !== null ? given : {};
  switch (type) {
    case 'listen': {
      const address = text(fields.address) || ':0';
      listeners.set(text(fields.as), address);
      return { kind: 'listen', what: address, note: behavior(fields.behavior) };
    }
    case 'dial':
      return { kind: 'dial', what: addressOf(fields.address, listeners), note: dialNote(fields) };
    case 'set_kernel':
      return { kind: 'kernel', what: text(fields.name), note: '' };
    case 'watch_port':
      return { kind: 'port', what: text(fields.port), note: '' };
    case 'start_program':
      return { kind: 'program', what: addressOf(fields.address, listeners), note: '' };
    default:
      return WIRE.has(type) ? { kind: 'wire', what: '', note: '' } : null;
  }
}

/** The local address is bound as a listener's is. @param {Record<string, unknown>} fields */
function dialNote({ local, count }) {
  const from = text(local);
  return [from && t('from {address}', { address: from }), typeof count === 'number' && count > 1 ? t('{n} times', { n: count }) : '']
    .filter(Boolean).join(' ');
}

/** @param {unknown} value @param {Map<string, string>} listeners */
function addressOf(value, listeners) {
  const address = text(value);
  const known = listeners.get(address);
  return known === undefined ? address : `${address} (${known})`;
}

/** @param {unknown} value */
function text(value) {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** @param {unknown} value */
function behavior(value) {
  return typeof value === 'string' && value !== 'manual' ? value.replaceAll('_', ' ') : '';
}
