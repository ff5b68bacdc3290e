import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acceptQueue, receiveQueue, sendQueue, unacknowledged } from '../js/explain.js';

/** @param {import('../js/types.js').TcpState} state @param {object} metrics */
function socket(state, metrics) {
  return /** @type {import('../js/types.js').Socket} */ (/** @type {unknown} */ ({ socket: 'C1', kind: 'conn', descriptor: 'open', state, metrics }));
}

test('what waits in the send buffer, in words', () => {
  for (const { name, state, metrics, want } of /** @type {const} */ ([
    { name: 'a SYN is nothing to be read', state: 'SYN_SENT', metrics: { send_q: 1, info: { snd_wnd: 0 }, timer: { kind: 'retransmit' } }, want: '' },
    { name: 'a SYN that was sent again', state: 'SYN_SENT', metrics: { send_q: 1, info: { snd_wnd: 0 }, timer: { kind: 'retransmit', retransmits: 2 } }, want: 'Sent 2 times again, not acknowledged.' },
    { name: 'a FIN alone', state: 'FIN_WAIT_1', metrics: { send_q: 1, info: { snd_wnd: 64240 } }, want: '' },
    { name: 'bytes before a FIN', state: 'FIN_WAIT_1', metrics: { send_q: 6, info: { snd_wnd: 64240 } }, want: '5 B not acknowledged yet.' },
    { name: 'a window of zero', state: 'ESTABLISHED', metrics: { send_q: 5, info: { snd_wnd: 0 } }, want: 'Waiting for S1.1 to read.' },
    { name: 'bytes', state: 'ESTABLISHED', metrics: { send_q: 5, info: { snd_wnd: 64240 } }, want: '5 B not acknowledged yet.' },
  ])) assert.equal(sendQueue(socket(state, metrics), 'S1.1'), want, name);
});

test('what waits in the receive buffer, in words', () => {
  for (const { name, state, metrics, want } of /** @type {const} */ ([
    { name: 'bytes', state: 'ESTABLISHED', metrics: { recv_q: 5 }, want: '5 B arrived and no Read has taken them.' },
    { name: 'a FIN alone', state: 'CLOSE_WAIT', metrics: { recv_q: 1 }, want: 'The FIN of the other side came; the next Read returns io.EOF.' },
    { name: 'bytes before a FIN', state: 'CLOSE_WAIT', metrics: { recv_q: 6 }, want: '5 B arrived and no Read has taken them.' },
    { name: 'nothing left', state: 'CLOSE_WAIT', metrics: { recv_q: 0 }, want: '' },
  ])) assert.equal(receiveQueue(socket(state, metrics)), want, name);
  assert.equal(unacknowledged(socket('LAST_ACK', { send_q: 1 })), 0);
});

test('a full accept queue, and what it cost', () => {
  assert.equal(acceptQueue(false, 0), '');
  assert.equal(acceptQueue(true, 0), 'Full: a SYN gets no answer now.');
  assert.equal(acceptQueue(true, 2), 'Full. SYNs are being dropped, 2 so far.');
  assert.equal(acceptQueue(false, 1), '1 segment dropped so far.');
  assert.equal(acceptQueue(false, 1200), '1,200 segments dropped so far.');
});
