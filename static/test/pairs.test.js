import assert from 'node:assert/strict';
import { test } from 'node:test';

import { whyNot } from '../js/desk.js';
import { allPairs, follow, pairOf } from '../js/pairs.js';
import { emptySnapshot } from '../js/reduce.js';

/** @import {Snapshot, Socket} from '../js/types.js' */

/** @param {Partial<Socket> & {socket: string}} some @returns {Socket} */
function socket(some) {
  return { kind: 'conn', host: 'client', descriptor: 'open', state: 'ESTABLISHED', state_since_ns: 0, opened_ns: 0, wrote: 0, read: 0, write_calls: 0, read_calls: 0, ...some };
}

/** @param {...(Partial<Socket> & {socket: string})} sockets @returns {Snapshot} */
function snapshot(...sockets) {
  const s = emptySnapshot();
  for (const some of sockets) s.sockets.set(some.socket, socket(some));
  return s;
}

const S1 = /** @type {const} */ ({ socket: 'S1', kind: 'listener', host: 'server', state: 'LISTEN' });
const C1 = /** @type {const} */ ({ socket: 'C1', peer: 'S1.1' });
const S11 = /** @type {const} */ ({ socket: 'S1.1', host: 'server', listener: 'S1', peer: 'C1' });

test('both ends name the same connection, the dialling side left', () => {
  const s = snapshot(S1, C1, S11);
  assert.deepEqual(pairOf(s, 'C1'), { left: 'C1', right: 'S1.1' });
  assert.deepEqual(pairOf(s, 'S1.1'), { left: 'C1', right: 'S1.1' });
  assert.deepEqual(allPairs(s), [{ left: 'C1', right: 'S1.1' }]);
});

test('another program that dialled us stands left, one that we dialled right', () => {
  const dialled = snapshot(S1, { ...S11, peer: 'X1' }, { socket: 'X1', kind: 'other', descriptor: 'none', peer: 'S1.1' });
  assert.deepEqual(pairOf(dialled, 'S1.1'), { left: 'X1', right: 'S1.1' });
  const dialling = snapshot({ socket: 'C1', peer: 'X1' }, { socket: 'X1', kind: 'other', host: 'server', descriptor: 'none', peer: 'C1' });
  assert.deepEqual(pairOf(dialling, 'X1'), { left: 'C1', right: 'X1' });
});

test('a listener alone is shown until somebody connects', () => {
  const nobody = { left: null, right: null };
  const waiting = follow(snapshot(S1), nobody, false);
  assert.deepEqual(waiting, { left: null, right: 'S1' });
  assert.deepEqual(follow(snapshot(S1, C1, S11), waiting, true), { left: 'C1', right: 'S1.1' });
});

test('the connection that was chosen stays, and is completed once its other end is seen', () => {
  const half = follow(snapshot(S1, { socket: 'C1' }), { left: null, right: 'S1' }, false);
  assert.deepEqual(half, { left: 'C1', right: null });
  assert.deepEqual(follow(snapshot(S1, C1, S11, { socket: 'C2' }), half, true), { left: 'C1', right: 'S1.1' });
});

test('while none was chosen the newest connection is shown, of other programs too', () => {
  const server = /** @type {const} */ ({ socket: 'X1', kind: 'other', host: 'server', state: 'LISTEN', descriptor: 'none', local: ':8000' });
  const end = (/** @type {string} */ name, /** @type {string} */ peer, opened_ns = 0) => /** @type {const} */ ({ socket: name, kind: 'other', descriptor: 'none', remote: '192.0.2.2:8000', peer, opened_ns });
  assert.deepEqual(follow(snapshot(server, end('X2', 'X3'), { ...end('X3', 'X2'), host: 'server' }), { left: null, right: 'X1' }, true), { left: 'X2', right: 'X3' });
  const later = snapshot(server, { ...end('X2', 'X3'), state: 'TIME_WAIT' }, { ...end('X3', 'X2'), host: 'server', state: 'CLOSED' }, end('X4', '', 2e9));
  assert.deepEqual(follow(later, { left: 'X2', right: 'X3' }, false).left, 'X4');
  assert.deepEqual(follow(later, { left: 'X2', right: 'X3' }, true), { left: 'X2', right: 'X3' });
  assert.deepEqual(follow(snapshot(end('X2', '', 0), end('X4', '', 1e8)), { left: 'X2', right: null }, false).left, 'X2', 'a busy port does not turn the pages');
});

test('what cannot be done says why', () => {
  assert.equal(whyNot('send', socket({ socket: 'C1' })), '');
  assert.equal(whyNot('send', socket({ socket: 'C1', state: 'FIN_WAIT_2' })), 'You closed your side.');
  assert.equal(whyNot('read', socket({ socket: 'C1', state: 'FIN_WAIT_2' })), '');
  assert.equal(whyNot('close', socket({ socket: 'C1', state: 'CLOSED', reason: 'reset_received' })), '');
  for (const [action, some] of /** @type {const} */ ([
    ['send', { socket: 'X1', kind: 'other' }], ['send', { socket: 'C1', state: 'SYN_SENT' }], ['send', { socket: 'C1', descriptor: 'closed' }],
    ['close', { socket: 'S1.1', descriptor: 'none', listener: 'S1' }], ['accept', { ...S1, behavior: 'echo' }], ['accept', { socket: 'C1' }],
    ['redial', { socket: 'C1' }], ['redial', { ...S11 }], ['remove', { socket: 'C1' }],
  ])) assert.match(whyNot(action, socket(some)), /\.$/, `${action} ${some.socket}`);
  assert.match(whyNot('close', undefined), /^No socket is active/);
});
