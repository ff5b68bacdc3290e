// The WebSocket: hello, commands and their answers, and coming back after it was lost.

/** @import {Command, Ok, Refusal} from './types.js' */

import { keptCode } from './code.js';
import { t } from './i18n.js';
import { CommandError, lost } from './store.js';

const VERSION = 1;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** The most that the server takes in one frame; it ends the connection for more (maxMessage in web/protocol.go). */
const MAX_FRAME = 64 * 1024 + 512;
const UTF8 = new TextEncoder();

// Close codes of the protocol.
const STOPPING = 4000;
const TOO_SLOW = 4001;
const SESSION_ENDED = 4002;
const OTHER_VERSION = 4004;
const CODE_NEEDED = 4005;

export class Connection {
  #store;
  #url;
  #session;
  #onSession;
  #onNotice;
  #onCode;
  /** What the server said before it closes, to a hello. */ #refusal = '';
  /** @type {WebSocket|null} */ #socket = null;
  #nextId = 1;
  /** @type {Map<number, {resolve: (ok: Ok) => void, reject: (error: Error) => void}>} */ #pending = new Map();
  #wait = FIRST_WAIT_MS;
  #timer = 0;
  #everything = true;
  #stopped = false;

  /**
   * @param {import('./store.js').Store} store
   * @param {{url: string, session: string, onSession: (key: string, renewed: boolean) => void, onNotice: (message: string) => void, onCode: (message: string) => void}} config `onCode`: the code is needed; what was wrong with the one that was given
   */
  constructor(store, config) {
    this.#store = store;
    this.#url = config.url;
    this.#session = config.session;
    this.#onSession = config.onSession;
    this.#onNotice = config.onNotice;
    this.#onCode = config.onCode;
  }

  open() {
    clearTimeout(this.#timer);
    this.#store.setConnection('connecting');
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    const code = keptCode();
    this.#refusal = '';
    socket.addEventListener('open', () => {
      const since = this.#everything ? undefined : this.#store.lastSeq;
      socket.send(JSON.stringify({ type: 'hello', version: VERSION, session: this.#session || undefined, since, code: code || undefined }));
    });
    socket.addEventListener('message', (e) => { if (typeof e.data === 'string') this.#message(JSON.parse(e.data)); });
    socket.addEventListener('close', (e) => { if (socket === this.#socket) this.#closed(e, code); });
  }

  /** Another session, by its key: the address in the address bar changed. @param {string} session */
  change(session) {
    this.#session = session;
    this.resync();
  }

  /** A session of its own, with names from C1 and S1 on; the old one ends when nobody looks at it any more. */
  fresh() {
    this.change('');
  }

  /** Begins again with a snapshot. */
  resync() {
    this.#everything = true;
    this.retry();
  }

  retry() {
    this.#stopped = false;
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#fail();
    this.open();
  }

  /** @param {Command} command @returns {Promise<Ok>} */
  send(command) {
    const id = this.#nextId++;
    return this.#ask(id, JSON.stringify({ id, ...command }));
  }

  /**
   * A frame of kind 1: kind, length of the name, name, id (big endian), bytes.
   * @param {string} name
   * @param {Uint8Array} bytes
   * @returns {Promise<Ok>}
   */
  sendBytes(name, bytes) {
    const id = this.#nextId++;
    const frame = new Uint8Array(2 + name.length + 8 + bytes.length);
    frame[0] = 1;
    frame[1] = name.length;
    frame.set(UTF8.encode(name), 2);
    new DataView(frame.buffer).setBigUint64(2 + name.length, BigInt(id));
    frame.set(bytes, 2 + name.length + 8);
    return this.#ask(id, frame);
  }

  /** @param {number} id @param {string|Uint8Array<ArrayBuffer>} frame @returns {Promise<Ok>} */
  #ask(id, frame) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(lost());
    const size = typeof frame === 'string' ? UTF8.encode(frame).length : frame.length;
    if (size > MAX_FRAME) return Promise.reject(new CommandError({ code: 'too_large', message: t('That is more than the 64 KiB that fit into one command. Send a file instead, or less at once.') }));
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      socket.send(frame);
    });
  }

  /** @param {any} message */
  #message(message) {
    switch (message.type) {
      case 'hello': {
        const renewed = this.#session !== '' && this.#session !== message.session;
        this.#session = message.session;
        this.#wait = FIRST_WAIT_MS;
        this.#everything = false;
        this.#store.welcome(message);
        this.#onSession(message.session, renewed);
        return;
      }
      case 'snapshot':
        this.#store.load(message.snapshot);
        return;
      case 'events':
        if (!this.#store.receive(message.events, message.caught_up === true)) this.resync();
        return;
      case 'ok':
        this.#pending.get(message.id)?.resolve(/** @type {Ok} */ (message));
        this.#pending.delete(message.id);
        return;
      case 'error':
        if (message.id === 0) this.#refusal = message.message;
        this.#pending.get(message.id)?.reject(new CommandError(/** @type {Refusal} */ (message)));
        this.#pending.delete(message.id);
        return;
    }
  }

  /** @param {CloseEvent} event @param {string} code what was given */
  #closed(event, code) {
    this.#socket = null;
    this.#fail();
    if (event.code === OTHER_VERSION) {
      this.#stopped = true;
      this.#onNotice(t('The server speaks another version. Reload this page.'));
      this.#store.setConnection('lost', Infinity);
      return;
    }
    if (event.code === STOPPING) this.#store.serverStopped();
    if (event.code === CODE_NEEDED) { // to ask again by itself would be of no use
      this.#stopped = true;
      this.#store.setConnection('locked');
      this.#onCode(code && this.#refusal);
      return;
    }
    if (event.code === SESSION_ENDED) this.#onNotice(t('This session ended and its sockets were closed. A new one begins.'));
    // Being too slow is no failure of the server: come back at once for what is missing.
    const wait = event.code === TOO_SLOW ? 0 : this.#wait;
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
    this.#store.setConnection('lost', performance.now() + wait);
    this.#timer = window.setTimeout(() => { if (!this.#stopped) this.open(); }, wait);
  }

  /** Nobody will answer these any more. */
  #fail() {
    for (const { reject } of this.#pending.values()) reject(lost());
    this.#pending.clear();
  }
}
