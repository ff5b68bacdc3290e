// The page's state: the session's log as far as it is shown, what is selected, and who wants to know.

/** @import {CallReturned, Change, Command, Hello, Ok, Pair, PlaygroundEvent, Selection, Snapshot, SnapshotJson} from './types.js' */

import { cadence } from './cadence.js';
import { server, t } from './i18n.js';
import { apply, emptySnapshot, fromJson } from './reduce.js';
import { SegmentIndex } from './segments.js';

/** How many events the page keeps, and how many of the oldest go at once when there are more. */
export const MAX_EVENTS = 100_000;
const MAX_RETURNS = 4096;
const DROP_CHUNK = 10_000;

/** A refused command. */
export class CommandError extends Error {
  /** @param {{code: string, field?: string, message: string}} refusal */
  constructor(refusal) {
    super(server(refusal.message));
    this.name = 'CommandError';
    this.code = refusal.code;
    this.field = refusal.field ?? '';
  }
}

/**
 * What the store needs of the connection to the server; connection.js is the real one.
 * @typedef {{send(command: Command): Promise<Ok>, sendBytes?(socket: string, bytes: Uint8Array): Promise<Ok>, resync?(): void, retry?(): void}} Link
 */

/** @returns {Change} */
function noChange() {
  return { events: [], reset: false, selection: false, hover: false, pair: false, connection: false, paused: false };
}

export class Store {
  /** @type {Snapshot} */ state = emptySnapshot();
  /** @type {PlaygroundEvent[]} */ events = [];
  firstSeq = 1;
  /** What the events shown say about each segment. */ segments = new SegmentIndex();
  /** @type {Date} */ startedAt = new Date();
  /** @type {Hello['capabilities']} */ capabilities = {};
  /** What the server calls the kernel that it sees: "Linux 6.18.1"; empty: not told. */ kernel = '';
  session = '';
  /** @type {'connecting'|'live'|'lost'|'locked'} */ connection = 'connecting';
  /** Whether the server that was lost had said that it ends. */
  stopped = false;
  /** When the next attempt to connect is due, on performance.now()'s clock. */
  retryAt = 0;
  paused = false;
  /** @type {Selection} */ selection = null;
  /** @type {Selection} */ hover = null;
  /** All that is hovered; more than `hover` where a check stands for several events. @type {NonNullable<Selection>[]} */ hovers = [];
  /** @type {Pair} */ pair = { left: null, right: null };
  /** Whether the events shown include all that the server had when this connection began. */
  caughtUp = false;

  /** @type {Link|null} */ #link = null;
  /** @type {((type: string) => Promise<void>|null)|null} */ #guard = null;
  /** Received and not shown, while paused. @type {PlaygroundEvent[]} */ #held = [];
  #heldDropped = 0;
  /** @type {Set<(change: Change) => void>} */ #subscribers = new Set();
  #change = noChange();
  #scheduled = false;
  /** @type {Map<number, {resolve: (event: CallReturned) => void, reject: (error: Error) => void}>} */ #awaited = new Map();
  /** The newest, oldest first: what a command's calls returned may be known before who sent it asks. @type {Map<number, CallReturned>} */ #returns = new Map();
  #clock = new SessionClock();
  #frozenAt = 0;
  /** The server was there and is not: how long anything lasts since then, nobody sees. */ #away = false;
  #schedule;

  /** @param {{schedule?: (draw: () => void) => void}} [config] `schedule` stands in for requestAnimationFrame in tests */
  constructor(config = {}) {
    this.#schedule = config.schedule ?? cadence();
  }

  /** @param {Link} link */
  attach(link) {
    this.#link = link;
  }

  /** The newest event that was received, shown or not. */
  get lastSeq() {
    return this.#held.at(-1)?.seq ?? this.state.seq;
  }

  /** How many events were received while paused and are not shown. */
  get waiting() {
    return this.#held.length + this.#heldDropped;
  }

  /**
   * @param {number} seq
   * @returns {PlaygroundEvent|undefined}
   */
  event(seq) {
    return this.events[seq - this.firstSeq];
  }

  /**
   * The segment that something selected or hovered is, if it is one: its own event, its landing, or itself.
   * @param {Selection} selection
   * @returns {number|null}
   */
  segmentOf(selection) {
    if (selection?.kind === 'segment') return selection.segment;
    const event = selection?.kind === 'event' ? this.event(selection.seq) : undefined;
    if (event?.type === 'segment_sent' || event?.type === 'segment_landed' || event?.type === 'wire_intervened') return event.segment;
    return null;
  }

