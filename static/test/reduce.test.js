import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apply, emptySnapshot, fromJson } from '../js/reduce.js';

/** @import {PlaygroundEvent, Snapshot} from '../js/types.js' */

/**
 * Numbers the events and applies them all.
 * @param {object[]} events
 * @param {Snapshot} [snapshot]
 */
function reduce(events, snapshot = emptySnapshot()) {
  let seq = snapshot.seq;
  for (const event of events) apply(snapshot, /** @type {PlaygroundEvent} */ ({ seq: ++seq, at_ns: seq * 1000, ...event }));
  return snapshot;
}

/** @param {Snapshot} snapshot @param {string} id */
function socket(snapshot, id) {
  const found = snapshot.sockets.get(id);
  assert.ok(found, `there is no ${id}`);
  return found;
}

const DIALLED = { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', remote: '127.0.0.1:8330', read_mode: 'auto', call: 1 };

test('a dialled socket begins CLOSED with an open descriptor', () => {
  const c1 = socket(reduce([DIALLED]), 'C1');
  assert.equal(c1.state, 'CLOSED');
  assert.equal(c1.descriptor, 'open');
  assert.equal(c1.opened_ns, 1000);
  assert.deepEqual([c1.wrote, c1.read, c1.write_calls, c1.read_calls], [0, 0, 0, 0]);
});

test('a connection in the accept queue has no descriptor until it is accepted', () => {
  const opened = { type: 'socket_opened', socket: 'S1.1', kind: 'conn', host: 'server', listener: 'S1' };
  const snapshot = reduce([opened]);
  assert.equal(socket(snapshot, 'S1.1').descriptor, 'none');
  reduce([{ type: 'conn_accepted', socket: 'S1.1', listener: 'S1', read_mode: 'manual' }], snapshot);
  assert.equal(socket(snapshot, 'S1.1').descriptor, 'open');
  assert.equal(socket(snapshot, 'S1.1').accepted, true);
  assert.equal(socket(snapshot, 'S1.1').read_mode, 'manual');
});

test('another program’s socket never has a descriptor of ours', () => {
  const x1 = socket(reduce([{ type: 'socket_opened', socket: 'X1', kind: 'other', host: 'client' }]), 'X1');
  assert.equal(x1.descriptor, 'none');
});

test('a state change sets state, time, source and reason', () => {
  const snapshot = reduce([DIALLED, { type: 'state_changed', socket: 'C1', from: 'CLOSED', to: 'SYN_SENT', source: 'inferred' }]);
  assert.equal(socket(snapshot, 'C1').state_source, 'inferred');
  reduce([{ type: 'state_changed', socket: 'C1', from: 'SYN_SENT', to: 'CLOSED', source: 'sock_diag', reason: 'refused' }], snapshot);
  const c1 = socket(snapshot, 'C1');
  assert.deepEqual([c1.state, c1.reason, c1.state_since_ns, c1.closed_ns], ['CLOSED', 'refused', 3000, 3000]);
});

test('bytes are counted from calls and from summaries', () => {
  const c1 = socket(reduce([
    DIALLED,
    { type: 'call_returned', socket: 'C1', call: 2, op: 'Write', started_ns: 0, result: '5, nil', n: 5, bytes: 5 },
    { type: 'calls_summarised', socket: 'C1', op: 'Write', calls: 10, bytes: 1000, first_ns: 0, last_ns: 1 },
    { type: 'call_returned', socket: 'C1', call: 3, op: 'Read', started_ns: 0, result: '7, nil', n: 7 },
    { type: 'call_returned', socket: 'C1', call: 4, op: 'SetNoDelay', started_ns: 0, result: 'nil' },
  ]), 'C1');
  assert.deepEqual([c1.wrote, c1.write_calls, c1.read, c1.read_calls], [1005, 11, 7, 1]);
});

test('a call stands from its start to its return', () => {
  const snapshot = reduce([DIALLED, { type: 'call_started', socket: 'C1', call: 2, op: 'Read', by: 'user' }]);
  assert.equal(snapshot.calls.get(2)?.started_ns, 2000);
  reduce([{ type: 'call_returned', socket: 'C1', call: 2, op: 'Read', started_ns: 2000, result: '0, EOF', error: { text: 'EOF', kind: 'eof' } }], snapshot);
  assert.equal(snapshot.calls.size, 0);
  assert.equal(socket(snapshot, 'C1').error?.kind, 'eof');
});

test('options are merged, the newest value holds', () => {
  const c1 = socket(reduce([
    DIALLED,
    { type: 'options_read', socket: 'C1', options: { NoDelay: true, TTL: 64 }, unsupported: { MaxSeg: 'not here' } },
    { type: 'options_read', socket: 'C1', options: { NoDelay: false } },
  ]), 'C1');
  assert.deepEqual(c1.options, { NoDelay: false, TTL: 64 });
  assert.deepEqual(c1.unsupported, { MaxSeg: 'not here' });
});

test('a deadline of both directions is set and cleared', () => {
  const snapshot = reduce([DIALLED, { type: 'deadline_set', socket: 'C1', kind: 'both', after_ms: 5 }]);
  assert.deepEqual(socket(snapshot, 'C1').deadlines, { read: 5_002_000, write: 5_002_000 });
  reduce([{ type: 'deadline_set', socket: 'C1', kind: 'write' }], snapshot);
  assert.deepEqual(socket(snapshot, 'C1').deadlines, { read: 5_002_000 });
});

test('transfers, digests, peers and removal', () => {
  const snapshot = reduce([
    DIALLED,
    { type: 'transfer_started', socket: 'C1', transfer: 9, encoding: 'random', bytes: 100, chunk: 10 },
    { type: 'peer_found', socket: 'C1', peer: 'S1.1' },
    { type: 'digest_computed', socket: 'C1', direction: 'written', bytes: 100, sha256: 'ab', from: 0 },
  ]);
  assert.equal(snapshot.transfers.get(9)?.bytes, 100);
  assert.equal(socket(snapshot, 'C1').peer, 'S1.1');
  assert.deepEqual(socket(snapshot, 'C1').digests?.written, { bytes: 100, sha256: 'ab', from: 0 });
  reduce([{ type: 'transfer_finished', socket: 'C1', transfer: 9, bytes: 100 }, { type: 'socket_removed', socket: 'C1' }], snapshot);
  assert.equal(snapshot.transfers.size, 0);
  assert.equal(snapshot.sockets.size, 0);
});

test('an event about a socket that is gone changes nothing but the position', () => {
  const snapshot = reduce([{ type: 'state_changed', socket: 'C7', from: 'CLOSED', to: 'SYN_SENT' }]);
  assert.equal(snapshot.seq, 1);
  assert.equal(snapshot.sockets.size, 0);
});

test('a snapshot of the server is taken over', () => {
  const snapshot = fromJson({
    seq: 7, at_ns: 70, calls: [], transfers: [],
    sockets: [{ socket: 'S1', kind: 'listener', host: 'server', descriptor: 'open', state: 'LISTEN', state_since_ns: 1, opened_ns: 1, wrote: 0, read: 0, write_calls: 0, read_calls: 0 }],
  });
  reduce([{ type: 'behavior_changed', socket: 'S1', behavior: 'echo' }], snapshot);
  assert.equal(snapshot.seq, 8);
  assert.equal(socket(snapshot, 'S1').behavior, 'echo');
});
