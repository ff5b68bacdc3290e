// The pieces of the ladder as elements: a row, a band, a waiting call. Arrows are in ladder-arrow.js.

/** @import {Pair, PlaygroundEvent, SegmentRecord, Socket, StateChanged} from '../types.js' */
/** @import {KeepAlives} from './ladder-fold.js' */
/** @import {Band, Row, RowCall, Wait} from './ladder-layout.js' */
/** @import {Side} from './ladder-model.js' */

import { el } from '../dom.js';
import { count, duration, phaseOf } from '../format.js';
import { t } from '../i18n.js';
import { isFlying } from '../segments.js';
import { isPassedThrough } from './ladder-passed.js';
import { actorWords, segmentLabel, segmentName, segmentPhase, treatmentWords } from './segment-words.js';
import { BRIEF, callWords, eventWords, reasonWords, summaryWords } from './words.js';

/** What a row is drawn with, beside itself. @typedef {{origin: number, pair: Pair, number: string, digits: number}} Look `number`: a segment's, with primes for a copy; `digits`: of the longest number, which leaves the less room for times */

/**
 * Relative to the first segment or the start of Dial: milliseconds with three decimals, seconds before it, and from 10 s on
 * with six: a FIN and its ACK are microseconds apart, however long a session is. Beside long numbers there is room for fewer.
 * @param {number} at
 * @param {number} origin
 * @param {number} [digits] of the longest number
 * @returns {[number: string, unit: string]}
 */
export function ladderTime(at, origin, digits = 2) {
  const ns = at - origin;
  if (ns < -1e6) return [`−${(-ns / 1e9).toFixed(ns < -100e6 ? 1 : 3)}`, ' s'];
  if (ns >= 10e9) return [`+${(ns / 1e9).toFixed(Math.max(3, 10 - String(Math.floor(ns / 1e9)).length - Math.max(2, digits)))}`, ' s'];
  const ms = (Math.abs(ns) / 1e6).toFixed(3);
  return [ns === 0 ? ms : `${ns < 0 ? '−' : '+'}${ms}`, ' ms'];
}

/** The decimals of seconds that a narrow gutter has room for, and the others: the unit is what must stay in sight. @param {string} number */
export function narrowTime(number) {
  const room = Math.min(number.indexOf('.') + 4, 8);
  return [number.slice(0, room), number.slice(room)];
}

/** How a state is known, for tooltips and readers. @param {string | undefined} source */
function knownBy(source) {
  switch (source) {
    case 'sock_diag': return t('seen by sock_diag');
    case 'call': return t('known from a call');
    case 'segment': return t('seen on the wire');
    default: return t('inferred');
  }
}

/** What of a row can change while it stands: where it is the same, its element stays. @param {Row} row @param {Look} look */
export function rowSignature(row, { origin, number, digits }) {
  const { segment } = row;
  return [
    row.at - origin, row.silence, number, digits, row.seqs.length, row.states.length,
    segment && `${segment.interventions.length} ${segment.landed_ns} ${segment.held !== null} ${segment.ended}`,
    row.fold && `${row.fold.members.length} ${row.fold.open}`,
    ...row.calls.map(({ info, part }) => `${info.call}${part}${info.end?.seq}`),
  ].join('|');
}

/** @param {Row} row @param {Look} look */
export function rowItem(row, look) {
  if (row.kind === 'gap') return el('li', { class: 'event gap' }, el('span', null, row.silence < 1.05e9 ? t('{time} passes', { time: duration(row.silence) }) : t('{time} pass', { time: duration(row.silence) })));
  const { segment } = row;
  const time = isUnseen(row) ? [t('not seen'), ''] : ladderTime(row.at, look.origin, look.digits);
  const clients = row.calls.filter(({ info }) => info.side === 'client');
  const servers = row.calls.filter(({ info }) => info.side === 'server');
  return el('li', {
    class: 'event', 'data-kind': row.kind, 'data-seq': row.seq || null, 'data-segment': segment?.number,
    style: { '--lines': row.lines, '--calls': leaving(clients) + leaving(servers), '--arrivals': Math.max(clients.length - leaving(clients), servers.length - leaving(servers)) },
  },
  el('button', { class: 'event-mark', type: 'button', tabindex: '-1', 'aria-label': rowSentence(row, time.join(''), look) }),
  row.kind === 'segment' && el('span', { class: 'event-no', 'aria-hidden': 'true' }, look.number),
  el('span', { class: 'event-time', 'aria-hidden': 'true' }, ...timeParts(time)),
  row.kind === 'segment' && segment && labelItem(segment),
  callsItem('client', clients, 0),
  callsItem('server', servers, leaving(clients)),
  row.note && noteItem(row, row.note),
  row.fold && foldItem(row.fold, look.pair));
}

