// Which two sockets are the ends of one connection. Pure.

/** @import {Pair, Snapshot, Socket} from './types.js' */

import { portOf } from './format.js';

/**
 * Whether a socket stands on the client's side of the ladder: who dialled, also when another program did.
 * @param {Socket} socket
 * @param {Snapshot} state
 */
export function onClientSide(socket, state) {
  if (socket.kind !== 'other') return socket.host === 'client' && socket.kind === 'conn';
  const peer = socket.peer ? state.sockets.get(socket.peer) : undefined;
  if (!peer || peer.host !== socket.host || peer.kind !== 'other') return peer?.listener ? true : socket.host === 'client';
  // Two programs that are not ours: who has the watched port is asked, who has not asks.
  const [here, there] = [socket, peer].map((end) => state.ports.includes(Number(portOf(end.local))));
  return here === there ? socket.socket < peer.socket : there;
}

/**
 * The connection that a socket belongs to.
 * @param {Snapshot} state
 * @param {string} id
 * @returns {Pair}
 */
export function pairOf(state, id) {
  const socket = state.sockets.get(id);
  if (!socket) return { left: null, right: null };
  const other = socket.peer && state.sockets.has(socket.peer) ? socket.peer : null;
  return onClientSide(socket, state) ? { left: id, right: other } : { left: other, right: id };
}

/**
 * Every connection of the session, each once, and the listeners that nobody has connected to.
 * @param {Snapshot} state
 * @returns {Pair[]}
 */
export function allPairs(state) {
  /** @type {Pair[]} */
  const pairs = [];
  const busy = new Set();
  for (const socket of state.sockets.values()) {
    if (socket.kind === 'listener') continue;
    if (socket.listener) busy.add(socket.listener);
    const pair = pairOf(state, socket.socket);
    // Of two ends the left one names the pair.
    if (pair.left === null || pair.left === socket.socket) pairs.push(pair);
  }
  for (const socket of state.sockets.values()) {
    if (socket.kind === 'listener' && !busy.has(socket.socket)) pairs.push({ left: null, right: socket.socket });
  }
  return pairs;
}

/** The newest is not left for a newer one before this time, so that a busy port does not turn the pages. */
const REST_NS = 500e6;

/**
 * The pair to show. What the person chose stays as it is, and is completed; otherwise the newest connection is shown,
 * whoever opened it.
 * @param {Snapshot} state
 * @param {Pair} now
 * @param {boolean} chosen the pair is the person's choice
 * @returns {Pair}
 */
export function follow(state, now, chosen) {
  const known = (now.left && state.sockets.get(now.left)) || (now.right && state.sockets.get(now.right)) || undefined;
  let newest;
  for (const socket of state.sockets.values()) if (connects(socket)) newest = socket;
  const stays = known && connects(known) && (chosen || !newest || newest.opened_ns - known.opened_ns < REST_NS && known.state !== 'CLOSED');
  if (stays || (known && newest && known.peer === newest.socket)) {
    const whole = pairOf(state, known.socket);
    // The peer may be gone from the session; what was shown of it stays.
    return { left: whole.left ?? now.left, right: whole.right ?? now.right };
  }
  if (newest) return pairOf(state, newest.socket);
  if (known) return now;
  for (const socket of state.sockets.values()) return pairOf(state, socket.socket);
  return { left: null, right: null };
}

/** Whether a socket is of a connection: no listener, and no remains of one that was over before it was seen. @param {Socket} socket */
function connects(socket) {
  if (socket.kind !== 'other') return socket.kind !== 'listener';
  return Boolean(socket.remote) && (socket.peer !== undefined || (socket.state !== 'TIME_WAIT' && socket.state !== 'CLOSED'));
}

/** "C1 ⇄ S1.1" @param {Pair} pair */
export function pairName({ left, right }) {
  if (left && right) return `${left} ⇄ ${right}`;
  return left ?? right ?? '';
}
