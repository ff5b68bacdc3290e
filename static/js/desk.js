// The person's desk: which socket the keys act on, what can be done with it, and doing it.

/** @import {Command, Ok, Socket} from './types.js' */

import { t, texts } from './i18n.js';
import { Network, networkOf } from './network.js';
import { pairOf } from './pairs.js';
import { CommandError } from './store.js';
import { Traces } from './trace.js';

/** @typedef {'send'|'close'|'half_close'|'reset'|'read'|'accept'|'redial'|'remove'|'skip_time_wait'} Action */

const CLOSED_YOUR_SIDE = new Set(['FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSING', 'LAST_ACK', 'TIME_WAIT']);

/** What each behaviour is called on screen. */
export const BEHAVIORS = texts(/** @type {const} */ ([
  ['echo', 'Echo', 'Sends back what it reads'],
  ['manual', 'Manual', 'You accept, read and write'],
  ['discard', 'Discard', 'Reads and throws away'],
  ['greet', 'Greet', 'Sends a greeting, then reads'],
  ['slow_read', 'Slow read', 'Reads a little at a time'],
  ['never_read', 'Never read', 'Accepts and never reads: the buffers fill'],
  ['never_accept', 'Never accept', 'Leaves connections in the accept queue'],
  ['hang_up', 'Hang up', 'Accepts and closes at once'],
  ['reset', 'Reset', 'Accepts and sends a RST'],
]));

/** The same for a person. @returns {[id: string, name: string, title: string][]} */
export function behaviors() {
  return BEHAVIORS.map(([id, name, title]) => [id, t(name), t(title)]);
}

/** @param {string} [behavior] */
export function behaviorName(behavior) {
  return t(BEHAVIORS.find(([id]) => id === behavior)?.[1] ?? 'Manual');
}

/**
 * Why this cannot be done with the socket now, as a sentence; '' when it can.
 * @param {Action} action
 * @param {Socket|undefined} socket
 * @returns {string}
 */
export function whyNot(action, socket) {
  if (!socket) return t('No socket is active: connect first (C), or touch a card.');
  const name = socket.socket;
  if (action === 'skip_time_wait') {
    if (socket.state !== 'TIME_WAIT') return t('{name} is not in TIME_WAIT.', { name });
    return networkOf(socket) === 'lab' ? '' : t('{name} is a socket of this machine; only in the Lab can TIME_WAIT be skipped.', { name });
  }
  if (socket.kind === 'other') return t('{name} belongs to another program; it can only be looked at.', { name });
  if (action === 'remove') return socket.descriptor === 'open' || socket.state !== 'CLOSED' ? t('{name} is still there; close it first.', { name }) : '';
  if (action === 'redial') {
    if (socket.kind !== 'conn' || socket.listener) return t('{name} did not dial.', { name });
    return socket.descriptor === 'open' && socket.state !== 'CLOSED' ? t('{name} is still open.', { name }) : '';
  }
  if (action === 'accept') {
    if (socket.kind !== 'listener') return t('{name} does not listen.', { name });
    if (socket.descriptor !== 'open') return t('{name} is closed.', { name });
    const byItself = socket.behavior && socket.behavior !== 'manual' && socket.behavior !== 'never_accept';
    return byItself ? t('{name} accepts by itself ({behavior}).', { name, behavior: behaviorName(socket.behavior) }) : '';
  }
  if (socket.descriptor === 'none') return t('{name} waits in the accept queue; press Accept on {listener}.', { name, listener: socket.listener });
  if (socket.descriptor === 'closed') return t('{name} is closed.', { name });
  if (action === 'close') return '';
  if (socket.kind === 'listener') return t('{name} listens; it only accepts and closes.', { name });
  if (action === 'read' || action === 'reset') return '';
  if (socket.state === 'SYN_SENT') return t('{name} is not connected yet.', { name });
  // A Write on a connection that is over is a lesson (EPIPE), not a mistake.
  if (socket.state === 'CLOSED') return action === 'send' ? '' : t('{name} has no connection any more.', { name });
  return CLOSED_YOUR_SIDE.has(socket.state) ? t('You closed your side.') : '';
}

export class Desk {
  /** The socket that was touched last: keys act on it. @type {string|null} */ active = null;
  traces = new Traces();
  /** @type {Set<(reveal: boolean) => void>} */ #watchers = new Set();

