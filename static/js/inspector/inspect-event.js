// The inspector's panes for a selected event.

/** @import {CallError, CallReturned, CallsSummarised, CallStarted, PlaygroundEvent, StateChanged} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { chip, el } from '../dom.js';
import * as explain from '../explain.js';
import { bytes, clock, count, duration } from '../format.js';
import { hexPane } from './hex.js';

/**
 * What stands in the head of the inspector.
 * @param {PlaygroundEvent} event
 * @returns {{kind: string, title: string, about: string}}
 */
export function eventTitle(event) {
  const kind = `Event ${count(event.seq)}`;
  switch (event.type) {
    case 'call_started': return { kind, title: `${event.op}(${event.args ?? ''})`, about: 'began' };
    case 'call_returned': return { kind, title: `${event.op}(${event.args ?? ''}) → ${event.result}`, about: took(event) };
    case 'calls_summarised': return { kind, title: `${count(event.calls)} × ${event.op}`, about: bytes(event.bytes) };
    case 'state_changed': return { kind, title: `${event.from} → ${event.to}`, about: '' };
    default: return { kind, title: event.type.replaceAll('_', ' '), about: '' };
  }
}

/**
 * @param {Desk} desk
 * @param {PlaygroundEvent} event
 * @returns {HTMLElement[]}
 */
export function eventPanes(desk, event) {
  switch (event.type) {
    case 'call_started':
    case 'call_returned':
    case 'calls_summarised':
      return callPanes(desk, event);
    case 'state_changed':
      return [statePane(desk, event)];
    default:
      return [plainPane(desk, event)];
  }
}

/** @param {Desk} desk @param {CallStarted|CallReturned|CallsSummarised} event */
function callPanes(desk, event) {
  const rows = [field('Call', `${event.op}${event.type === 'calls_summarised' ? '' : `(${event.args ?? ''})`}`)];
  if (event.socket) rows.push(field('Socket', socketLink(desk, event.socket)));
  let total = 0;
  switch (event.type) {
    case 'call_started':
      total = event.bytes ?? 0;
      rows.push(field('Began', clock(event.at_ns, desk.store.startedAt)));
      break;
    case 'call_returned':
      total = event.n ?? 0;
      if (event.op === 'Write' && event.bytes !== undefined) total = Math.max(total, event.bytes);
      rows.push(field('Result', event.result), field('Took', took(event)));
      rows.push(field('Returned', clock(event.returned_ns ?? event.at_ns, desk.store.startedAt)));
      if (event.n !== undefined) rows.push(field('Bytes', count(event.n)));
      break;
    case 'calls_summarised':
      total = event.bytes;
      rows.push(field('Calls', count(event.calls)), field('Bytes', `${bytes(event.bytes)} (${count(event.bytes)})`), field('In', duration(event.last_ns - event.first_ns)));
      break;
  }
  if (event.by) rows.push(field('By', event.by === 'user' ? 'you' : 'the listener’s behaviour'));
  if (event.type === 'call_returned' && event.error) rows.push(errorRow(desk, event.error));
  /** @type {HTMLElement[]} */
  const panes = [el('dl', { class: 'facts' }, rows)];
  if (event.data) panes.push(hexPane(desk, { seq: event.seq, data: event.data, total, of: `event ${event.seq}` }));
  return panes;
}

/** @param {CallReturned} event */
function took(event) {
  return duration((event.returned_ns ?? event.at_ns) - event.started_ns);
}

/** @param {Desk} desk @param {CallError} error */
function errorRow(desk, error) {
  return el('div', { class: 'fact-wide card-error', dataset: { phase: 'error' } }, el('dt', { class: 'sr-only' }, 'Error'), el('dd', null,
    el('code', null, error.text), error.errno ? el('span', { class: 'errno' }, error.errno) : '', error.why ? el('p', null, error.why) : '',
    error.holder ? el('p', null, 'Held by ', socketLink(desk, error.holder)) : ''));
}

/** @param {Desk} desk @param {StateChanged} event */
function statePane(desk, event) {
  const before = previousState(desk, event);
  return el('dl', { class: 'facts' },
    field('Socket', socketLink(desk, event.socket)),
    el('div', { class: 'fact-wide' }, el('dt', null, 'State'), el('dd', { class: 'transition' }, chip(event.from), '→', chip(event.to, { reason: event.reason }))),
    field('At', clock(event.at_ns, desk.store.startedAt)),
    before ? field(`In ${event.from} for`, duration(event.at_ns - before.at_ns)) : null,
    field('Known from', sourceTag(event.source)),
    event.cause !== undefined ? field('Cause', causeLink(desk, event.cause)) : null,
    event.reason ? field('Reason', event.reason.replaceAll('_', ' ')) : null,
    el('div', { class: 'fact-wide' }, el('dt', { class: 'sr-only' }, 'Meaning'), el('dd', { class: 'fact-text' }, explain.state(event.to, event.reason))));
}

/** Whatever has no pane of its own: its fields, as they are. @param {Desk} desk @param {PlaygroundEvent} event */
function plainPane(desk, event) {
  const rows = [];
  for (const [name, value] of Object.entries(event)) {
    if (name === 'seq' || name === 'type') continue;
    if (name === 'at_ns') rows.push(field('At', clock(event.at_ns, desk.store.startedAt)));
    else if (name === 'socket' || name === 'peer' || name === 'listener') rows.push(field(label(name), socketLink(desk, String(value))));
    else if (name === 'source') rows.push(field('Known from', sourceTag(event.source)));
    else if (typeof value === 'object' && value !== null) {
      for (const [k, v] of Object.entries(value)) if (typeof v !== 'object') rows.push(field(k, String(v)));
    } else rows.push(field(label(name), String(value)));
  }
  return el('dl', { class: 'facts' }, rows);
}

/** @param {string} name */
function label(name) {
  const words = name.replaceAll('_', ' ');
  return words[0].toUpperCase() + words.slice(1);
}

/** @param {string} name @param {string|Node} value */
export function field(name, value) {
  return el('div', null, el('dt', null, name), el('dd', null, value));
}

/** @param {Desk} desk @param {string} id */
export function socketLink(desk, id) {
  return el('button', { class: 'link', type: 'button', onclick: () => desk.store.select({ kind: 'socket', socket: id }) }, id);
}

/** @param {string} [source] */
export function sourceTag(source) {
  return el('span', { class: 'source', dataset: { source: source ?? '' }, title: source ? explain.SOURCES[source] : 'The playground’s own doing' }, source ?? 'own');
}

/** The call that caused it, if it is still in the log. @param {Desk} desk @param {number} call */
function causeLink(desk, call) {
  const found = desk.store.events.findLast((e) => (e.type === 'call_returned' || e.type === 'call_started') && e.call === call);
  if (!found || (found.type !== 'call_returned' && found.type !== 'call_started')) return `call ${call}`;
  return el('button', { class: 'link', type: 'button', onclick: () => desk.store.select({ kind: 'event', seq: found.seq }) }, `${found.op}(${found.args ?? ''})`);
}

/** @param {Desk} desk @param {StateChanged} event */
function previousState(desk, event) {
  return desk.traces.get(event.socket)?.states.findLast((e) => e.seq < event.seq);
}
