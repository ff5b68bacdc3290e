// The inspector's panes for a selected event.

/** @import {CallError, CallReturned, CallsSummarised, CallStarted, PlaygroundEvent, StateChanged} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { chip, el } from '../dom.js';
import * as explain from '../explain.js';
import { bytes, clock, count, duration } from '../format.js';
import { pieces, server, t, texts } from '../i18n.js';
import { reasonWords } from '../views/words.js';
import { hexPane } from './hex.js';

/** Events without a title of their own; their fields keep the names of the protocol. @type {Record<string, string>} */
const EVENT_NAMES = texts({
  socket_opened: 'socket opened', address_assigned: 'address assigned', conn_accepted: 'conn accepted', peer_found: 'peer found',
  process_found: 'process found', metrics_sampled: 'metrics sampled', options_read: 'options read', behavior_changed: 'behavior changed',
  read_mode_changed: 'read mode changed', deadline_set: 'deadline set', descriptor_closed: 'descriptor closed',
  transfer_started: 'transfer started', transfer_finished: 'transfer finished', digest_computed: 'digest computed',
  socket_removed: 'socket removed', port_watched: 'port watched', lab_opened: 'lab opened', lab_closed: 'lab closed',
  quick_ack_set: 'quick ack set', kernel_settings_read: 'kernel settings read', wire_changed: 'wire changed', segment_sent: 'segment sent',
  segment_landed: 'segment landed', wire_intervened: 'wire intervened', segments_summarised: 'segments summarised',
  events_lost: 'events lost', notice: 'notice', demo_started: 'demo started', demo_step_started: 'demo step started',
  demo_asked: 'demo asked', demo_predicted: 'demo predicted', demo_check_decided: 'demo check decided', demo_paused: 'demo paused', demo_reading: 'demo reading',
  demo_resumed: 'demo resumed', demo_finished: 'demo finished',
});

/**
 * What stands in the head of the inspector.
 * @param {PlaygroundEvent} event
 * @returns {{kind: string, title: string, about: string}}
 */
export function eventTitle(event) {
  const kind = t('Event {n}', { n: count(event.seq) });
  switch (event.type) {
    case 'call_started': return { kind, title: `${event.op}(${event.args ?? ''})`, about: t('began') };
    case 'call_returned': return { kind, title: `${event.op}(${event.args ?? ''}) → ${event.result}`, about: took(event) };
    case 'calls_summarised': return { kind, title: `${count(event.calls)} × ${event.op}`, about: bytes(event.bytes) };
    case 'state_changed': return { kind, title: `${event.from} → ${event.to}`, about: '' };
    default: return { kind, title: t(EVENT_NAMES[event.type] ?? event.type.replaceAll('_', ' ')), about: '' };
  }
}

/** @type {Record<import('../types.js').CallActor, string>} */
const ACTORS = texts({ user: 'you', demo: 'the demo', behavior: 'the listener’s behaviour' });

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
  const rows = [field(t('Call'), `${event.op}${event.type === 'calls_summarised' ? '' : `(${event.args ?? ''})`}`)];
  if (event.socket) rows.push(field(t('Socket'), socketLink(desk, event.socket)));
  let total = 0;
  switch (event.type) {
    case 'call_started':
      total = event.bytes ?? 0;
      rows.push(field(t('Began'), clock(event.at_ns, desk.store.startedAt)));
      break;
    case 'call_returned':
      total = event.n ?? 0;
      if (event.op === 'Write' && event.bytes !== undefined) total = Math.max(total, event.bytes);
      rows.push(field(t('Result'), event.result), field(t('Took'), took(event)));
      rows.push(field(t('Returned'), clock(event.returned_ns ?? event.at_ns, desk.store.startedAt)));
      if (event.n !== undefined) rows.push(field(t('Bytes'), count(event.n)));
      break;
    case 'calls_summarised':
      total = event.bytes;
      rows.push(field(t('Calls'), count(event.calls)), field(t('Bytes'), `${bytes(event.bytes)} (${count(event.bytes)})`), field(t('Within'), duration(event.last_ns - event.first_ns)));
      break;
  }
  if (event.by) rows.push(field(t('By'), t(ACTORS[event.by])));
  if (event.type === 'call_returned' && event.error) rows.push(errorRow(desk, event.error));
  /** @type {HTMLElement[]} */
  const panes = [el('dl', { class: 'facts' }, rows)];
  if (event.data) panes.push(hexPane(desk, { seq: event.seq, data: event.data, total, of: t('event {n}', { n: event.seq }) }));
  return panes;
}

/** @param {CallReturned} event */
function took(event) {
  return duration((event.returned_ns ?? event.at_ns) - event.started_ns);
}