  /**
   * What to select or hover for a segment: its event where the log has one of its own, so that it lights up in every view.
   * @param {number} segment
   * @returns {NonNullable<Selection>}
   */
  selectionOf(segment) {
    const record = this.segments.get(segment);
    return record && record.copyOf === null && this.event(record.seq) ? { kind: 'event', seq: record.seq } : { kind: 'segment', segment };
  }

  /** The session's clock, estimated, in ns; it stands still while the view is paused, and while the server is lost. */
  now() {
    return this.paused || this.#away ? this.#frozenAt : this.#clock.now();
  }

  // What the connection reports.

  /** @param {Hello} hello */
  welcome(hello) {
    this.session = hello.session;
    this.capabilities = hello.capabilities ?? {};
    this.kernel = [hello.kernel?.system, hello.kernel?.release].filter(Boolean).join(' ');
    this.startedAt = new Date(hello.started_at);
    this.#clock.start(hello.now_ns ?? (Date.now() - this.startedAt.getTime()) * 1e6);
    this.caughtUp = false;
    this.#away = false;
    this.stopped = false;
    this.setConnection('live');
  }

  /** @param {SnapshotJson} json */
  load(json) {
    this.state = fromJson(json);
    this.events = [];
    this.firstSeq = json.seq + 1;
    this.segments.reset(this.state.lab?.flying.values());
    this.#held = [];
    this.#heldDropped = 0;
    this.#frozenAt = this.state.at_ns;
    // What returned before this snapshot is not told again.
    for (const { reject } of this.#awaited.values()) reject(new CommandError({ code: 'lost', message: t('The connection was lost, and with it what the call returned.') }));
    this.#awaited.clear();
    this.#returns.clear();
    this.#change.reset = true;
    this.#change.events = [];
    if (this.selection?.kind === 'event' && this.selection.seq <= json.seq) this.select(null);
    this.#notify();
  }

  /**
   * Takes events in. Returns false where one is missing: then the connection has to begin again.
   * @param {PlaygroundEvent[]} events
   * @param {boolean} caughtUp
   */
  receive(events, caughtUp = false) {
    for (const event of events) {
      const next = this.lastSeq + this.#heldDropped + 1;
      if (event.seq < next) continue;
      if (event.seq > next) return false;
      if (event.type === 'call_returned') this.#settle(event);
      if (this.paused) this.#hold(event);
      else this.#show(event);
    }
    const last = events.at(-1);
    if (last) this.#clock.observe(last.at_ns);
    this.caughtUp ||= caughtUp;
    if (this.paused) this.#change.paused = true;
    this.#trim();
    this.#notify();
    return true;
  }

  /** The server said that it ends, which closes every socket. */
  serverStopped() {
    this.stopped = true;
  }

  /** @param {'connecting'|'live'|'lost'|'locked'} connection @param {number} [retryAt] */
  setConnection(connection, retryAt = 0) {
    if (this.connection === 'live' && connection !== 'live') {
      this.#frozenAt = this.now();
      this.#away = true;
    }
    this.connection = connection;
    this.retryAt = retryAt;
    this.#change.connection = true;
    this.#notify();
  }

  // What the views ask for.

  /**
   * @param {(change: Change) => void} fn called at most once a frame
   * @param {{signal?: AbortSignal}} [options]
   */
  subscribe(fn, { signal } = {}) {
    if (signal?.aborted) return;
    this.#subscribers.add(fn);
    signal?.addEventListener('abort', () => this.#subscribers.delete(fn), { once: true });
  }

  /** @param {Selection} selection */
  select(selection) {
    if (same(this.selection, selection)) return;
    this.selection = selection;
    this.#change.selection = true;
    this.#notify();
  }

  /** @param {Selection} hover */
  setHover(hover) {
    this.#light(hover ? [hover] : []);
  }

  /** Hovers several events at once. @param {number[]} seqs */
  hoverEvents(seqs) {
    this.#light(seqs.map((seq) => ({ kind: 'event', seq })));
  }

  /** @param {NonNullable<Selection>[]} hovers */
  #light(hovers) {
    if (hovers.length === this.hovers.length && hovers.every((hover, i) => same(hover, this.hovers[i]))) return;
    this.hovers = hovers;
    this.hover = hovers[0] ?? null;
    this.#change.hover = true;
    this.#notify();
  }

  /** @param {string|null} left @param {string|null} right */
  setPair(left, right) {
    if (this.pair.left === left && this.pair.right === right) return;
    this.pair = { left, right };
    this.#change.pair = true;
    this.#notify();
  }

  /** @param {boolean} paused */
  setPaused(paused) {
    if (this.paused === paused) return;
    this.#frozenAt = this.now();
    this.paused = paused;
    this.#change.paused = true;
    this.#change.connection = true;
    if (!paused) this.#release();
    this.#notify();
  }

  /** Shows one of the events held back, the oldest; false if there is none. */
  step() {
    const event = this.#held.shift();
    if (!event) return false;
    this.#frozenAt = event.at_ns;
    this.#show(event);
    this.#change.paused = true;
    this.#notify();
    return true;
  }

  /**
   * @param {Command} command without its id
   * @returns {Promise<Ok>}
   */
  send(command) {
    return this.#guarded(command.type, () => {
      if (!this.#link || this.connection !== 'live') return Promise.reject(lost());
      return this.#link.send(command);
    });
  }

