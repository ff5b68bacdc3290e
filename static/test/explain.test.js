import assert from 'node:assert/strict';
import { test } from 'node:test';

import { endedBy, timerName, timerWords } from '../js/explain-timer.js';
import { acceptQueue, receiveQueue, sendQueue, tcpInfo, unacknowledged } from '../js/explain.js';

/** @param {import('../js/types.js').TcpState} state @param {object} metrics */
function socket(state, metrics) {
  return /** @type {import('../js/types.js').Socket} */ (/** @type {unknown} */ ({ socket: 'C1', kind: 'conn', descriptor: 'open', state, metrics }));
}

test('what waits in the send buffer, in words', () => {
  for (const { name, state, metrics, want } of /** @type {const} */ ([
    { name: 'a SYN is nothing to be read', state: 'SYN_SENT', metrics: { send_q: 1, info: { snd_wnd: 0 }, timer: { kind: 'retransmit' } }, want: '' },
    { name: 'a SYN that was sent again', state: 'SYN_SENT', metrics: { send_q: 1, info: { snd_wnd: 0 }, timer: { kind: 'retransmit', retransmits: 2 } }, want: 'Timed out and sent again 2 times, not acknowledged.' },
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
  assert.equal(acceptQueue(false, 1), 'The kernel ignored 1 (drops).');
  assert.equal(acceptQueue(false, 1200), 'The kernel ignored 1,200 (drops).');
});

test('a timer says what it is for, and where the kernel does not say, all that it may be', () => {
  for (const { name, state, timer, info, called, want } of /** @type {const} */ ([
    { name: 'none', state: 'ESTABLISHED', timer: undefined, called: '', want: 'No timer runs.' },
    { name: 'the first data, unacknowledged', state: 'ESTABLISHED', timer: { kind: 'retransmit', for: ['rto', 'tlp'], expires_ms: 204 }, called: 'retransmission or tail loss probe',
      want: 'Runs out in 204 ms. The kernel does not tell which it is: the retransmission timeout, which sends the oldest unacknowledged segment again; or the tail loss probe, which sends the last segment again, or new data (RFC 8985).' },
    { name: 'after a timeout', state: 'ESTABLISHED', timer: { kind: 'retransmit', for: ['rto'], expires_ms: 410, retransmits: 2 }, called: 'retransmission', want: 'Sends the oldest unacknowledged segment again in 410 ms. Did so 2 times.' },
    { name: 'a SYN', state: 'SYN_SENT', timer: { kind: 'retransmit', for: ['syn'], expires_ms: 1000, retransmits: 1 }, called: 'SYN', want: 'Sends the SYN again in 1.0 s. Did so 1 time.' },
    { name: 'a SYN, ACK', state: 'SYN_RCVD', timer: { kind: 'retransmit', for: ['syn_ack'], expires_ms: 696 }, called: 'SYN, ACK', want: 'Sends the SYN, ACK again in 696 ms; if the listener defers Accept, it waits for data instead.' },
    { name: 'FIN_WAIT_2 of an orphan, above 60 s', state: 'FIN_WAIT_2', timer: { kind: 'keepalive', for: ['fin_wait_2'], expires_ms: 59_000 }, called: 'FIN_WAIT_2',
      want: 'Nobody will read the other side’s FIN here: this part of the wait for it ends in 59 s (tcp_fin_timeout).' },
    { name: 'FIN_WAIT_2 of an orphan, the last 60 s', state: 'FIN_WAIT_2', timer: { kind: 'time_wait', for: ['fin_wait_2'], expires_ms: 59_000 }, called: 'FIN_WAIT_2',
      want: 'Nobody will read the other side’s FIN here: the kernel waits for it 59 s more, then forgets the connection (tcp_fin_timeout).' },
    { name: 'a window of zero', state: 'ESTABLISHED', timer: { kind: 'persist', for: ['window_probe'], expires_ms: 1220 }, info: { snd_wnd: 0 }, called: 'window probe', want: 'The other side’s window is 0; probes it again in 1.2 s.' },
    { name: 'a window too small', state: 'ESTABLISHED', timer: { kind: 'persist', for: ['window_probe'], expires_ms: 220 }, info: { snd_wnd: 500 }, called: 'window probe',
      want: 'The other side’s window of 500 B is too small for what waits; in 220 ms the kernel sends what fits.' },
    { name: 'a recording of before', state: 'ESTABLISHED', timer: { kind: 'keepalive', expires_ms: 15_000, retransmits: 1 }, called: 'keepalive',
      want: 'In 15 s the kernel looks whether the other side was silent long enough, and if so asks for a sign of life. 1 question has no answer.' },
  ])) {
    const of = /** @type {import('../js/types.js').Timer|undefined} */ (/** @type {unknown} */ (timer));
    assert.equal(timerWords(of, socket(state, { info })), want, name);
    if (of) assert.equal(timerName(of), called, name);
  }
  assert.deepEqual(['retransmit', 'fin_wait_2', 'time_wait', 'persist'].map(endedBy), ['retransmission', 'FIN_WAIT_2', 'TIME_WAIT', 'window probe']);
});

test('a window that no scale was agreed for says what bounds it', () => {
  const bound = /65,535 at most/;
  assert.match(tcpInfo('rcv_wnd', /** @type {any} */ ({ rcv_wnd: 65_535, options: ['timestamps', 'sack'] })), bound);
  assert.match(tcpInfo('rcv_wnd', /** @type {any} */ ({ rcv_wnd: 65_535 })), bound);
  assert.doesNotMatch(tcpInfo('rcv_wnd', /** @type {any} */ ({ rcv_wnd: 1_000_000, options: ['wscale'] })), bound);
});
