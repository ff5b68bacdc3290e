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

/**
 * The pair to show when the person has not chosen one, or the chosen one has to be completed: it stays as it is
 * while it shows a connection that lives; otherwise the newest one is taken.
 * @param {Snapshot} state
 * @param {Pair} now
 * @returns {Pair}
 */
export function follow(state, now) {
  const known = (now.left && state.sockets.get(now.left)) || (now.right && state.sockets.get(now.right));
  if (known && known.kind !== 'listener') {
    const whole = pairOf(state, known.socket);
    // The peer may be gone from the session; what was shown of it stays.
    return { left: whole.left ?? now.left, right: whole.right ?? now.right };
  }
  let newest;
  for (const socket of state.sockets.values()) if (socket.kind !== 'listener') newest = socket;
  if (newest) return pairOf(state, newest.socket);
  if (known) return now;
  for (const socket of state.sockets.values()) return pairOf(state, socket.socket);
  return { left: null, right: null };
}

/** "C1 ⇄ S1.1" @param {Pair} pair */
export function pairName({ left, right }) {
  if (left && right) return `${left} ⇄ ${right}`;
  return left ?? right ?? '';
}
