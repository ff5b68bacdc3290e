// The ladder as data: the events of one connection, in their true order, as rows, bands of
// state and calls that wait. It grows by one event at a time and never looks back, except
// where `stale` says that an earlier event turned out to belong (see conn_accepted).
//
// Every row begins on a grid line; `line` counts lines, not rows, so that a row may own more
// than one of them. A band or a wait spans lines. Distance says nothing; order does.

/** @import {CallReturned, CallStarted, Host, Pair, PlaygroundEvent, Socket, Source, StateChanged, TcpState} from '../types.js' */

/** The side of the ladder is the host that the end lives on. @typedef {Host} Side */

/**
 * @typedef {object} Row
 * @property {'event' | 'gap'} kind
 * @property {number} line           grid line on which it begins
 * @property {number} seq            its first event; for a gap, the event that ended the silence
 * @property {number[]} seqs         all events that it shows
 * @property {number} at             session clock of its first event, ns
 * @property {number} silence        gap only: how long nothing happened, ns
 * @property {Side | null} side      on whose side the call or note stands; null: between them
 * @property {CallStarted | CallReturned | null} call
 * @property {boolean} answer        the call's start has a row of its own: show the result only
 * @property {StateChanged[]} states at most one a side
 * @property {PlaygroundEvent | null} note  anything else that is worth a line
 */

/**
 * @typedef {object} Band
 * @property {Side} side
 * @property {number} from        line on which it starts
 * @property {number | null} to   line on which the next one starts; null: still so
 * @property {TcpState} state
 * @property {Source} source
 * @property {StateChanged | null} event  null: it was so before the first event here
 */

/**
 * @typedef {object} Wait
 * @property {Side} side
 * @property {number} from
 * @property {number | null} to   null: has not returned; the line where it began: it did at once, and needs no line
 * @property {number} lane        calls that wait at the same time stand beside each other
 * @property {CallStarted} call
 * @property {number} until       session clock when it returned, ns
 */

/** @typedef {{state: TcpState, source: Source}} Known */

/**
 * @typedef {object} LadderOptions
 * @property {string | null} left        the socket on the client's side
 * @property {string | null} right       the socket on the server's side
 * @property {string | null} [listener]  the listener that `right` came from
 * @property {number[]} [calls]          calls of the listener that belong here: its Listen, the Accept that gave `right`
 * @property {Known | null} [leftBefore] the state of an end before its first event, if not CLOSED
 * @property {Known | null} [rightBefore]
 */

/** Silence that is worth a row of its own. */
const SILENCE_NS = 1e9;

/** Rows kept; the page's own store keeps about as much. */
const ROWS_KEPT = 20_000;
const ROWS_DROPPED = 5_000;

export class LadderModel {
  /** @type {Row[]} oldest first */
  rows = [];
  /** @type {{client: Band[], server: Band[]}} */
  bands = { client: [], server: [] };
  /** @type {Wait[]} */
  waits = [];
  /** Session clock that times are told from: the start of Dial. @type {number | null} */
  origin = null;
  /** The line after the last row. */
  end = 1;
  /** An event that was passed over belongs here after all: build the model again. */
  stale = false;

  /** @type {Map<number, Wait>} */
  #waiting = new Map();
  /** @type {Map<number, Row>} */
  #bySeq = new Map();
  #last = -Infinity;
  #left;
  #right;
  #listener;
  #calls;

  /** @param {LadderOptions} options */
  constructor({ left, right, listener = null, calls = [], leftBefore = null, rightBefore = null }) {
    this.#left = left;
    this.#right = right;
    this.#listener = listener;
    this.#calls = new Set(calls);
    // A socket that does not exist yet is in no state. RFC 9293 §3.3.2 calls that CLOSED, and it is a fiction.
    if (left) this.#lead('client', leftBefore ?? { state: 'CLOSED', source: 'inferred' });
    if (rightBefore) this.#lead('server', rightBefore);
  }

