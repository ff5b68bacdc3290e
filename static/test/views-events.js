// Events for the tests of the views: a connection from Listen to the end, told in milliseconds.

/** @import {PlaygroundEvent, Socket} from '../js/types.js' */

import { apply, emptySnapshot } from '../js/reduce.js';
import { SegmentIndex } from '../js/segments.js';

/** A log that numbers its events. */
export class Log {
  /** @type {PlaygroundEvent[]} */ events = [];
  segments = new SegmentIndex();
  #state = emptySnapshot();
  #number = 0;

  /**
   * @param {number} ms
   * @param {Record<string, unknown>} event
   */
  add(ms, event) {
    const whole = /** @type {PlaygroundEvent} */ ({ seq: this.events.length + 1, at_ns: Math.round(ms * 1e6), ...event });
    this.events.push(whole);
    apply(this.#state, whole);
    this.segments.add(whole);
    return whole;
  }

  /** @param {number} ms @param {string} socket @param {string} from @param {string} to @param {Record<string, unknown>} [more] */
  state(ms, socket, from, to, more) {
    return this.add(ms, { type: 'state_changed', socket, from, to, source: 'sock_diag', ...more });
  }

  /** @param {number} ms @param {string} socket @param {number} call @param {string} op */
  start(ms, socket, call, op) {
    return this.add(ms, { type: 'call_started', socket, call, op, args: '' });
  }

  /** @param {number} ms @param {string} socket @param {number} call @param {string} op @param {Record<string, unknown>} [more] */
  returned(ms, socket, call, op, more) {
    return this.add(ms, { type: 'call_returned', socket, call, op, args: '', started_ns: ms * 1e6, result: 'nil', source: 'call', ...more });
  }

  /** A segment that leaves in the Lab. @param {number} ms @param {'client' | 'server'} from @param {string} flags @param {Record<string, unknown>} [more] @returns {number} its number */
  sent(ms, from, flags, more) {
    const ends = from === 'client' ? { socket: 'C1', peer: 'S1.1', src: '127.0.0.1:50000', dst: '127.0.0.1:8330' } : { socket: 'S1.1', peer: 'C1', src: '127.0.0.1:8330', dst: '127.0.0.1:50000' };
    this.#number++;
    this.add(ms, { type: 'segment_sent', segment: this.#number, network: 'lab', from, flags, left_ns: Math.round(ms * 1e6), bytes: 52, ...ends, source: 'segment', ...more });
    return this.#number;
  }

  /** @param {number} ms @param {number} segment */
  landed(ms, segment) {
    return this.add(ms, { type: 'segment_landed', segment, landed_ns: Math.round(ms * 1e6) });
  }

  /** @param {number} ms @param {number} segment @param {string} action @param {string} by @param {Record<string, unknown>} [more] @returns {number} the copy's number, if it is a duplicate */
  wire(ms, segment, action, by, more) {
    const copy = action === 'duplicated' ? ++this.#number : undefined;
    this.add(ms, { type: 'wire_intervened', segment, action, by, copy, ...more });
    return copy ?? 0;
  }

  get sockets() {
    return /** @type {Map<string, Socket>} */ (this.#state.sockets);
  }
}

/** Listen, and a connection that is open on both sides. C1 dialled at 10 s; S1's Accept waited for it. */
export function openConnection() {
  const log = new Log();
  log.returned(1000, 'S1', 1, 'Listen');
  log.add(1000, { type: 'socket_opened', socket: 'S1', kind: 'listener', host: 'server', family: 'tcp6', local: '[::]:8330', call: 1 });
  log.state(1000.1, 'S1', 'CLOSED', 'LISTEN', { source: 'call', cause: 1 });
  log.start(1000.2, 'S1', 2, 'Accept');
  log.add(10_000, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', family: 'tcp4', remote: '127.0.0.1:8330', call: 3 });
  log.start(10_000, 'C1', 3, 'Dial');
  log.state(10_000, 'C1', 'CLOSED', 'SYN_SENT', { source: 'inferred', cause: 3 });
  log.add(10_000.05, { type: 'socket_opened', socket: 'S1.1', kind: 'conn', host: 'server', family: 'tcp4', listener: 'S1', local: '127.0.0.1:8330', remote: '127.0.0.1:50000' });
  log.state(10_000.05, 'S1.1', 'CLOSED', 'SYN_RCVD', { source: 'inferred' });
  log.state(10_000.08, 'S1.1', 'SYN_RCVD', 'ESTABLISHED');
  log.state(10_000.09, 'C1', 'SYN_SENT', 'ESTABLISHED', { source: 'call', cause: 3 });
  log.returned(10_000.09, 'C1', 3, 'Dial', { result: 'conn, nil' });
  log.returned(10_000.1, 'S1', 2, 'Accept', { result: '127.0.0.1:50000, nil' });
  log.add(10_000.1, { type: 'conn_accepted', socket: 'S1.1', listener: 'S1', call: 2 });
  return log;
}
