// What the snapshot does not keep and the cards and the inspector show: a socket's states so far, its last data. Pure.

/** @import {CallReturned, CallsSummarised, PlaygroundEvent, StateChanged} from './types.js' */

// A socket that reconnects for hours has a long story; the inspector shows its newest part.
const MAX_STATES = 50;

/**
 * @typedef {{states: StateChanged[], lastRead: CallReturned|CallsSummarised|null, eof: boolean}} Trace
 */

export class Traces {
  /** @type {Map<string, Trace>} */ #traces = new Map();

  /** @param {string} socket @returns {Trace|undefined} */
  get(socket) {
    return this.#traces.get(socket);
  }

  clear() {
    this.#traces.clear();
  }

  /** @param {PlaygroundEvent} event */
  apply(event) {
    if (event.type === 'socket_removed') {
      this.#traces.delete(event.socket);
      return;
    }
    if (event.type === 'state_changed') {
      const { states } = this.#of(event.socket);
      states.push(event);
      if (states.length > MAX_STATES) states.shift();
      return;
    }
    if (event.type !== 'call_returned' && event.type !== 'calls_summarised') return;
    if (event.op !== 'Read' || event.socket === undefined) return;
    const trace = this.#of(event.socket);
    if (event.data) trace.lastRead = event;
    if (event.type === 'call_returned' && event.error?.kind === 'eof') trace.eof = true;
  }

  /** @param {string} socket @returns {Trace} */
  #of(socket) {
    let trace = this.#traces.get(socket);
    if (!trace) this.#traces.set(socket, trace = { states: [], lastRead: null, eof: false });
    return trace;
  }
}