  /** @param {Side} side @param {Known} known */
  #lead(side, { state, source }) {
    this.bands[side].push({ side, from: 1, to: null, state, source, event: null });
  }

  /** @param {number} seq */
  rowOf(seq) {
    return this.#bySeq.get(seq);
  }

  /** @param {Row} row */
  indexOf(row) {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].line < row.line) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Takes the next event of the session.
   * @param {PlaygroundEvent} event
   * @returns {boolean} whether anything changed
   */
  add(event) {
    const side = this.#sideOf(event);
    if (!side) return false;
    switch (event.type) {
      case 'call_started':
        this.#start(side, event);
        return true;
      case 'call_returned':
        this.#answer(side, event);
        return true;
      case 'state_changed':
        this.#change(side, event);
        return true;
      case 'conn_accepted':
        // The Accept that gave this connection began before anybody knew what it would return.
        if (event.call && !this.#calls.has(event.call)) this.stale = true;
        return false;
      case 'calls_summarised':
      case 'behavior_changed':
      case 'deadline_set':
      case 'transfer_started':
      case 'transfer_finished':
      case 'notice':
      case 'events_lost':
        this.#push(event, { side: event.type === 'notice' || event.type === 'events_lost' ? null : side, note: event });
        return true;
      default:
        return false;
    }
  }

  /**
   * @param {PlaygroundEvent} event
   * @returns {Side | null}
   */
  #sideOf(event) {
    if (event.socket !== undefined) {
      if (event.socket === this.#left) return 'client';
      if (event.socket === this.#right) return 'server';
    }
    const isCall = event.type === 'call_started' || event.type === 'call_returned';
    if (isCall && this.#calls.has(event.call)) return 'server';
    if (this.#listener === null || event.socket !== this.#listener) return null;
    // Of the listener, what happened before this connection had a state of its own.
    const before = this.bands.server.every((band) => band.state === 'LISTEN' || band.event === null);
    if (event.type === 'state_changed') return event.to === 'LISTEN' && before ? 'server' : null;
    return event.type === 'behavior_changed' && before ? 'server' : null;
  }

  /** @param {Side} side @param {CallStarted} event */
  #start(side, event) {
    if (side === 'client' && event.op === 'Dial') this.#setOrigin(event.at_ns);
    const row = this.#push(event, { side, call: event });
    const taken = new Set([...this.#waiting.values()].filter((wait) => wait.side === side).map((wait) => wait.lane));
    let lane = 0;
    while (taken.has(lane)) lane++;
    const wait = { side, from: row.line, to: null, lane, call: event, until: 0 };
    this.#waiting.set(event.call, wait);
    this.waits.push(wait);
  }

  /** @param {Side} side @param {CallReturned} event */
  #answer(side, event) {
    if (side === 'client' && event.op === 'Dial') this.#setOrigin(event.started_ns ?? event.at_ns);
    const wait = this.#waiting.get(event.call);
    this.#waiting.delete(event.call);
    const last = this.#joinable(event);
    // Nothing happened between but what the call itself did: one row says it all. Not so Dial, whose SYN_SENT ends here.
    if (wait && last?.call === wait.call && last.states.every((state) => state.to !== 'SYN_SENT')) {
      this.waits.splice(this.waits.lastIndexOf(wait), 1);
      wait.to = wait.from;
      last.call = event;
      this.#join(last, event);
      return;
    }
    // The state that this call made was told first.
    const row = last && !last.call && !last.note && last.states.every((state) => state.cause === event.call) ? last : this.#push(event, {});
    if (row === last) this.#join(row, event);
    row.side = side;
    row.call = event;
    row.answer = wait !== undefined;
    if (wait) {
      wait.to = row.line;
      wait.until = event.at_ns;
    }
  }

  /** @param {Side} side @param {StateChanged} event */
  #change(side, event) {
    const last = this.#joinable(event);
    const same = last?.call && last.call.call === event.cause && last.side === side && last.states.length === 0;
    const row = same ? last : this.#push(event, {});
    if (same) this.#join(row, event);
    row.states.push(event);
    const bands = this.bands[side];
    const before = bands.at(-1);
    if (before) {
      // What was assumed before the first event is corrected by it.
      if (!before.event && before.state !== 'LISTEN') before.state = event.from;
      before.to = row.line;
    }
    bands.push({ side, from: row.line, to: null, state: event.to, source: event.source ?? 'inferred', event });
  }

  /** The last row, if this event may still stand on it. @param {PlaygroundEvent} event */
  #joinable(event) {
    const last = this.rows.at(-1);
    return last?.kind === 'event' && event.at_ns - this.#last <= SILENCE_NS ? last : null;
  }

  /** @param {Row} row @param {PlaygroundEvent} event */
  #join(row, event) {
    row.seqs.push(event.seq);
    this.#bySeq.set(event.seq, row);
    this.#last = Math.max(this.#last, event.at_ns);
  }

  /** @param {PlaygroundEvent} event @param {Partial<Row>} parts */
  #push(event, parts) {
    const silence = event.at_ns - this.#last;
    if (silence > SILENCE_NS && this.rows.length > 0) this.rows.push(this.#row(event, { kind: 'gap', silence }));
    const row = this.#row(event, parts);
    this.rows.push(row);
    this.#join(row, event);
    if (this.rows.length > ROWS_KEPT) this.#drop(ROWS_DROPPED);
    return row;
  }

  /** @param {PlaygroundEvent} event @param {Partial<Row>} parts @returns {Row} */
  #row(event, parts) {
    return {
      kind: 'event', line: this.end++, seq: event.seq, seqs: [], at: event.at_ns, silence: 0,
      side: null, call: null, answer: false, states: [], note: null, ...parts,
    };
  }

  /** @param {number} at */
  #setOrigin(at) {
    this.origin ??= at;
  }

  /** @param {number} count */
  #drop(count) {
    for (const row of this.rows.splice(0, count)) for (const seq of row.seqs) this.#bySeq.delete(seq);
    const first = this.rows[0].line;
    const keep = (/** @type {Band | Wait} */ span) => span.to === null || span.to > first;
    this.bands.client = this.bands.client.filter(keep);
    this.bands.server = this.bands.server.filter(keep);
    this.waits = this.waits.filter(keep);
  }
}