  /**
   * @param {import('./store.js').Store} store
   * @param {import('./voice.js').Voice} voice
   */
  constructor(store, voice) {
    this.store = store;
    this.voice = voice;
    this.network = new Network(store, voice);
    this.network.watch(() => this.#networkChanged());
    store.subscribe((change) => {
      if (change.reset) this.traces.clear();
      for (const event of change.events) this.traces.apply(event);
    });
  }

  /** @param {(reveal: boolean) => void} fn called when another socket becomes active, and whether to bring its card into view */
  watchActive(fn) {
    this.#watchers.add(fn);
  }

  /**
   * @param {string|null} id
   * @param {{show?: boolean, reveal?: boolean}} [options] `show`: also its connection on the stage; `reveal`: scroll to its card
   */
  activate(id, { show = true, reveal = false } = {}) {
    if (id && show) {
      const pair = pairOf(this.store.state, id);
      const socket = this.socket(id);
      if (socket && (socket.kind !== 'listener' || !this.store.pair.left)) this.store.setPair(pair.left, pair.right);
    }
    if (this.active === id) return;
    this.active = id;
    // Its card is in the columns of its network.
    const socket = this.socket(id);
    if (socket) this.network.choose(networkOf(socket));
    for (const fn of this.#watchers) fn(reveal);
  }

  /** The keys act on what the columns show, and the stage shows a connection of it, if there is one. */
  #networkChanged() {
    const { chosen } = this.network;
    const { state, pair } = this.store;
    const elsewhere = (/** @type {string|null} */ id) => {
      const socket = this.socket(id);
      return socket !== undefined && networkOf(socket) !== chosen;
    };
    if (elsewhere(this.active)) this.activate(null);
    if (!elsewhere(pair.left ?? pair.right)) return;
    const here = [...state.sockets.values()].filter((s) => networkOf(s) === chosen);
    const newest = here.findLast((s) => s.kind !== 'listener') ?? here.at(-1);
    const { left, right } = newest ? pairOf(state, newest.socket) : { left: null, right: null };
    this.store.setPair(left, right);
  }

  /** @param {string|null} [id] */
  socket(id = this.active) {
    return id ? this.store.state.sockets.get(id) : undefined;
  }

  /**
   * Sends a command; a refusal is said and shown, and null comes back.
   * @param {Command} command
   * @returns {Promise<Ok|null>}
   */
  async run(command) {
    try {
      return await this.store.send(command);
    } catch (error) {
      this.voice.notice(messageOf(error));
      return null;
    }
  }

  /**
   * Does something with a socket, or says why not.
   * @param {Exclude<Action, 'send'>} action
   * @param {string|null} [id]
   * @param {{bytes?: number}} [more]
   */
  async act(action, id = this.active, more = {}) {
    const socket = this.socket(id);
    const reason = whyNot(action, socket);
    if (reason || !socket) {
      this.voice.notice(reason, 'info');
      return;
    }
    switch (action) {
      case 'close': await this.run({ type: 'close', socket: socket.socket }); return;
      case 'half_close': await this.run({ type: 'close_write', socket: socket.socket }); return;
      case 'reset': await this.run({ type: 'reset', socket: socket.socket }); return;
      case 'read': await this.run({ type: 'read', socket: socket.socket, ...more }); return;
      case 'accept': await this.run({ type: 'accept', socket: socket.socket }); return;
      case 'remove': await this.run({ type: 'remove', socket: socket.socket }); return;
      case 'skip_time_wait': await this.run({ type: 'skip_time_wait', socket: socket.socket }); return;
      case 'redial': {
        const ok = await this.run({ type: 'dial', network: networkOf(socket), address: socket.remote ?? '', read_mode: socket.read_mode ?? 'auto' });
        if (ok?.sockets?.[0]) this.expect(ok.sockets[0]);
        return;
      }
    }
  }

  /** Makes a socket active as soon as it is shown: the answer to a command comes before or after its events. @param {string} id */
  expect(id) {
    if (this.store.state.sockets.has(id)) {
      this.activate(id, { reveal: true });
      return;
    }
    const done = new AbortController();
    this.store.subscribe(() => {
      if (!this.store.state.sockets.has(id)) return;
      done.abort();
      this.activate(id, { reveal: true });
    }, { signal: done.signal });
  }
}

/** @param {unknown} error */
export function messageOf(error) {
  if (error instanceof CommandError || error instanceof Error) return error.message;
  return String(error);
}
