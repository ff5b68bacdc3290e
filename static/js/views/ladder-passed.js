// States that an end passed through before anybody could look: which they are, and the calls that they go with.

/** @import {StateChanged, TcpState} from '../types.js' */
/** @import {CallInfo} from './ladder-model.js' */

/** Whether nobody saw this state, nor the segment that led to it: it was passed on the way to the next. @param {StateChanged} event */
export function isPassedThrough({ source, segment, to }) {
  return source === 'inferred' && segment === undefined && to !== 'CLOSED';
}

/** How a call begins, whatever else was seen of it (RFC 9293 §3.10.1, §3.10.4). @type {Partial<Record<TcpState, string[]>>} */
export const BEGUN_BY = { SYN_SENT: ['Dial'], FIN_WAIT_1: ['Close', 'CloseWrite'], LAST_ACK: ['Close', 'CloseWrite'] };

/** Whether a state that a call brought about goes with its return and not with its start. @param {StateChanged} event @param {CallInfo} info */
export function isLate(event, info) {
  if (isPassedThrough(event) && BEGUN_BY[event.to]) return false;
  return Math.abs(event.at_ns - (info.ended ?? 0)) < Math.abs(event.at_ns - info.started);
}