/** The listener of a connection that the session no longer has. @param {string | null} socket @param {PlaygroundEvent[]} events */
function openedBy(socket, events) {
  for (const event of events) if (event.type === 'socket_opened' && event.socket === socket) return event.listener ?? null;
  return null;
}

/**
 * The ladder of a connection, from everything known so far.
 * @param {Pair} pair
 * @param {Map<string, Socket>} sockets
 * @param {PlaygroundEvent[]} events
 */
export function buildLadder({ left, right }, sockets, events) {
  const rightSocket = right === null ? undefined : sockets.get(right);
  const leftSocket = left === null ? undefined : sockets.get(left);
  const listener = rightSocket?.listener ?? openedBy(right, events);
  /** @type {number[]} */
  const calls = [];
  let listens = false;
  let leftMoved = false;
  let rightMoved = false;
  for (const event of events) {
    if (event.type === 'conn_accepted' && event.socket === right && event.call) calls.push(event.call);
    else if (event.type === 'socket_opened' && event.call && (event.socket === listener || event.socket === right)) calls.push(event.call);
    else if (event.type === 'state_changed') {
      listens ||= event.socket === listener && event.to === 'LISTEN';
      leftMoved ||= event.socket === left;
      rightMoved ||= event.socket === right;
    }
  }
  /** An end whose changes are older than the events kept: what the snapshot says. @param {Socket | undefined} socket @param {boolean} moved */
  const before = (socket, moved) => (socket && !moved && socket.state !== 'CLOSED' ? { state: socket.state, source: socket.state_source ?? 'inferred' } : null);
  const model = new LadderModel({
    left,
    right,
    listener,
    calls,
    leftBefore: before(leftSocket, leftMoved),
    rightBefore: before(rightSocket, rightMoved) ?? (listener && !listens ? before(sockets.get(listener), false) : null),
  });
  for (const event of events) model.add(event);
  return model;
}
