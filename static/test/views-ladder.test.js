import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildLadder } from '../js/views/ladder-model.js';
import { Log, openConnection } from './views-events.js';

const PAIR = { left: 'C1', right: 'S1.1' };

/** @param {import('../js/views/ladder-model.js').LadderModel} model */
function told(model) {
  return model.rows.map((row) => {
    if (row.kind === 'gap') return `gap ${row.silence / 1e9}`;
    const call = row.call ? `${row.answer ? '→ ' : ''}${row.call.op}` : row.note?.type ?? '';
    return [call, ...row.states.map((state) => `${state.socket} ${state.to}`)].filter(Boolean).join(' + ');
  });
}

/** @param {import('../js/views/ladder-model.js').Band[]} bands */
function rail(bands) {
  return bands.map(({ state, from, to }) => `${state} ${from}-${to ?? ''}`);
}

describe('rows of the ladder', () => {
  it('stand in the order of the events, with the calls of the listener that belong to the connection', () => {
    const log = openConnection();
    const model = buildLadder(PAIR, log.sockets, log.events);
    assert.deepEqual(told(model), [
      'Listen + S1 LISTEN', 'Accept', 'gap 8.9998', 'Dial + C1 SYN_SENT', 'S1.1 SYN_RCVD', 'S1.1 ESTABLISHED', '→ Dial + C1 ESTABLISHED', '→ Accept',
    ]);
    assert.equal(model.origin, 10_000e6);
  });

  it('grow to the same as when they are built at once', () => {
    const log = openConnection();
    log.returned(10_001, 'C1', 4, 'Write', { n: 5, result: '5, nil' });
    log.start(10_002, 'C1', 5, 'Close');
    log.state(10_002.1, 'C1', 'ESTABLISHED', 'FIN_WAIT_1', { cause: 5 });
    log.returned(10_002.2, 'C1', 5, 'Close');
    const whole = buildLadder(PAIR, log.sockets, log.events);
    const grown = buildLadder(PAIR, log.sockets, log.events.slice(0, 14));
    for (const event of log.events.slice(14)) grown.add(event);
    assert.deepEqual(told(grown), told(whole));
    assert.deepEqual(grown.bands, whole.bands);
  });

  it('say in one row what began and returned with nothing between', () => {
    const log = openConnection();
    log.start(10_001, 'C1', 4, 'Write');
    log.returned(10_001.1, 'C1', 4, 'Write', { n: 5 });
    const model = buildLadder(PAIR, log.sockets, log.events);
    const last = model.rows.at(-1);
    assert.equal(last?.call?.type, 'call_returned');
    assert.equal(last?.answer, false);
    assert.deepEqual(last?.seqs, [15, 16]);
    assert.equal(model.waits.filter((wait) => wait.call.op === 'Write').length, 0);
    assert.equal(model.rowOf(15), last);
    assert.equal(model.rowOf(16), last);
  });

  it('say a Listen and the state that it made in one, but not a Dial that made SYN_SENT', () => {
    const log = new Log();
    log.start(1, 'S1', 1, 'Listen');
    log.add(1, { type: 'socket_opened', socket: 'S1', kind: 'listener', host: 'server', call: 1 });
    log.state(1.1, 'S1', 'CLOSED', 'LISTEN', { cause: 1 });
    log.returned(1.2, 'S1', 1, 'Listen', { result: 'listener, nil' });
    const model = buildLadder({ left: null, right: 'S1' }, log.sockets, log.events);
    assert.deepEqual(told(model), ['Listen + S1 LISTEN']);
    assert.equal(model.rows[0].call?.type, 'call_returned');
    assert.deepEqual(model.waits, []);
  });

  it('leave out what is about other sockets and what is only measured', () => {
    const log = openConnection();
    const rows = buildLadder(PAIR, log.sockets, log.events).rows.length;
    log.state(10_003, 'C2', 'CLOSED', 'SYN_SENT');
    log.start(10_003, 'S1', 9, 'Accept');
    log.add(10_003, { type: 'metrics_sampled', socket: 'C1', metrics: {} });
    assert.equal(buildLadder(PAIR, log.sockets, log.events).rows.length, rows);
  });

  it('have a gap after more than a second of silence, not at a second', () => {
    const log = openConnection();
    log.returned(11_000.1, 'C1', 4, 'Write');
    log.returned(12_000.2, 'C1', 5, 'Write');
    assert.deepEqual(told(buildLadder(PAIR, log.sockets, log.events)).slice(-3), ['Write', 'gap 1.0001', 'Write']);
  });

  it('ask to be built again when an Accept turns out to belong', () => {
    const log = openConnection();
    const model = buildLadder(PAIR, log.sockets, log.events.slice(0, 12));
    for (const event of log.events.slice(12)) model.add(event);
    assert.equal(model.stale, true);
  });

  it('sum up fast calls in one', () => {
    const log = openConnection();
    log.add(10_050, { type: 'calls_summarised', socket: 'C1', op: 'Read', calls: 812, bytes: 53_477_376, first_ns: 0, last_ns: 1 });
    assert.equal(told(buildLadder(PAIR, log.sockets, log.events)).at(-1), 'calls_summarised');
  });
});

