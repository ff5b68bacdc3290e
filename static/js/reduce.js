// The reduction of events to a Snapshot: the same as Snapshot.Apply in playground/snapshot.go.

/** @import {PlaygroundEvent, Snapshot, SnapshotJson, Socket} from './types.js' */

/** @returns {Snapshot} */
export function emptySnapshot() {
  return { seq: 0, at_ns: 0, sockets: new Map(), calls: new Map(), transfers: new Map() };
}

/**
 * @param {SnapshotJson} json
 * @returns {Snapshot}
 */
export function fromJson(json) {
  return {
    seq: json.seq,
    at_ns: json.at_ns ?? 0,
    sockets: new Map((json.sockets ?? []).map((s) => [s.socket, s])),
    calls: new Map((json.calls ?? []).map((c) => [c.call, c])),
    transfers: new Map((json.transfers ?? []).map((t) => [t.transfer, t])),
  };
}

/**
 * Applies one event to the snapshot, in place.
 * @param {Snapshot} snapshot
 * @param {PlaygroundEvent} event
 * @returns {Snapshot}
 */
export function apply(snapshot, event) {
  snapshot.seq = event.seq;
  snapshot.at_ns = event.at_ns;
  const socket = event.socket === undefined ? undefined : snapshot.sockets.get(event.socket);

  switch (event.type) {
    case 'socket_opened':
      snapshot.sockets.set(event.socket, open(event));
      return snapshot;

    case 'call_started':
      snapshot.calls.set(event.call, {
        call: event.call, socket: event.socket, op: event.op, args: event.args, bytes: event.bytes,
        data: event.data, by: event.by, host: event.host, started_ns: event.at_ns,
      });
      return snapshot;

    case 'call_returned':
      snapshot.calls.delete(event.call);
      if (!socket) return snapshot;
      if (event.error) socket.error = event.error;
      count(socket, event.op, 1, event.n ?? 0);
      return snapshot;

    case 'calls_summarised':
      if (socket) count(socket, event.op, event.calls, event.bytes);
      return snapshot;

    case 'transfer_started':
      snapshot.transfers.set(event.transfer, {
        transfer: event.transfer, socket: event.socket, encoding: event.encoding, bytes: event.bytes,
        chunk: event.chunk, interval_ms: event.interval_ms, started_ns: event.at_ns,
      });
      return snapshot;

    case 'transfer_finished':
      snapshot.transfers.delete(event.transfer);
      return snapshot;

    case 'socket_removed':
      snapshot.sockets.delete(event.socket);
      return snapshot;

    case 'events_lost':
    case 'notice':
      return snapshot;

    default:
      if (socket) applyToSocket(socket, event);
      return snapshot;
  }
}

/**
 * The events that change nothing but one socket.
 * @typedef {Exclude<PlaygroundEvent, {type: 'socket_opened'|'call_started'|'call_returned'|'calls_summarised'|'transfer_started'|'transfer_finished'|'socket_removed'|'events_lost'|'notice'}>} OneSocketEvent
 */

/**
 * @param {Socket} socket
 * @param {OneSocketEvent} event
 */
function applyToSocket(socket, event) {
  switch (event.type) {
    case 'address_assigned':
      if (event.family) socket.family = event.family;
      if (event.local) socket.local = event.local;
      if (event.remote) socket.remote = event.remote;
      if (event.cookie) socket.cookie = event.cookie;
      return;
    case 'conn_accepted':
      socket.accepted = true;
      socket.descriptor = 'open';
      if (event.listener) socket.listener = event.listener;
      if (event.read_mode) socket.read_mode = event.read_mode;
      return;
    case 'peer_found':
      socket.peer = event.peer;
      return;
    case 'process_found':
      socket.process = event.process;
      return;
    case 'state_changed':
      socket.state = event.to;
      socket.state_since_ns = event.at_ns;
      socket.state_source = event.source;
      socket.reason = event.reason;
      if (event.to === 'CLOSED') socket.closed_ns = event.at_ns;
      return;
    case 'metrics_sampled':
      socket.metrics = event.metrics;
      socket.metrics_at_ns = event.at_ns;
      return;
    case 'options_read':
      socket.options = { ...socket.options, ...event.options };
      if (event.unsupported) socket.unsupported = { ...socket.unsupported, ...event.unsupported };
      return;
    case 'behavior_changed':
      socket.behavior = event.behavior;
      socket.settings = event.settings;
      return;
    case 'read_mode_changed':
      socket.read_mode = event.read_mode;
      return;
    case 'deadline_set': {
      const deadlines = { ...socket.deadlines };
      for (const kind of /** @type {const} */ (['read', 'write'])) {
        if (event.kind !== kind && event.kind !== 'both') continue;
        if (event.after_ms) deadlines[kind] = event.at_ns + event.after_ms * 1e6;
        else delete deadlines[kind];
      }
      socket.deadlines = deadlines;
      return;
    }
    case 'descriptor_closed':
      socket.descriptor = 'closed';
      return;
    case 'digest_computed':
      socket.digests = { ...socket.digests, [event.direction]: { bytes: event.bytes, sha256: event.sha256, from: event.from } };
      return;
    default:
      unknown(event);
  }
}

/**
 * @param {import('./types.js').SocketOpened} e
 * @returns {Socket}
 */
function open(e) {
  const waits = e.kind === 'conn' && e.listener !== undefined && !e.accepted;
  return {
    socket: e.socket, kind: e.kind, host: e.host, network: e.network, family: e.family, local: e.local,
    remote: e.remote, device: e.device, listener: e.listener, cookie: e.cookie, accepted: e.accepted,
    descriptor: e.kind === 'other' || waits ? 'none' : 'open',
    state: 'CLOSED', state_since_ns: e.at_ns, opened_ns: e.at_ns,
    behavior: e.behavior, settings: e.settings, backlog: e.backlog, read_mode: e.read_mode,
    wrote: 0, read: 0, write_calls: 0, read_calls: 0, process: e.process,
  };
}

/**
 * @param {Socket} socket
 * @param {string} op
 * @param {number} calls
 * @param {number} bytes
 */
function count(socket, op, calls, bytes) {
  if (op === 'Write') {
    socket.write_calls += calls;
    socket.wrote += bytes;
  } else if (op === 'Read') {
    socket.read_calls += calls;
    socket.read += bytes;
  }
}

/**
 * A newer server may know more events; they are kept in the log and change nothing here.
 * @param {never} _event
 */
function unknown(_event) {}
