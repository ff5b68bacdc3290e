// What the ladder says while there is little on it: how to go on from here.

/** @import {DemoRun, Pair, Socket} from '../types.js' */

import { demoButton } from '../demo/button.js';
import { demoActs } from '../demo/story-model.js';
import { el } from '../dom.js';
import { portOf } from '../format.js';
import { t } from '../i18n.js';
import { couldListenAt, listenerAt, networkOf } from '../network.js';

/** The key of the hint for a session without a connection to show. */
export const NOTHING = 'nothing';

/**
 * @param {Pair} pair
 * @param {Map<string, Socket>} sockets
 * @param {DemoRun|null} [run] while a demo acts, there is nothing for the person to do
 * @param {string[]} [server] the addresses of the Lab's server
 * @returns {{key: string, content: () => HTMLElement[]}} the same key means the same content
 */
export function hintFor(pair, sockets, run = null, server = []) {
  const acts = demoActs(run);
  const left = pair.left === null ? undefined : sockets.get(pair.left);
  const right = pair.right === null ? undefined : sockets.get(pair.right);
  if (pair.left === null && pair.right === null) return acts ? { key: '', content: () => [] } : { key: NOTHING, content: nothing };
  if (left?.state === 'CLOSED' && left.reason === 'refused') {
    const port = portOf(left.remote);
    const listener = listenerAt(sockets.values(), networkOf(left), left.remote)?.socket;
    if (port && (acts || !couldListenAt(networkOf(left), left.remote ?? '', server))) return { key: `refused ${port}, demo`, content: () => [wasRefused(port)] };
    if (port && listener) return { key: `redial ${left.socket} ${listener}`, content: () => redial(left.socket, port, listener) };
    if (port) return { key: `refused ${port}`, content: () => refused(port) };
  }
  if (pair.left === null && right?.kind === 'listener' && right.state === 'LISTEN') {
    if (acts) return { key: `waits ${pair.right}, demo`, content: () => [el('p', null, t('{name} waits. The demo goes on by itself.', { name: pair.right }))] };
    return { key: `waits ${pair.right}`, content: () => [el('p', null, t('{name} waits. Connect to it from the left (C).', { name: pair.right }))] };
  }
  return { key: '', content: () => [] };
}

function nothing() {
  return [el('h2', null, t('Listen on a port to begin')),
    el('p', null, t('Then connect to it from the left. Every call, every segment and every state of both ends will stand here, in the order in which they happened.')), demoButton()];
}

/** @param {string} port */
function wasRefused(port) {
  return el('p', { 'data-phase': 'error' }, t('Nobody listens on port {port}, so the dial was refused.', { port }));
}

/** @param {string} port */
function refused(port) {
  const button = el('button', { class: 'btn', type: 'button', 'data-acts': true }, t('Listen on {port}', { port }));
  button.addEventListener('click', () => button.dispatchEvent(new CustomEvent('offerlisten', { bubbles: true, detail: { port } })));
  return [wasRefused(port), button];
}

/** Since then somebody listens there. @param {string} socket @param {string} port @param {string} listener */
function redial(socket, port, listener) {
  const button = el('button', { class: 'btn', type: 'button', 'data-acts': true }, t('Redial'));
  button.addEventListener('click', () => button.dispatchEvent(new CustomEvent('offerredial', { bubbles: true, detail: { socket } })));
  return [el('p', null, t('Nobody listened on port {port} then, so the dial was refused. Now {listener} listens there.', { port, listener })), button];
}