describe('bands of the ladder', () => {
  it('run from the row of their event to the next', () => {
    const log = openConnection();
    const model = buildLadder(PAIR, log.sockets, log.events);
    assert.deepEqual(rail(model.bands.client), ['CLOSED 1-4', 'SYN_SENT 4-7', 'ESTABLISHED 7-']);
    assert.deepEqual(rail(model.bands.server), ['LISTEN 1-5', 'SYN_RCVD 5-6', 'ESTABLISHED 6-']);
  });

  it('keep how each state is known', () => {
    const log = openConnection();
    const model = buildLadder(PAIR, log.sockets, log.events);
    assert.deepEqual(model.bands.client.map((band) => band.source), ['inferred', 'inferred', 'call']);
    assert.deepEqual(model.bands.server.map((band) => band.source), ['call', 'inferred', 'sock_diag']);
  });

  it('begin with what the snapshot says where the events are gone', () => {
    const log = openConnection();
    const model = buildLadder(PAIR, log.sockets, []);
    assert.deepEqual(rail(model.bands.client), ['ESTABLISHED 1-']);
    assert.deepEqual(rail(model.bands.server), ['ESTABLISHED 1-']);
  });

  it('begin with the state that the first known event came from', () => {
    const log = openConnection();
    const last = log.state(20_000, 'C1', 'ESTABLISHED', 'FIN_WAIT_1');
    const model = buildLadder(PAIR, log.sockets, [last]);
    assert.deepEqual(rail(model.bands.client), ['ESTABLISHED 1-1', 'FIN_WAIT_1 1-']);
  });

  it('show a refused dial alone', () => {
    const log = new Log();
    log.add(5, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', remote: '127.0.0.1:9' });
    log.start(5, 'C1', 1, 'Dial');
    log.state(5, 'C1', 'CLOSED', 'SYN_SENT', { source: 'inferred', cause: 1 });
    log.state(5.1, 'C1', 'SYN_SENT', 'CLOSED', { source: 'call', cause: 1, reason: 'refused' });
    log.returned(5.1, 'C1', 1, 'Dial', { error: { text: 'dial tcp 127.0.0.1:9: connect: connection refused', kind: 'refused' } });
    const model = buildLadder({ left: 'C1', right: null }, log.sockets, log.events);
    assert.deepEqual(told(model), ['Dial + C1 SYN_SENT', '→ Dial + C1 CLOSED']);
    assert.equal(model.bands.client.at(-1)?.event?.reason, 'refused');
    assert.deepEqual(model.bands.server, []);
  });
});

describe('calls that wait', () => {
  it('run from their start to their return', () => {
    const log = openConnection();
    const { waits } = buildLadder(PAIR, log.sockets, log.events);
    assert.deepEqual(waits.map(({ call, from, to }) => [call.op, from, to]), [['Accept', 2, 8], ['Dial', 4, 7]]);
  });

  it('stand beside each other while they wait at the same time', () => {
    const log = openConnection();
    log.start(10_001, 'C1', 4, 'Read');
    log.start(10_002, 'C1', 5, 'Write');
    log.returned(10_003, 'C1', 4, 'Read');
    log.start(10_004, 'C1', 6, 'Read');
    const { waits } = buildLadder(PAIR, log.sockets, log.events);
    assert.deepEqual(waits.slice(-3).map(({ call, lane, to }) => [call.call, lane, to !== null]), [[4, 0, true], [5, 1, false], [6, 0, false]]);
  });
});
