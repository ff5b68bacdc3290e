import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Layout } from '../js/views/ladder-layout.js';
import { buildLadder } from '../js/views/ladder-model.js';
import { ladderTime, narrowTime } from '../js/views/ladder-parts.js';
import { Log, openConnection } from './views-events.js';

/** @import {Band, Row} from '../js/views/ladder-layout.js' */

const PAIR = { left: 'C1', right: 'S1.1' };

/** @param {Log} log @param {import('../js/types.js').Pair} [pair] */
const build = (log, pair = PAIR) => buildLadder(pair, log.sockets, log.events, log.segments);

/** @param {Log} log @param {import('../js/types.js').Pair} [pair] */
const lay = (log, pair = PAIR) => new Layout(build(log, pair));

/** @param {Layout} layout */
const told = (layout) => layout.rows.map(say);

/** @param {Row} row */
function say(row) {
  if (row.kind === 'gap') return `gap ${row.silence / 1e9}`;
  const own = row.kind === 'segment' ? `${row.segment?.number} ${row.segment?.sent.flags}` : row.kind === 'land' ? `${row.segment?.number} lands` : row.note?.type ?? '';
  const calls = row.calls.map(({ info, part }) => `${part === 'answer' ? '→ ' : ''}${info.op}${part === 'begin' ? ' …' : ''}`);
  return [own, ...calls, ...row.states.map((state) => `${state.socket} ${state.to}`)].filter(Boolean).join(' + ');
}

/** @param {Band[]} bands */
const rail = (bands) => bands.map(({ state, from, to }) => `${state} ${from}-${to ?? ''}`);

/** @param {Layout} layout */
const arrows = (layout) => layout.arrows.map(({ segment, from, to, leaves }) => `${segment.number} ${leaves} ${from}-${to}`);