/** @param {Desk} desk @param {CallError} error */
function errorRow(desk, error) {
  // A stream that ends, and a call that one's own Close ends, are no errors, though Go returns them as such.
  const fault = explain.isFault(error);
  return el('div', { class: fault ? 'fact-wide card-error' : 'fact-wide card-error card-ended', dataset: { phase: fault ? 'error' : null } },
    el('dt', { class: 'sr-only' }, fault ? t('Error') : t('Ended')), el('dd', null,
    el('code', null, error.text), error.errno ? el('span', { class: 'errno' }, error.errno) : '', error.why ? el('p', null, server(error.why)) : '',
    error.holder ? el('p', null, pieces('Held by {socket}', { socket: socketLink(desk, error.holder) })) : ''));
}

/** @param {Desk} desk @param {StateChanged} event */
function statePane(desk, event) {
  const before = previousState(desk, event);
  return el('dl', { class: 'facts' },
    field(t('Socket'), socketLink(desk, event.socket)),
    el('div', { class: 'fact-wide' }, el('dt', null, t('State')), el('dd', { class: 'transition' }, chip(event.from), '→', chip(event.to, { reason: event.reason }))),
    field(t('At'), clock(event.at_ns, desk.store.startedAt)),
    before ? field(t('In {from} for', { from: event.from }), duration(event.at_ns - before.at_ns)) : null,
    field(t('Known from'), sourceTag(event.source)),
    event.cause !== undefined ? field(t('Cause'), causeLink(desk, event.cause)) : null,
    event.reason ? field(t('Reason'), reasonWords(event.reason)) : null,
    el('div', { class: 'fact-wide' }, el('dt', { class: 'sr-only' }, t('Meaning')), el('dd', { class: 'fact-text' }, explain.state(event.to, event.reason))));
}

/** Whatever has no pane of its own: its fields, as they are. @param {Desk} desk @param {PlaygroundEvent} event */
function plainPane(desk, event) {
  const rows = [];
  for (const [name, value] of Object.entries(event)) {
    if (name === 'seq' || name === 'type') continue;
    if (name === 'at_ns') rows.push(field(t('At'), clock(event.at_ns, desk.store.startedAt)));
    else if (name === 'socket' || name === 'peer' || name === 'listener') rows.push(field(label(name), socketLink(desk, String(value))));
    else if (name === 'source') rows.push(field(t('Known from'), sourceTag(event.source)));
    else if (typeof value === 'object' && value !== null) {
      for (const [k, v] of Object.entries(value)) if (typeof v !== 'object') rows.push(field(k, String(v)));
    } else rows.push(field(label(name), server(String(value))));
  }
  return el('dl', { class: 'facts' }, rows);
}

/** What most fields are called; the rest keep the protocol's name. @type {Record<string, string>} */
const FIELD_NAMES = texts({
  socket: 'Socket', kind: 'Kind', host: 'Host', network: 'Network', family: 'Family', local: 'Local', remote: 'Remote',
  listener: 'Listener', peer: 'Peer', accepted: 'Accepted', behavior: 'Behavior', backlog: 'Backlog', read_mode: 'Read mode',
  cookie: 'Cookie', device: 'Device', call: 'Call', transfer: 'Transfer', encoding: 'Encoding', bytes: 'Bytes', chunk: 'Chunk',
  direction: 'Direction', port: 'Port', level: 'Level', code: 'Code', message: 'Message', reason: 'Reason', count: 'Count', what: 'What',
  segment: 'Segment', step: 'Step', verdict: 'Verdict', backend: 'Backend',
});

/** @param {string} name */
function label(name) {
  const words = name.replaceAll('_', ' ');
  return t(FIELD_NAMES[name] ?? words[0].toUpperCase() + words.slice(1));
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
  return el('span', { class: 'source', dataset: { source: source ?? '' }, title: source ? t(explain.SOURCES[source]) : t('The playground’s own doing') }, source ? explain.sourceName(source) : t('own'));
}

/** The call that caused it, if it is still in the log. @param {Desk} desk @param {number} call */
function causeLink(desk, call) {
  const found = desk.store.events.findLast((e) => (e.type === 'call_returned' || e.type === 'call_started') && e.call === call);
  if (!found || (found.type !== 'call_returned' && found.type !== 'call_started')) return t('call {call}', { call });
  return el('button', { class: 'link', type: 'button', onclick: () => desk.store.select({ kind: 'event', seq: found.seq }) }, `${found.op}(${found.args ?? ''})`);
}

/** @param {Desk} desk @param {StateChanged} event */
function previousState(desk, event) {
  return desk.traces.get(event.socket)?.states.findLast((e) => e.seq < event.seq);
}