/** @param {string[]} time */
function timeParts([number, unit]) {
  const [near, fine] = unit === ' s' ? narrowTime(number) : [number, ''];
  return [near, fine && el('span', { class: 'event-fine' }, fine), el('span', { 'data-unit': unit }, unit)];
}

/** Whether all that a row shows was passed through at a time that nobody knows. @param {Row} row */
function isUnseen({ kind, calls, note, states }) {
  return kind === 'event' && calls.length === 0 && note === null && states.length > 0 && states.every(isPassedThrough);
}

/** @param {SegmentRecord} segment */
function labelItem(segment) {
  const more = [segmentLabel(segment), treatmentWords(segment)].filter(Boolean).join(', ');
  return el('span', { class: 'seg-label', 'aria-hidden': 'true', 'data-phase': segmentPhase(segment.sent), title: `${segmentName(segment.sent)} ${more}` },
    el('span', null, el('b', null, segmentName(segment.sent)), ' ', ...roomFor(more)));
}

/** Where there is little room the payload says more than the sequence number before its length. @param {string} more */
function roomFor(more) {
  const [, seq, rest] = /^(seq=\d+ )(len=\d+ ".*)$/su.exec(more) ?? [];
  return seq ? [el('span', { class: 'seg-seq' }, seq), rest] : [more];
}

/** How many of a row's calls stand with what leaves, and not with what lands. @param {RowCall[]} calls */
function leaving(calls) {
  return calls.filter(({ arrival }) => !arrival).length;
}

/** The calls of one side on a row, below each other. @param {Side} side @param {RowCall[]} calls @param {number} above how many stand above them where there is only one column */
function callsItem(side, calls, above) {
  if (calls.length === 0) return null;
  return el('div', { class: 'calls', 'aria-hidden': 'true', 'data-side': side, style: { '--above': above } }, calls.map(callItem));
}

/** @param {RowCall} call */
function callItem({ info, part, arrival }) {
  const event = part === 'begin' ? info.begin ?? info.end : info.end ?? info.begin;
  if (!event) return null;
  const { op, args, result: words, failed, ended } = callWords(event, BRIEF);
  // That Listen gave a listener is no news on a rail that says LISTEN.
  const result = op === 'Listen' && !failed ? '' : words;
  return el('code', { class: 'call', 'data-phase': failed && part !== 'begin' ? 'error' : null, 'data-ended': ended || null, 'data-on': arrival ? 'arrival' : null, title: eventWords(event) },
    part !== 'answer' && [el('b', null, op), ...bracketed(args)],
    part !== 'begin' && (result || part === 'answer') && el('span', { class: 'call-result' }, part === 'answer' ? `→\u00a0${result || 'nil'}` : ` →\u00a0${result}`));
}

/** A line ends before the arguments rather than within them, and never before the last bracket alone. @param {string} args */
function bracketed(args) {
  const last = [...args].slice(-3).join('');
  return ['(', el('wbr'), args.slice(0, args.length - last.length), el('span', { class: 'call-last' }, `${last})`)];
}

/** @param {Row} row @param {PlaygroundEvent} note */
function noteItem(row, note) {
  const text = eventWords(note);
  if (note.type === 'calls_summarised') {
    return el('div', { class: 'calls', 'aria-hidden': 'true', 'data-side': row.side }, el('code', { class: 'call', 'data-summary': '', title: text }, summaryWords(note)));
  }
  if (note.type === 'segments_summarised') return el('p', { class: 'ladder-note ladder-summary', 'aria-hidden': 'true', title: text }, text);
  if (row.side === null) return el('p', { class: 'ladder-note', 'aria-hidden': 'true', 'data-level': note.type === 'notice' ? note.level : 'warning' }, text);
  return el('div', { class: 'calls', 'aria-hidden': 'true', 'data-side': row.side }, el('span', { class: 'call call-note' }, text));
}

/** @param {KeepAlives} fold @param {Pair} pair */
function foldItem(fold, pair) {
  const { members, open } = fold;
  const range = `${fold.first}–${members[members.length - 1].record.number}`;
  return el('div', { class: 'ladder-note ladder-summary', title: foldSentence(fold, pair) }, el('span', { 'aria-hidden': 'true' }, foldWords(fold)), ' ',
    el('button', { class: 'link', type: 'button', dataset: { fold: fold.first }, 'aria-label': open ? t('Hide segments {range}', { range }) : t('Show segments {range}', { range }) }, open ? t('Hide') : t('Show')));
}

/** @param {KeepAlives} fold */
function foldWords({ at, until, asked }) {
  const n = count(asked.client + asked.server);
  // Both ends ask at about the same time: how long that took is no news.
  return until - at < 1e9 ? t('{n} keep-alives, each answered', { n }) : t('{n} keep-alives in {time}, each answered', { n, time: duration(until - at) });
}

/** The same with who asked, and why. @param {KeepAlives} fold @param {Pair} pair */
function foldSentence(fold, pair) {
  const { client, server } = fold.asked;
  const who = [client > 0 && t('{n} from {name}', { n: count(client), name: pair.left ?? t('client') }), server > 0 && t('{n} from {name}', { n: count(server), name: pair.right ?? t('server') })];
  const why = t('When nothing has come for a while, the kernel asks whether the other end is still there.');
  return t('{what}: {who}. {why}', { what: foldWords(fold), who: who.filter(Boolean).join(', '), why });
}

/** What a reader says for a row. @param {Row} row @param {string} time @param {Look} look */
function rowSentence(row, time, { pair, number }) {
  const names = { client: pair.left ?? t('client'), server: pair.right ?? t('server') };
  const said = [time];
  if (row.segment && row.side) {
    const { client, server } = row.side === 'client' ? { client: names.client, server: names.server } : { client: names.server, server: names.client };
    if (row.kind === 'land') said.push(t('Segment {number} lands at {name}', { number: row.segment.number, name: names[row.side] }));
    else said.push(t('Segment {number}, {from} to {to}: {what}', { number, from: client, to: server, what: `${segmentName(row.segment.sent)} ${segmentLabel(row.segment)}` }), ...fate(row.segment));
  }
  for (const { info, part } of row.calls) {
    const event = part === 'begin' ? info.begin ?? info.end : info.end ?? info.begin;
    if (event) said.push(`${event.socket ?? names[info.side]}: ${eventWords(event)}`);
  }
  if (row.fold) said.push(foldSentence(row.fold, pair));
  if (row.note) said.push(row.note.socket ? `${row.note.socket}: ${eventWords(row.note)}` : eventWords(row.note));
  return [...said, ...row.states.map(stateSentence)].join('. ');
}

/** @param {SegmentRecord} segment @returns {string[]} */
function fate(segment) {
  if (segment.dropped) return segment.dropped.by === 'loss' ? [] : [t('dropped: {how}', { how: actorWords(segment.dropped) })];
  if (segment.held) return [t('held on the wire {how}', { how: actorWords(segment.held) })];
  return isFlying(segment) ? [t('on the wire')] : [];
}

/** @param {StateChanged} state */
function stateSentence(state) {
  return `${t('{socket}: {from} to {to}', { socket: state.socket, from: state.from, to: state.to })}${state.reason ? `, ${reasonWords(state.reason)}` : ''}, ${knownBy(state.source)}`;
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
  return t('{known}, for {time}', { known, time: duration(until - band.event.at_ns) });
}

/** @param {Wait} wait */
export function waitItem(wait) {
  return el('span', { class: 'blocked', 'data-side': wait.side, 'data-seq': wait.info.begin?.seq });
}

/** @param {Wait} wait */
export function waitTime({ info }) {
  return info.ended === null ? t('{op} has not returned', { op: info.op }) : t('{op} blocked for {time}', { op: info.op, time: duration(info.ended - info.started) });
}

/** Where a packet that waits has been for how long: "held 12.9 s". @param {SegmentRecord} segment @param {number} now */
export function heldTime({ held }, now) {
  const s = Math.max(0, now - (held?.at_ns ?? now)) / 1e9;
  return `${s < 10 ? s.toFixed(2) : s < 100 ? s.toFixed(1) : s.toFixed(0)} s`;
}

/** What is left of TIME_WAIT: what the kernel's timer said, less the time since. @param {Socket | undefined} socket @param {number} now */
export function timeWaitLeft(socket, now) {
  const timer = socket?.metrics?.timer;
  if (timer?.kind !== 'time_wait' || socket?.metrics_at_ns === undefined) return '';
  return `${Math.ceil(Math.max(0, timer.expires_ms / 1000 - (now - socket.metrics_at_ns) / 1e9))} s`;
}

