import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sendQueue } from '../js/explain.js';

/** @param {import('../js/types.js').TcpState} state @param {object} metrics */
function socket(state, metrics) {
  return /** @type {import('../js/types.js').Socket} */ (/** @type {unknown} */ ({ socket: 'C1', kind: 'conn', state, metrics }));
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
