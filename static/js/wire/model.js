// The wire's settings in a person's words: its fields, presets and rules. Pure.

/** @import {Impairment, Lab, Wire, WireRule} from '../types.js' */

import { count } from '../format.js';
import { language, t, texts } from '../i18n.js';

/** @typedef {'to_server'|'to_client'} Direction */

/** The two directions, as the columns stand. */
export const DIRECTIONS = texts(/** @type {const} */ ([
  { name: 'to_server', head: 'client → server', spoken: 'client to server', arrow: '→' },
  { name: 'to_client', head: 'client ← server', spoken: 'server to client', arrow: '←' },
]));

/**
 * `off` is what a wire has that does nothing. `scale` is how many of the protocol's units are one of the unit shown.
 * @typedef {{name: keyof Impairment, label: string, unit: string, off: number, scale?: number, none?: string, title: string}} Field
 */

/** @type {Field[]} */
export const FIELDS = texts([
  { name: 'delay_ms', label: 'Delay', unit: 'ms', off: 0, title: 'How long each packet is on its way' },
  { name: 'jitter_ms', label: 'Jitter', unit: 'ms', off: 0, title: 'Up to this much more, chosen anew for each packet; they still arrive in order' },
  { name: 'loss_pct', label: 'Loss', unit: '%', off: 0, title: 'How many packets are lost, by chance' },
  { name: 'duplicate_pct', label: 'Duplicate', unit: '%', off: 0, title: 'How many packets arrive twice' },
  { name: 'reorder_pct', label: 'Reorder', unit: '%', off: 0, title: 'How many packets overtake those before them; it takes a delay to overtake in' },
  { name: 'corrupt_pct', label: 'Corrupt', unit: '%', off: 0, title: 'How many packets arrive with one bit flipped; the checksum finds it' },
  { name: 'rate_kbps', label: 'Rate', unit: 'Mbit/s', off: 0, scale: 1000, none: '∞', title: 'How fast packets leave, empty for no limit; those that wait stand in the queue' },
  { name: 'queue', label: 'Queue', unit: 'pkts', off: 1000, title: 'How many packets may wait for the rate; the next one is dropped' },
  { name: 'mtu', label: 'MTU', unit: 'bytes', off: 1500, title: 'The largest packet; a larger one is dropped, and its sender told so' },
]);

/** The segments that are held on a Lab's wire, the one held longest first. @param {Lab | null | undefined} lab */
export function heldOn(lab) {
  return [...lab?.flying.values() ?? []].filter(({ held }) => held)
    .sort((a, b) => (a.held?.at_ns ?? 0) - (b.held?.at_ns ?? 0) || a.segment - b.segment);
}

/** A wire that does nothing. @returns {Wire} */
export function noWire() {
  const off = /** @type {Impairment} */ (Object.fromEntries(FIELDS.map((f) => [f.name, f.off])));
  return { to_server: off, to_client: { ...off }, step: false, cut: false, preset: 'off', seed: 1, rules: [] };
}

/** What a person may choose; Own is what the wire calls itself once a field was touched. */
export const PRESETS = texts(/** @type {const} */ ([
  ['lan', 'LAN', 'A network in one building'],
  ['4g', '4G', 'A mobile phone'],
  ['satellite', 'Satellite', 'By way of a satellite'],
  ['slow_motion', 'Slow motion', 'So slow that one can watch; the kernels’ timers stay as they are'],
  ['own', 'Own', 'Change any field, and the wire is your own'],
]));

/** @param {Field} field @param {number|undefined} value */
export function isSet(field, value) {
  return (value ?? field.off) !== field.off;
}

/** The value as it stands in its field. @param {Field} field @param {number|undefined} value */
export function shown(field, value) {
  const n = value ?? field.off;
  if (n === 0 && field.none) return '';
  return String(n / (field.scale ?? 1));
}

/** What was typed, in the protocol's unit; null where it is no number. Empty is off. @param {Field} field @param {string} text */
export function parseField(field, text) {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return field.off;
  if (!/^\d*\.?\d+$|^\d+\.$/.test(typed) || /^0\d/.test(typed)) return null;
  // 0.3 Mbit/s are 300 kbit/s, and not 299.99999999999994.
  return Math.round(Number(typed) * (field.scale ?? 1) * 1e6) / 1e6;
}

/** What a rule may do. */
export const ACTIONS = texts(/** @type {const} */ ([['drop', 'Drop'], ['hold', 'Hold'], ['delay', 'Delay'], ['duplicate', 'Duplicate'], ['corrupt', 'Corrupt']]));

/** Which segments a rule may be about: the protocol's word, the choice, and the noun in a sentence. */
export const FLAGS = texts(/** @type {const} */ ([
  ['', 'any segment', 'segment'],
  ['SYN', 'SYN', 'SYN'],
  ['SYN,ACK', 'SYN, ACK', 'SYN, ACK'],
  ['ACK', 'ACK', 'ACK'],
  ['DATA', 'data', 'segment with data'],
  ['FIN', 'FIN', 'FIN'],
  ['RST', 'RST', 'RST'],
  ['PSH', 'PSH', 'PSH'],
  ['URG', 'URG', 'URG'],
  ['ECE', 'ECE', 'ECE'],
  ['CWR', 'CWR', 'CWR'],
  ['AE', 'AE', 'AE'],
]));

