// The way that each end of a connection took through the states, and how long it stayed.

/** @import {PlaygroundEvent, Socket, Source, StateChanged, TcpState} from '../types.js' */
/** @import {SegmentIndex} from '../segments.js' */

import { columns } from '../format.js';
import { stateTime } from '../segments.js';

/**
 * @typedef {object} Step
 * @property {number} no     1, 2, 3 … as drawn on the edge
 * @property {TcpState} from
 * @property {TcpState} to
 * @property {StateChanged} event
 */

/**
 * @typedef {object} Stay
 * @property {TcpState} state
 * @property {number} from          session clock, ns
 * @property {number | null} until  null: still there
 * @property {Source} source
 * @property {StateChanged | null} event  null: it was so before the first event known here
 */

/** One end's way. */
export class Trail {
  /** @type {Step[]} */
  steps = [];
  /** @type {Stay[]} */
  stays = [];

  /**
   * @param {string} socket
   * @param {string | null} [listener]  where the trail of an accepted connection starts
   * @param {SegmentIndex} [segments]   when the segments left and landed that changed its state
   */
  constructor(socket, listener = null, segments = undefined) {
    this.socket = socket;
    this.listener = listener;
    this.segments = segments;
  }

  /** The state that this end is in. @returns {Stay | undefined} */
  get now() {
    return this.stays.at(-1);
  }

  /** @param {PlaygroundEvent} event @returns {boolean} whether it is a step of this end */
  add(event) {
    if (event.type !== 'state_changed' || event.socket !== this.socket) return false;
    const before = this.stays.at(-1);
    // A connection that a listener made never was CLOSED: its trail leaves LISTEN, where the listener stays.
    const from = this.listener && this.steps.length === 0 && event.from === 'CLOSED' ? 'LISTEN' : event.from;
    const at = Math.max(stateTime(event, this.segments), before?.from ?? 0);
    if (before) before.until = at;
    this.steps.push({ no: this.steps.length + 1, from, to: event.to, event });
    this.stays.push({ state: event.to, from: at, until: null, source: event.source ?? 'inferred', event });
    return true;
  }
}

/** How long, all stays added. @param {Stay[]} stays @param {number} now */
export function timeIn(stays, now) {
  return stays.reduce((sum, stay) => sum + Math.max(0, (stay.until ?? now) - stay.from), 0);
}

/**
 * @param {string | null} socket
 * @param {Map<string, Socket>} sockets
 * @param {PlaygroundEvent[]} events
 * @param {SegmentIndex} [segments]
 * @returns {Trail | null}
 */
export function buildTrail(socket, sockets, events, segments) {
  if (socket === null) return null;
  const known = sockets.get(socket);
  const trail = new Trail(socket, known?.listener ?? null, segments);
  for (const event of events) trail.add(event);
  if (trail.steps.length === 0 && known && known.state !== 'CLOSED') {
    trail.stays.push({ state: known.state, from: known.state_since_ns ?? 0, until: null, source: known.state_source ?? 'inferred', event: null });
  }
  return trail;
}

/** Quiet time of a second and more is cut out of the strip. */
export const QUIET_NS = 1e9;
/** What a window shows before its first change and after its last, px: a cut needs little before it and room for the longest name behind it. */
const LEAD_PX = 64;
const NAME_PX = 96;
const BEFORE_CUT_PX = 40;
/** How much of the strip all that may take; the rest is to scale. */
const PADS_SHARE = 0.6;
/** The width of a cut. */
const CUT_PX = 8;

/**
 * @typedef {object} Strip
 * @property {{from: number, to: number, left: number, right: number}[]} windows  times and pixels
 * @property {{ns: number, at: number}[]} cuts  how much was cut, and where
 * @property {number} scale   pixels a nanosecond; one for all windows
 * @property {(ns: number) => number} x
 */

/**
 * Lays time out: to scale where states change within a second of each other, the quiet rest cut out.
 * @param {number[]} times  of all changes, any order
 * @param {number} now
 * @param {number} width  pixels
 * @returns {Strip}
 */