/** A handshake in the Lab, seen on the wire, with 20 ms each way. */
function labHandshake() {
  const log = new Log();
  log.add(0, { type: 'lab_opened', backend: 'capabilities', hosts: { client: [], server: [] } });
  log.add(1000, { type: 'socket_opened', socket: 'S1', kind: 'listener', host: 'server', network: 'lab', local: '[::]:8330' });
  log.start(1000.2, 'S1', 2, 'Accept');
  log.add(1500, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', network: 'lab', call: 3 });
  log.start(1500, 'C1', 3, 'Dial');
  const syn = log.sent(1500.1, 'client', 'SYN', { seq_rel: 0, peer: undefined });
  log.state(1500.1, 'C1', 'CLOSED', 'SYN_SENT', { segment: syn, edge: 'left' });
  log.landed(1520, syn);
  log.add(1520, { type: 'socket_opened', socket: 'S1.1', kind: 'conn', host: 'server', network: 'lab', listener: 'S1', local: '127.0.0.1:8330', remote: '127.0.0.1:50000' });
  log.state(1520, 'S1.1', 'CLOSED', 'SYN_RCVD', { segment: syn, edge: 'landed' });
  const answer = log.sent(1520.1, 'server', 'SYN, ACK', { seq_rel: 0, ack_rel: 1 });
  log.landed(1540, answer);
  log.state(1540, 'C1', 'SYN_SENT', 'ESTABLISHED', { segment: answer, edge: 'landed' });
  const ack = log.sent(1540.1, 'client', 'ACK', { seq_rel: 1, ack_rel: 1 });
  log.returned(1540.2, 'C1', 3, 'Dial', { result: 'conn, nil', started_ns: 1500e6 });
  log.landed(1560, ack);
  log.state(1560, 'S1.1', 'SYN_RCVD', 'ESTABLISHED', { segment: ack, edge: 'landed' });
  log.returned(1560.1, 'S1', 2, 'Accept', { result: '127.0.0.1:50000, nil', started_ns: 1000.2e6 });
  log.add(1560.1, { type: 'conn_accepted', socket: 'S1.1', listener: 'S1', call: 2 });
  return log;
}

describe('rows of the ladder', () => {
  it('stand in the order of time, with the calls of the listener that belong to the connection', () => {
    const log = openConnection();
    assert.deepEqual(told(lay(log)), [
      'Listen + S1 LISTEN', 'gap 8.9998', 'Dial … + C1 SYN_SENT', 'S1.1 SYN_RCVD', 'S1.1 ESTABLISHED', '→ Dial + C1 ESTABLISHED', 'Accept',
    ]);
    assert.equal(build(log).origin, 10_000e6);
  });

  it('grow to the same as when they are built at once', () => {
    const log = labHandshake();
    const half = log.events.length >> 1;
    const grown = buildLadder(PAIR, log.sockets, log.events.slice(0, half), log.segments);
    for (const event of log.events.slice(half)) grown.add(event);
    // The Accept turned out to belong only at the end.
    assert.equal(grown.stale, true);
    const events = log.events.filter((event) => event.type !== 'conn_accepted');
    const whole = buildLadder(PAIR, log.sockets, events, log.segments);
    const again = buildLadder(PAIR, log.sockets, [], log.segments);
    for (const event of events) again.add(event);
    assert.deepEqual(told(new Layout(again)), told(new Layout(whole)));
  });

  it('say in one what began and returned at once', () => {
    const log = openConnection();
    log.start(10_001, 'C1', 4, 'Write');
    log.returned(10_001.1, 'C1', 4, 'Write', { n: 5, started_ns: 10_001e6 });
    const layout = lay(log);
    const last = layout.rows.at(-1);
    assert.equal(last && say(last), 'Write');
    assert.equal(layout.waits.filter((wait) => wait.info.op === 'Write').length, 0);
    assert.equal(layout.rowOf(15), last);
    assert.equal(layout.rowOf(16), last);
  });

  it('leave out what is about other sockets and what is only measured', () => {
    const log = openConnection();
    const rows = lay(log).rows.length;
    log.state(10_003, 'C2', 'CLOSED', 'SYN_SENT');
    log.start(10_003, 'S1', 9, 'Accept');
    log.add(10_003, { type: 'metrics_sampled', socket: 'C1', metrics: {} });
    log.sent(10_004, 'client', 'ACK', { socket: 'C2', peer: 'S1.2', src: '127.0.0.1:50001' });
    assert.equal(lay(log).rows.length, rows);
  });

  it('have a gap after more than a second of silence, not at a second', () => {
    const log = openConnection();
    log.returned(11_000.1, 'C1', 4, 'Write', { started_ns: 11_000.1e6 });
    log.returned(12_000.2, 'C1', 5, 'Write', { started_ns: 12_000.2e6 });
    assert.deepEqual(told(lay(log)).slice(-3), ['Write', 'gap 1.0001', 'Write']);
  });

  it('ask to be built again when an Accept turns out to belong', () => {
    const log = openConnection();
    const model = buildLadder(PAIR, log.sockets, log.events.slice(0, 12), log.segments);
    for (const event of log.events.slice(12)) model.add(event);
    assert.equal(model.stale, true);
  });

  it('sum up fast calls and fast segments in one each', () => {
    const log = openConnection();
    log.add(10_050, { type: 'calls_summarised', socket: 'C1', op: 'Read', calls: 812, bytes: 53_477_376, first_ns: 0, last_ns: 1 });
    log.add(10_060, { type: 'segments_summarised', socket: 'C1', peer: 'S1.1', network: 'lab', first: 1, last: 90, count: 90, bytes: 9, data_segments: 3, first_ns: 10_055e6, last_ns: 10_060e6 });
    assert.deepEqual(told(lay(log)).slice(-2), ['calls_summarised', 'segments_summarised']);
  });

  it('take in what became known late at its own time', () => {
    const log = openConnection();
    log.returned(10_005, 'C1', 4, 'SetNoDelay', { started_ns: 10_005e6 });
    log.sent(10_006, 'client', 'ACK', { left_ns: 10_003e6 });
    assert.deepEqual(told(lay(log)).slice(-2), ['1 ACK', 'SetNoDelay']);
  });
});

describe('segments of the ladder', () => {
  it('stand level with the calls that they cause or end, and carry the states', () => {
    const layout = lay(labHandshake());
    assert.deepEqual(told(layout), [
      '1 SYN + Dial … + C1 SYN_SENT + S1.1 SYN_RCVD', '2 SYN, ACK + → Dial + C1 ESTABLISHED', '3 ACK + Accept + S1.1 ESTABLISHED',
    ]);
    assert.deepEqual(arrows(layout), ['1 client 2-3', '2 server 4-5', '3 client 6-7']);
    assert.deepEqual(rail(layout.bands.client), ['CLOSED 1-2', 'SYN_SENT 2-5', 'ESTABLISHED 5-']);
    assert.deepEqual(rail(layout.bands.server), ['SYN_RCVD 3-7', 'ESTABLISHED 7-']);
  });

  it('cross where both are on the wire, each from its real leaving to its real landing', () => {
    const log = labHandshake();
    const there = log.sent(1600, 'client', 'FIN, ACK', { seq_rel: 1 });
    const back = log.sent(1601, 'server', 'FIN, ACK', { seq_rel: 1 });
    log.landed(1620, there);
    log.state(1620, 'S1.1', 'FIN_WAIT_1', 'CLOSING', { segment: there, edge: 'landed' });
    log.landed(1621, back);
    const layout = lay(log);
    // there leaves, back leaves, there lands below back's drop, back lands on a line of its own
    assert.deepEqual(arrows(layout).slice(-2), ['4 client 8-11', '5 server 10-12']);
    assert.deepEqual(told(layout).slice(-2), ['5 FIN, ACK + S1.1 CLOSING', '5 lands']);
    assert.equal(layout.bands.server.at(-1)?.from, 11);
  });

  it('land as they leave on this machine', () => {
    const log = openConnection();
    log.sent(10_001, 'client', 'PSH, ACK', { network: 'machine', seq_rel: 1, len: 5 });
    log.sent(10_001.1, 'server', 'ACK', { network: 'machine', seq_rel: 1 });
    const [a, b] = lay(log).arrows;
    assert.deepEqual([a.to - a.from, b.to - b.from, b.from - a.from], [1, 1, 2]);
  });

  it('go with the Write and the Read of their bytes, also where one carries two', () => {
    const log = labHandshake();
    log.start(1600, 'S1.1', 7, 'Read');
    log.returned(1601, 'C1', 8, 'Write', { n: 5, started_ns: 1600.9e6 });
    log.returned(1601.2, 'C1', 9, 'Write', { n: 5, started_ns: 1601.1e6 });
    const data = log.sent(1601.4, 'client', 'PSH, ACK', { seq_rel: 1, len: 10 });
    log.landed(1621, data);
    log.returned(1621.1, 'S1.1', 7, 'Read', { n: 10, started_ns: 1600e6 });
    assert.equal(told(lay(log)).at(-1), '4 PSH, ACK + Write + Write + Read');
  });

  it('leave a Read alone that did not wait for them', () => {
    const log = labHandshake();
    log.returned(1601, 'C1', 8, 'Write', { n: 5, started_ns: 1600.9e6 });
    log.landed(1621, log.sent(1601, 'client', 'PSH, ACK', { seq_rel: 1, len: 5 }));
    log.returned(1700, 'S1.1', 7, 'Read', { n: 5, started_ns: 1699.9e6 });
    assert.deepEqual(told(lay(log)).slice(-2), ['4 PSH, ACK + Write', 'Read']);
  });

  it('leave a Write alone whose bytes could not leave during it', () => {
    const log = labHandshake();
    log.returned(1601, 'C1', 8, 'Write', { n: 5, started_ns: 1600.9e6 });
    log.sent(1900, 'client', 'PSH, ACK', { seq_rel: 1, len: 5 });
    assert.deepEqual(told(lay(log)).slice(-2), ['Write', '4 PSH, ACK']);
  });

  it('end where the wire dropped them, and show the next try in a row of its own', () => {
    const log = labHandshake();
    const lost = log.sent(1601, 'client', 'PSH, ACK', { seq_rel: 1, len: 5 });
    log.wire(1601, lost, 'dropped', 'rule', { rule: 2 });
    const again = log.sent(1801, 'client', 'PSH, ACK', { seq_rel: 1, len: 5, marks: ['retransmission'], of: lost });
    log.landed(1821, again);
    const layout = lay(log);
    assert.deepEqual(told(layout).slice(-2), ['4 PSH, ACK', '5 PSH, ACK']);
    assert.equal(layout.arrows.at(-2)?.segment.dropped?.rule, 2);
    assert.equal(layout.arrows.at(-2)?.to, (layout.arrows.at(-2)?.from ?? 0) + 1);
  });

  it('have a row for a copy that the wire made, where it was made', () => {
    const log = labHandshake();
    const fin = log.sent(1601, 'server', 'FIN, ACK', { seq_rel: 1 });
    log.landed(1621, fin);
    const copy = log.wire(1601.5, fin, 'duplicated', 'rule', { rule: 1 });
    const layout = lay(log);
    assert.equal(layout.rowOfSegment(copy)?.segment?.copyOf, fin);
    assert.equal(layout.arrows.find((arrow) => arrow.segment.number === copy)?.leaves, 'server');
  });

  it('of a dial that nobody answers to have no server', () => {
    const log = new Log();
    log.add(5, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', remote: '127.0.0.1:8330', local: '127.0.0.1:50000' });
    log.start(5, 'C1', 1, 'Dial');
    const syn = log.sent(5, 'client', 'SYN', { network: 'machine', peer: undefined, seq_rel: 0 });
    log.state(5, 'C1', 'CLOSED', 'SYN_SENT', { segment: syn, edge: 'left' });
    const rst = log.sent(5.1, 'server', 'RST, ACK', { network: 'machine', socket: undefined });
    log.state(5.1, 'C1', 'SYN_SENT', 'CLOSED', { segment: rst, edge: 'landed', reason: 'refused' });
    log.returned(5.2, 'C1', 1, 'Dial', { started_ns: 5e6, error: { text: 'dial tcp 127.0.0.1:8330: connect: connection refused', kind: 'refused' } });
    const layout = lay(log, { left: 'C1', right: null });
    assert.deepEqual(told(layout), ['1 SYN + Dial … + C1 SYN_SENT', '2 RST, ACK + → Dial + C1 CLOSED']);
    assert.deepEqual(layout.bands.server, []);
  });
});

describe('a dial on its way', () => {
  it('has the listener that it is for at the other end', () => {
    const log = new Log();
    log.add(1, { type: 'socket_opened', socket: 'S1', kind: 'listener', host: 'server', network: 'lab', local: '[::]:8330' });
    log.add(2, { type: 'socket_opened', socket: 'S2', kind: 'listener', host: 'server', network: 'machine', local: '[::]:8330' });
    for (const socket of ['S1', 'S2']) log.state(3, socket, 'CLOSED', 'LISTEN');
    log.add(4, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', network: 'lab', remote: '192.0.2.2:8330' });
    log.state(5, 'C1', 'CLOSED', 'SYN_SENT');
    const layout = lay(log, { left: 'C1', right: null });
    assert.equal(build(log, { left: 'C1', right: null }).listener, 'S1');
    assert.deepEqual(layout.bands.server.map((band) => band.event?.socket), ['S1']);
  });
});

describe('bands of the ladder', () => {
  it('run from the row of their event to the next', () => {
    const layout = lay(openConnection());
    assert.deepEqual(rail(layout.bands.client), ['CLOSED 1-3', 'SYN_SENT 3-6', 'ESTABLISHED 6-']);
    assert.deepEqual(rail(layout.bands.server), ['LISTEN 1-4', 'SYN_RCVD 4-5', 'ESTABLISHED 5-']);
  });

  it('keep how each state is known', () => {
    const layout = lay(openConnection());
    assert.deepEqual(layout.bands.client.map((band) => band.source), ['inferred', 'inferred', 'call']);
    assert.deepEqual(layout.bands.server.map((band) => band.source), ['call', 'inferred', 'sock_diag']);
  });

  it('begin with what the snapshot says where the events are gone', () => {
    const log = openConnection();
    const layout = new Layout(buildLadder(PAIR, log.sockets, [], log.segments));
    assert.deepEqual(rail(layout.bands.client), ['ESTABLISHED 1-']);
    assert.deepEqual(rail(layout.bands.server), ['ESTABLISHED 1-']);
  });

  it('begin with the state that the first known event came from', () => {
    const log = openConnection();
    const last = log.state(20_000, 'C1', 'ESTABLISHED', 'FIN_WAIT_1');
    const layout = new Layout(buildLadder(PAIR, log.sockets, [last], log.segments));
    assert.deepEqual(rail(layout.bands.client), ['ESTABLISHED 1-1', 'FIN_WAIT_1 1-']);
  });

  it('have a line for each state that was passed through on the way to what was seen, with the call that implies it', () => {
    const log = new Log();
    log.add(5, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', remote: '127.0.0.1:8330', local: '127.0.0.1:50000', call: 3 });
    log.start(5, 'C1', 3, 'Dial');
    log.add(5.2, { type: 'socket_opened', socket: 'S1.1', kind: 'conn', host: 'server', local: '127.0.0.1:8330', remote: '127.0.0.1:50000' });
    log.state(5.3, 'C1', 'CLOSED', 'SYN_SENT', { source: 'inferred', cause: 3 });
    log.state(5.31, 'C1', 'SYN_SENT', 'ESTABLISHED', { cause: 3 });
    log.state(5.32, 'S1.1', 'CLOSED', 'SYN_RCVD', { source: 'inferred', cause: 3 });
    log.state(5.33, 'S1.1', 'SYN_RCVD', 'ESTABLISHED', { cause: 3 });
    log.returned(5.25, 'C1', 3, 'Dial', { result: 'conn, nil', started_ns: 5e6, returned_ns: 5.25e6 });
    log.state(800, 'C1', 'ESTABLISHED', 'CLOSE_WAIT');
    log.start(900, 'C1', 4, 'Close');
    log.returned(900.1, 'C1', 4, 'Close', { started_ns: 900e6, returned_ns: 900.1e6 });
    log.state(900.3, 'C1', 'CLOSE_WAIT', 'LAST_ACK', { source: 'inferred', cause: 4 });
    log.state(900.31, 'C1', 'LAST_ACK', 'CLOSED', { cause: 4 });
    log.start(920, 'S1.1', 5, 'Close');
    log.returned(920.1, 'S1.1', 5, 'Close', { started_ns: 920e6, returned_ns: 920.1e6 });
    log.state(930, 'S1.1', 'ESTABLISHED', 'FIN_WAIT_1', { source: 'inferred' });
    log.state(930.01, 'S1.1', 'FIN_WAIT_1', 'FIN_WAIT_2');
    const layout = lay(log);
    assert.deepEqual(told(layout), [
      'Dial … + C1 SYN_SENT', '→ Dial + C1 ESTABLISHED + S1.1 SYN_RCVD + S1.1 ESTABLISHED', 'C1 CLOSE_WAIT',
      'Close + C1 LAST_ACK + C1 CLOSED', 'Close + S1.1 FIN_WAIT_1', 'S1.1 FIN_WAIT_2',
    ]);
    assert.deepEqual(rail(layout.bands.client), ['CLOSED 1-1', 'SYN_SENT 1-2', 'ESTABLISHED 2-4', 'CLOSE_WAIT 4-5', 'LAST_ACK 5-6', 'CLOSED 6-']);
    assert.deepEqual(rail(layout.bands.server), ['SYN_RCVD 2-3', 'ESTABLISHED 3-7', 'FIN_WAIT_1 7-9', 'FIN_WAIT_2 9-']);
  });

  it('begin a stretch with the state before it', () => {
    const model = build(labHandshake());
    const at = model.facts.findIndex((fact) => fact.kind === 'segment' && fact.record.number === 3);
    const layout = new Layout(model, at);
    assert.deepEqual(rail(layout.bands.client), ['ESTABLISHED 1-']);
    // What Dial returned has a row of its own here, since the segment that it waited for is above.
    assert.deepEqual(rail(layout.bands.server), ['SYN_RCVD 1-5', 'ESTABLISHED 5-']);
  });
});

describe('calls that wait', () => {
  it('run from their start to their return', () => {
    const layout = lay(labHandshake());
    const dial = layout.waits.find((wait) => wait.info.op === 'Dial');
    assert.deepEqual([dial?.from, dial?.to, dial?.fromDrop, dial?.toDrop], [2, 4, true, true]);
    const accept = layout.waits.find((wait) => wait.info.op === 'Accept');
    assert.deepEqual([accept?.from, accept?.to], [1, 6]);
  });

  it('stand beside each other while they wait at the same time', () => {
    const log = labHandshake();
    log.start(1600, 'C1', 4, 'Read');
    log.start(1601, 'C1', 5, 'Write');
    log.landed(1620, log.sent(1602, 'client', 'PSH, ACK', { seq_rel: 1, len: 1 }));
    const lanes = lay(log).waits.filter((wait) => wait.to === null).map((wait) => [wait.info.op, wait.lane]);
    assert.deepEqual(lanes, [['Read', 0], ['Write', 1]]);
  });
});

describe('the times of the ladder', () => {
  it('leave room between them and long segment numbers', () => {
    assert.deepEqual(ladderTime(11_105_321_000, 0), ['+11.105321', ' s']);
    assert.deepEqual(ladderTime(118_836_903_000, 0, 2), ['+118.83690', ' s']);
    assert.deepEqual(ladderTime(118_836_903_000, 0, 3), ['+118.8369', ' s']);
  });

  it('keep their first decimals in a narrow gutter, beside the unit', () => {
    assert.deepEqual(narrowTime('+11.105321'), ['+11.105', '321']);
    assert.deepEqual(narrowTime('+118.83690'), ['+118.836', '90']);
    assert.deepEqual(narrowTime('+1234.5678'), ['+1234.56', '78']);
    assert.deepEqual(narrowTime('−12.3'), ['−12.3', '']);
  });
});