/**
 * The sentence of a rule, in pieces: `code` ones are set in the type of code.
 * @param {Partial<WireRule>} rule
 * @returns {{text: string, code?: boolean}[]}
 */
export function sentence(rule) {
  const action = t(ACTIONS.find(([id]) => id === rule.action)?.[1] ?? String(rule.action));
  const known = FLAGS.find(([id]) => id === (rule.flags ?? ''));
  const isWord = rule.flags === '' || rule.flags === undefined || rule.flags === 'DATA';
  const one = known?.[2] ?? (rule.flags ?? '').replaceAll(',', ', ');
  const many = isWord && !rule.every && (rule.next ?? 0) > 1;
  const pieces = [{ text: t('{action} {often} ', { action, often: howOften(rule) }) }, { text: many ? manyWords(rule) : t(one), code: !isWord }, { text: rest(rule) }];
  if (rule.direction === 'to_server' || rule.direction === 'to_client') {
    pieces.push({ text: ', ' }, { text: rule.direction === 'to_server' ? '→' : '←', code: true });
  } else pieces.push({ text: t(', both ways') });
  return pieces.filter((p) => p.text !== '');
}

/** The same as one string, with words for the arrows. @param {Partial<WireRule>} rule */
export function spoken(rule) {
  const words = /** @type {Record<string, string>} */ ({ '→': t('client to server'), '←': t('server to client') });
  return sentence(rule).map((p) => words[p.text] ?? p.text).join('');
}

/** @param {Partial<WireRule>} rule */
function howOften({ next = 0, every = 0 }) {
  if (every > 1) return t('every {nth}', { nth: ordinal(every) });
  if (next === 0) return t('every');
  return next === 1 ? t('the next') : t('the next {n}', { n: count(next) });
}

/** @param {Partial<WireRule>} rule */
function rest(rule) {
  let out = '';
  if (rule.retransmission === true) out += t(' sent again');
  if (rule.retransmission === false) out += t(' sent for the first time');
  if (rule.min_len !== undefined && rule.max_len !== undefined) out += t(' of {from} to {to}', { from: rule.min_len, to: bytes(rule.max_len) });
  else if (rule.min_len !== undefined) out += t(' of {size} or more', { size: bytes(rule.min_len) });
  else if (rule.max_len !== undefined) out += t(' of {size} or less', { size: bytes(rule.max_len) });
  if (rule.text) out += t(' with “{text}”', { text: rule.text });
  if (rule.socket) out += t(' of {socket}', { socket: rule.socket });
  if (rule.every && rule.next) out += rule.next === 1 ? t(', once') : t(', {n} times', { n: count(rule.next) });
  if (rule.action === 'delay') out += t(' by {ms} ms', { ms: rule.delay_ms ?? 0 });
  return out;
}

/** @param {number} n */
function bytes(n) {
  return n === 1 ? t('1 byte') : t('{n} bytes', { n: count(n) });
}

/** The plural of the segments that a rule is about. @param {Partial<WireRule>} rule */
function manyWords({ flags }) {
  return flags === 'DATA' ? t('segments with data') : t('segments');
}

/** "3rd"; Chinese has no such endings. @param {number} n */
export function ordinal(n) {
  if (language() === 'zh') return count(n);
  const tens = n % 100;
  const suffix = tens > 10 && tens < 14 ? 'th' : { 1: 'st', 2: 'nd', 3: 'rd' }[n % 10] ?? 'th';
  return `${count(n)}${suffix}`;
}

/**
 * "0 hits"; "1 of 1, done".
 * @param {WireRule} rule
 */
export function hits({ hits = 0, next = 0, on }) {
  if (next === 0) return hits === 1 ? t('1 hit') : t('{n} hits', { n: count(hits) });
  return t('{n} of {all}', { n: count(Math.min(hits, next)), all: count(next) }) + (isSpent({ hits, next, on }) ? t(', done') : '');
}

/** A rule for a number of segments switched itself off. @param {{hits?: number, next?: number, on?: boolean}} rule */
export function isSpent({ hits = 0, next = 0, on = false }) {
  return next > 0 && hits >= next && !on;
}

/** The rules worth a try, by one press. @type {{label: string, rule: Partial<WireRule>}[]} */
export const TRIES = texts([
  { label: 'drop the next ACK', rule: { action: 'drop', next: 1, flags: 'ACK', direction: 'both' } },
  { label: 'hold every SYN, ACK', rule: { action: 'hold', flags: 'SYN,ACK', direction: 'both' } },
  { label: 'drop the next FIN', rule: { action: 'drop', next: 1, flags: 'FIN', direction: 'both' } },
  { label: 'hold data ←', rule: { action: 'hold', flags: 'DATA', direction: 'to_client' } },
  { label: 'drop the next SYN, ACK', rule: { action: 'drop', next: 1, flags: 'SYN,ACK', direction: 'both' } },
]);
