// The reduction of events to a Snapshot: the same as Snapshot.Apply in playground/snapshot.go.

import { applyDemo } from './reduce-demo.js';

/** @import {EventHead, FlyingSegment, Lab, LabJson, PlaygroundEvent, Snapshot, SnapshotJson, Socket} from './types.js' */

/** @returns {Snapshot} */
export function emptySnapshot() {
  return { seq: 0, at_ns: 0, sockets: new Map(), calls: new Map(), transfers: new Map(), ports: [], lab: null, demo: null };
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
    ports: json.ports ?? [],
    lab: json.lab ? labFromJson(json.lab) : null,
    demo: json.demo ?? null,
  };
}

/** @param {LabJson} json @returns {Lab} */
function labFromJson(json) {
  return {
    backend: json.backend ?? 'capabilities', reason: json.reason, hosts: json.hosts ?? { client: [], server: [] },
    quick_ack: json.quick_ack ?? false, opened_ns: json.opened_ns ?? 0, wire: json.wire,
    kernel: json.kernel ?? {}, kernel_defaults: json.kernel_defaults ?? {},
    flying: new Map((json.flying ?? []).map((f) => [f.segment, flying(f)])),
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

    case 'port_watched': {
      const others = snapshot.ports.filter((port) => port !== event.port);
      snapshot.ports = event.on ? [...others, event.port].sort((a, b) => a - b) : others;
      return snapshot;
    }

    case 'lab_opened':
      snapshot.lab = {
        backend: event.backend, reason: event.reason, hosts: event.hosts, quick_ack: event.quick_ack ?? false,
        opened_ns: event.at_ns, wire: undefined, kernel: {}, kernel_defaults: {}, flying: new Map(),
      };
      return snapshot;

    case 'lab_closed':
      snapshot.lab = null;
      return snapshot;

    case 'quick_ack_set':
    case 'kernel_settings_read':
    case 'wire_changed':
    case 'segment_sent':
    case 'segment_landed':
    case 'wire_intervened':
      if (snapshot.lab) applyToLab(snapshot.lab, event);
      return snapshot;

    case 'demo_started':
    case 'demo_step_started':
    case 'demo_asked':
    case 'demo_predicted':
    case 'demo_check_decided':
    case 'demo_paused':
    case 'demo_reading':
    case 'demo_resumed':
    case 'demo_finished':
      snapshot.demo = applyDemo(snapshot.demo, event);
      return snapshot;

    case 'segments_summarised':
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
 * @typedef {Exclude<PlaygroundEvent, {type: 'socket_opened'|'call_started'|'call_returned'|'calls_summarised'|'transfer_started'|'transfer_finished'|'socket_removed'|'port_watched'|'lab_opened'|'lab_closed'|'segments_summarised'|'events_lost'|'notice'} | LabEvent | import('./types.js').DemoEvent>} OneSocketEvent
 * @typedef {Extract<PlaygroundEvent, {type: 'quick_ack_set'|'kernel_settings_read'|'wire_changed'|'segment_sent'|'segment_landed'|'wire_intervened'}>} LabEvent
 */

/**
 * The events that change nothing but the Lab.
 * @param {Lab} lab
 * @param {LabEvent} event
 */
function applyToLab(lab, event) {
  switch (event.type) {
    case 'quick_ack_set':
      lab.quick_ack = event.on;
      return;
    case 'kernel_settings_read':
      lab.kernel = { ...lab.kernel, [event.host]: { ...lab.kernel[event.host], ...event.settings } };
      if (event.defaults) lab.kernel_defaults = event.defaults;
      return;
    case 'wire_changed':
      lab.wire = event.wire;
      return;
    case 'segment_sent':
      // On this machine a segment lands as it leaves.
      if (event.network === 'lab') lab.flying.set(event.segment, flying(event));
      return;
    case 'segment_landed':
      lab.flying.delete(event.segment);
      return;
    case 'wire_intervened':
      intervene(lab, event);
      return;
    default:
      unknown(event);
  }
}

/**
 * A segment on the wire: what its event says, without what only events have.
 * @param {FlyingSegment & Partial<EventHead> & {type?: string}} event
 * @returns {FlyingSegment}
 */
function flying({ seq: _seq, at_ns: _at, type: _type, source: _source, ...segment }) {
  return segment;
}

/** @param {Lab} lab @param {import('./types.js').WireIntervened} event */
function intervene(lab, event) {
  const segment = lab.flying.get(event.segment);
  if (!segment) return;
  const { held: _held, ...free } = segment;
  switch (event.action) {
    case 'held':
      lab.flying.set(event.segment, { ...free, held: { by: event.by, rule: event.rule, at_ns: event.at_ns } });
      return;
    case 'released':
      lab.flying.set(event.segment, free);
      return;
    case 'dropped':
      lab.flying.delete(event.segment);
      return;
    case 'duplicated':
      if (event.copy) lab.flying.set(event.copy, { ...free, segment: event.copy, of: event.segment, left_ns: event.at_ns });
      return;
    case 'delayed':
    case 'corrupted':
    case 'reordered':
      return;
    default:
      unknown(event.action);
  }
}

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
    wrote: 0, read: 0, write_calls: 0, read_calls: 0,
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
