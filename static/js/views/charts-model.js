// The measurements of one socket as lines over time. Pure.

/** @import {Metrics, PlaygroundEvent} from '../types.js' */

/** What is drawn of a sample. @typedef {'rtt' | 'cwnd' | 'recvQ' | 'sendQ'} Series */
/** @typedef {{at: number, values: Partial<Record<Series, number>>}} Sample */

/** Samples kept: a minute of the ten a second that the server takes at most. */
const SAMPLES_KEPT = 600;

/** @param {Metrics} metrics @returns {Sample['values']} */
function valuesOf({ recv_q, send_q, info }) {
  return { rtt: info?.rtt_us, cwnd: info?.cwnd, recvQ: recv_q, sendQ: send_q };
}

export class Samples {
  /** @type {Sample[]} oldest first */
  list = [];

  /** @param {string} socket @param {PlaygroundEvent[]} events what is known so far */
  constructor(socket, events) {
    this.socket = socket;
    for (let index = events.length - 1; index >= 0 && this.list.length < SAMPLES_KEPT; index--) {
      const event = events[index];
      if (event.type === 'metrics_sampled' && event.socket === socket) this.list.push({ at: event.at_ns, values: valuesOf(event.metrics) });
    }
    this.list.reverse();
  }

  /** @param {PlaygroundEvent} event @returns {boolean} whether it is a sample of this socket */
  add(event) {
    if (event.type !== 'metrics_sampled' || event.socket !== this.socket) return false;
    this.list.push({ at: event.at_ns, values: valuesOf(event.metrics) });
    if (this.list.length > 2 * SAMPLES_KEPT) this.list.splice(0, this.list.length - SAMPLES_KEPT);
    return true;
  }

  /** The sample that held at a time. @param {number} at */
  at(at) {
    return this.list.findLast((sample) => sample.at <= at) ?? this.list[0];
  }

  /** @param {Series} series @returns {{at: number, value: number}[]} */
  line(series) {
    return this.list.flatMap(({ at, values }) => {
      const value = values[series];
      return value === undefined ? [] : [{ at, value }];
    });
  }
}

/** The end of an axis that holds a value: 1, 2 or 5 times a power of ten, or, for bytes, a power of two. @param {number} value @param {boolean} binary */
export function axisEnd(value, binary) {
  if (value <= 0) return 1;
  if (binary) return 2 ** Math.ceil(Math.log2(value));
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/**
 * A line of steps: a sample holds until the next, since none is taken while nothing changes.
 * @param {{at: number, value: number}[]} points
 * @param {{from: number, to: number, top: number, width: number, height: number}} frame
 */
export function stepPath(points, { from, to, top, width, height }) {
  const x = (/** @type {number} */ at) => ((at - from) / Math.max(1, to - from)) * width;
  const y = (/** @type {number} */ value) => height - (value / top) * height;
  const path = points.map(({ at, value }, index) => (index === 0 ? `M${x(at).toFixed(1)} ${y(value).toFixed(1)}` : `H${x(at).toFixed(1)}V${y(value).toFixed(1)}`));
  return points.length === 0 ? '' : `${path.join('')}H${width.toFixed(1)}`;
}