export function layoutStrip(times, now, width) {
  const sorted = [...times].sort((a, b) => a - b);
  /** @type {{from: number, to: number}[]} */
  const spans = [];
  for (const time of sorted) {
    const last = spans.at(-1);
    if (last && time - last.to < QUIET_NS) last.to = time;
    else spans.push({ from: time, to: time });
  }
  const tail = spans.length > 0 ? now - spans[spans.length - 1].to : 0;
  const tailCut = tail >= QUIET_NS;
  const cutCount = Math.max(0, spans.length - 1) + (tailCut ? 1 : 0);
  const total = spans.reduce((sum, span) => sum + span.to - span.from, 0);
  const pads = spans.map((_, index) => ({ before: index === 0 ? LEAD_PX : NAME_PX, after: index < spans.length - 1 ? BEFORE_CUT_PX : NAME_PX }));
  const wanted = pads.reduce((sum, pad) => sum + pad.before + pad.after, tailCut ? BEFORE_CUT_PX : 0);
  const shrink = Math.min(1, (width * PADS_SHARE) / wanted);
  const fixed = wanted * shrink + cutCount * CUT_PX;
  const scale = total > 0 ? Math.max(0, width - fixed) / total : 0;
  /** @type {Strip['windows']} */
  const windows = [];
  /** @type {Strip['cuts']} */
  const cuts = [];
  let x = 0;
  for (const [index, span] of spans.entries()) {
    if (index > 0) {
      cuts.push({ ns: span.from - spans[index - 1].to, at: x + CUT_PX / 2 });
      x += CUT_PX;
    }
    const left = x + pads[index].before * shrink;
    const right = left + (span.to - span.from) * scale;
    windows.push({ ...span, left, right });
    x = right + pads[index].after * shrink;
  }
  if (tailCut) cuts.push({ ns: tail, at: x + CUT_PX / 2 });
  return {
    windows,
    cuts,
    scale,
    x(ns) {
      const after = windows.findIndex((window) => ns <= window.to);
      if (after < 0) return width;
      const window = windows[after];
      return ns >= window.from ? window.left + (ns - window.from) * scale : cuts[after - 1]?.at ?? 0;
    },
  };
}

/** Room that a character of the strip's type needs, px. */
export const CHAR_PX = 7.3;
/** Room between two labels of the axis, px. */
const BETWEEN_PX = 6;

/**
 * @typedef {object} AxisLabel
 * @property {number} x
 * @property {'start' | 'end' | null} edge  which edge of the text stands at x; null: its middle
 * @property {string} text
 * @property {number | null} cut  index of the cut that it names
 */

/**
 * Labels that would run into each other, or out of the strip, are left out; cuts come first.
 * @param {Strip} strip
 * @param {number} width  pixels
 * @param {{cut: (ns: number) => string, time: (ns: number) => string}} words  how long a cut is, and when something was
 * @returns {AxisLabel[]}
 */
export function labelAxis({ windows, cuts }, width, words) {
  /** @type {AxisLabel[]} */
  const labels = [];
  /** @type {[number, number][]} */
  const taken = [];
  const place = (/** @type {number} */ x, /** @type {AxisLabel['edge']} */ edge, /** @type {string} */ text, /** @type {number | null} */ cut = null) => {
    const room = columns(text) * CHAR_PX + BETWEEN_PX;
    const left = edge === 'start' ? x : edge === 'end' ? x - room : x - room / 2;
    if (left < 0 || left + room > width || taken.some(([from, to]) => left < to && left + room > from)) return false;
    taken.push([left, left + room]);
    labels.push({ x, edge, text, cut });
    return true;
  };
  for (const [index, { at, ns }] of cuts.entries()) {
    const text = words.cut(ns);
    if (!place(at, null, text, index)) place(width, 'end', text, index);
  }
  for (const { from, to, left, right } of windows) {
    const start = words.time(from);
    if (!place(left, 'start', start) && !place(left, 'end', start)) continue;
    if (to > from) place(right, 'end', words.time(to));
  }
  return labels;
}

/** A round length of time that is between a twentieth and an eighth of the strip. @param {number} scale @param {number} width */
export function scaleMark(scale, width) {
  if (scale === 0) return null;
  const longest = width / 8 / scale;
  const power = 10 ** Math.floor(Math.log10(longest));
  const ns = [5, 2, 1].map((step) => step * power).find((length) => length <= longest) ?? power;
  return { ns, px: ns * scale };
}