  /** @param {string} type of the command @param {() => Promise<Ok>} send */
  #guarded(type, send) {
    const asked = this.#guard?.(type);
    return asked ? asked.then(send) : send();
  }

  /** @param {(type: string) => Promise<void>|null} guard rejects what is not to be sent after all; null: nothing to ask */
  set guard(guard) {
    this.#guard = guard;
  }

  /**
   * Writes bytes to a socket by a binary frame.
   * @param {string} socket
   * @param {Uint8Array} bytes
   * @returns {Promise<Ok>}
   */
  sendBytes(socket, bytes) {
    return this.#guarded('write', () => {
      if (!this.#link?.sendBytes || this.connection !== 'live') return Promise.reject(lost());
      return this.#link.sendBytes(socket, bytes);
    });
  }

  /** Tries to reach the server now. */
  retry() {
    this.#link?.retry?.();
  }

  /**
   * The return of a call, as soon as it is known, paused or not; rejects when it cannot be known any more.
   * @param {number} call
   * @returns {Promise<CallReturned>}
   */
  returned(call) {
    const told = this.#returns.get(call);
    if (told) return Promise.resolve(told);
    return new Promise((resolve, reject) => this.#awaited.set(call, { resolve, reject }));
  }

  /** @param {PlaygroundEvent} event */
  #show(event) {
    apply(this.state, event);
    this.events.push(event);
    this.segments.add(event);
    if (!this.#change.reset) this.#change.events.push(event);
  }

  /** @param {PlaygroundEvent} event */
  #hold(event) {
    // More than can be kept: count them, and ask for everything again when the view goes on.
    if (this.#heldDropped > 0 || this.#held.length >= MAX_EVENTS) this.#heldDropped++;
    else this.#held.push(event);
  }

  #release() {
    const dropped = this.#heldDropped > 0;
    for (const event of this.#held) this.#show(event);
    this.#held = [];
    this.#heldDropped = 0;
    this.#trim();
    if (dropped) this.#link?.resync?.();
  }

  #trim() {
    if (this.events.length > MAX_EVENTS) {
      const drop = Math.max(DROP_CHUNK, this.events.length - MAX_EVENTS);
      this.events.splice(0, drop);
      this.firstSeq += drop;
      this.segments.trim(this.firstSeq);
    }
    // Nobody draws while the page is hidden; what has piled up is then drawn from `events` alone.
    if (this.#change.events.length > MAX_EVENTS) {
      this.#change.reset = true;
      this.#change.events = [];
    }
  }

  /** @param {CallReturned} event */
  #settle(event) {
    this.#returns.set(event.call, event);
    if (this.#returns.size > MAX_RETURNS) this.#returns.delete(/** @type {number} */ (this.#returns.keys().next().value));
    this.#awaited.get(event.call)?.resolve(event);
    this.#awaited.delete(event.call);
  }

  #notify() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      const change = this.#change;
      this.#change = noChange();
      if (change.reset) change.events = this.events.slice();
      for (const fn of this.#subscribers) fn(change);
    });
  }
}

/** The session's clock as the page can know it: what the server said, corrected by the events as they arrive. */
class SessionClock {
  /** performance.now() at the session's start, in ns. */
  #zero = performance.now() * 1e6;

  /** @param {number} now the session's clock at this moment, ns */
  start(now) {
    this.#zero = performance.now() * 1e6 - now;
  }

  /** An event is never newer than now. @param {number} at */
  observe(at) {
    const zero = performance.now() * 1e6 - at;
    this.#zero = Math.min(this.#zero, zero);
  }

  now() {
    return Math.max(0, performance.now() * 1e6 - this.#zero);
  }
}

/** @param {Selection} a @param {Selection} b */
function same(a, b) {
  if (a === null || b === null) return a === b;
  if (a.kind === 'event') return b.kind === 'event' && a.seq === b.seq;
  if (a.kind === 'segment') return b.kind === 'segment' && a.segment === b.segment;
  return b.kind === 'socket' && a.socket === b.socket;
}

export function lost() {
  return new CommandError({ code: 'lost', message: t('The server is not connected. Wait, or press Retry.') });
}
