// The pieces of the ladder as elements: a row, a band, a waiting call.

/** @import {Pair, PlaygroundEvent, Socket, StateChanged} from '../types.js' */
/** @import {Band, Row, Wait} from './ladder-model.js' */

import { el } from '../dom.js';
import { duration, phaseOf } from '../format.js';
import { BRIEF, callWords, eventWords, reasonWords, summaryWords } from './words.js';

/**
 * Relative to the start of Dial: milliseconds with three decimals, seconds before it.
 * @param {number} at
 * @param {number} origin
 * @returns {[number: string, unit: string]}
 */
export function ladderTime(at, origin) {
  const ns = at - origin;
  if (ns < -1e6) return [`−${(-ns / 1e9).toFixed(ns < -100e6 ? 1 : 3)}`, ' s'];
  const ms = (Math.abs(ns) / 1e6).toFixed(3);
  return [ns === 0 ? ms : `${ns < 0 ? '−' : '+'}${ms}`, ' ms'];
}

/** How a state is known, for tooltips and readers. @param {string | undefined} source */
function knownBy(source) {
  if (source === 'sock_diag') return 'seen by sock_diag';
  return source === 'call' ? 'known from a call' : 'inferred';
}

/**
 * @param {Row} row
 * @param {number} origin
 * @param {Pair} pair
 */
export function rowItem(row, origin, pair) {
  const seq = row.call?.seq ?? row.seqs[0] ?? 0;
  if (row.kind === 'gap') {
    return el('li', { class: 'event gap' }, el('span', null, `${duration(row.silence)} pass`));
  }
  const [time, unit] = ladderTime(row.at, origin);
  const text = row.call || row.note ? eventWords(/** @type {PlaygroundEvent} */ (row.call ?? row.note)) : '';
  return el('li', { class: 'event', 'data-seq': seq, 'data-events': row.seqs.length },
    el('button', { class: 'event-mark', type: 'button', tabindex: '-1', 'aria-label': rowSentence(row, `${time}${unit}`, text, pair) }),
    el('span', { class: 'event-time', 'aria-hidden': 'true' }, time, el('span', null, unit)),
    row.call && callItem(row, row.call, text),
    row.note && noteItem(row, row.note, text));
}

/** @param {Row} row @param {NonNullable<Row['call']>} call @param {string} text all of it in words */
function callItem(row, call, text) {
  const { op, args, result, failed } = callWords(call, BRIEF);
  return el('code', { class: 'call', 'aria-hidden': 'true', 'data-side': row.side, 'data-phase': failed ? 'error' : null, title: text },
    !row.answer && [el('b', null, op), `(${args})`],
    (result || row.answer) && el('span', { class: 'call-result' }, row.answer ? `→\u00a0${result || 'nil'}` : ` →\u00a0${result}`));
}

/** @param {Row} row @param {NonNullable<Row['note']>} note @param {string} text */
function noteItem(row, note, text) {
  if (note.type === 'calls_summarised') {
    return el('code', { class: 'call', 'data-summary': '', 'aria-hidden': 'true', 'data-side': row.side, title: text }, summaryWords(note));
  }
  if (row.side === null) return el('p', { class: 'ladder-note', 'aria-hidden': 'true', 'data-level': note.type === 'notice' ? note.level : 'warning' }, text);
  return el('span', { class: 'call call-note', 'aria-hidden': 'true', 'data-side': row.side }, text);
}

/** What a reader says for a row. @param {Row} row @param {string} time @param {string} text @param {Pair} pair */
function rowSentence(row, time, text, pair) {
  const who = row.call?.socket ?? row.note?.socket ?? (row.side === 'client' ? pair.left : pair.right) ?? '';
  return [time, ...(text ? [`${who}: ${text}`] : []), ...row.states.map(stateSentence)].join('. ');
}

/** @param {StateChanged} state */
function stateSentence(state) {
  return `${state.socket}: ${state.from} to ${state.to}${state.reason ? `, ${reasonWords(state.reason)}` : ''}, ${knownBy(state.source)}`;
}

/** @param {Band} band */
export function bandItem(band) {
  const phase = phaseOf(band.state, band.event?.reason);
  // The second line: why it ended badly, or, in TIME_WAIT, how long it still takes.
  const small = phase === 'error' ? reasonWords(band.event?.reason ?? '') : '';
  return el('span', {
    class: 'band', 'data-side': band.side, 'data-phase': phase,
    'data-inferred': band.source === 'inferred', 'data-seq': band.event?.seq,
  }, el('span', null, band.state), (small || band.state === 'TIME_WAIT') && el('small', null, small));
}

/** @param {Band} band @param {number} [until] */
export function bandTimes(band, until) {
  const known = `${band.state}, ${knownBy(band.source)}`;
  if (!band.event || until === undefined) return known;
  return `${known}, for ${duration(until - band.event.at_ns)}`;
}

/** @param {Wait} wait */
export function waitItem(wait) {
  const item = el('span', { class: 'blocked', 'data-side': wait.side, 'data-seq': wait.call.seq, title: `${wait.call.op} has not returned` });
  item.style.setProperty('--lane', String(wait.lane));
  return item;
}

/** What is left of TIME_WAIT: what the kernel's timer said, less the time since. @param {Socket | undefined} socket @param {number} now */
export function timeWaitLeft(socket, now) {
  const timer = socket?.metrics?.timer;
  if (timer?.kind !== 'time_wait' || socket?.metrics_at_ns === undefined) return '';
  return `${Math.ceil(Math.max(0, timer.expires_ms / 1000 - (now - socket.metrics_at_ns) / 1e9))} s`;
}
