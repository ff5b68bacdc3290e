import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apply, emptySnapshot, fromJson } from '../js/reduce.js';
import { SegmentIndex, isFlying, stateTime } from '../js/segments.js';
import { Store } from '../js/store.js';
import { segmentLabel, segmentNumber, segmentNumbers, segmentPhase } from '../js/views/segment-words.js';
import { eventWords } from '../js/views/words.js';
import { Log } from './views-events.js';

/** @import {Lab, SegmentRecord} from '../js/types.js' */

/** @param {SegmentIndex} index @param {number} number @returns {SegmentRecord} */
function record(index, number) {
  const found = index.get(number);
  if (!found) throw new Error(`no segment ${number}`);
  return found;
}

/** A Lab, and a store's worth of events in it. */
function lab() {
  const log = new Log();
  log.add(0, { type: 'lab_opened', backend: 'veth', hosts: { client: ['192.0.2.1'], server: ['192.0.2.2'] }, quick_ack: true });
  return log;
}

/** @param {Log} log @returns {Lab} */
function reduced(log) {
  const state = log.events.reduce(apply, emptySnapshot());
  if (!state.lab) throw new Error('no Lab');
  return state.lab;
}

describe('the index of segments', () => {
  it('gathers what happened to each', () => {
    const log = lab();
    const one = log.sent(10, 'client', 'SYN');
    const two = log.sent(11, 'client', 'SYN');
    log.wire(11, two, 'held', 'step');
    log.landed(30, one);
    const changed = log.state(30.1, 'S1.1', 'CLOSED', 'SYN_RCVD', { segment: one, edge: 'landed' });
    assert.equal(record(log.segments, one).landed_ns, 30e6);
    assert.deepEqual(record(log.segments, one).states, [changed]);
    assert.equal(record(log.segments, two).held?.by, 'step');
    assert.deepEqual(log.segments.flying().map(({ number }) => number), [two]);
    log.wire(40, two, 'dropped', 'user');
    assert.equal(isFlying(record(log.segments, two)), false);
    assert.equal(record(log.segments, two).held, null);
    assert.equal(record(log.segments, two).dropped?.by, 'user');
  });

  it('knows copies and their originals', () => {
    const log = lab();
    const one = log.sent(10, 'server', 'FIN, ACK');
    const copy = log.wire(10.5, one, 'duplicated', 'rule', { rule: 1 });
    assert.deepEqual(record(log.segments, one).copies, [copy]);
    assert.equal(record(log.segments, copy).copyOf, one);
    assert.equal(record(log.segments, copy).left_ns, 10.5e6);
    assert.equal(segmentNumber(record(log.segments, copy), record(log.segments, one)), '1′');
    assert.equal(segmentLabel(record(log.segments, copy)), 'copy of 1');
  });

  it('begins with what a snapshot has on the wire', () => {
    const index = new SegmentIndex();
    index.reset([
      { segment: 7, network: 'lab', from: 'client', left_ns: 5, bytes: 40, src: '', dst: '', held: { by: 'rule', rule: 2, at_ns: 6 } },
      { segment: 8, network: 'lab', from: 'client', left_ns: 5, bytes: 40, src: '', dst: '', of: 7 },
      { segment: 9, network: 'lab', from: 'client', left_ns: 5, bytes: 40, src: '', dst: '', of: 7, marks: ['retransmission'] },
    ]);
    assert.deepEqual(index.flying().map(({ number, copyOf, held }) => [number, copyOf, held?.rule]), [[7, null, 2], [8, 7, undefined], [9, null, undefined]]);
  });

  it('forgets with the store, but not what is on the wire', () => {
    const log = lab();
    const landed = log.sent(10, 'client', 'ACK');
    log.landed(11, landed);
    const flying = log.sent(12, 'client', 'ACK');
    log.segments.trim(log.events.length + 1);
    assert.equal(log.segments.get(landed), undefined);
    assert.deepEqual(log.segments.entries.map((entry) => entry.segment?.number), [flying]);
  });

  it('lets nothing fly when the Lab is closed', () => {
    const log = lab();
    const one = log.sent(10, 'client', 'ACK');
    log.add(11, { type: 'lab_closed' });
    assert.equal(isFlying(record(log.segments, one)), false);
    assert.equal(record(log.segments, one).ended, true);
  });

  it('tells when a state really changed', () => {
    const log = lab();
    const one = log.sent(10, 'client', 'SYN');
    const left = log.state(10.4, 'C1', 'CLOSED', 'SYN_SENT', { segment: one, edge: 'left' });
    const plain = log.state(10.5, 'C1', 'SYN_SENT', 'CLOSED');
    assert.deepEqual([left, plain].map((event) => event.type === 'state_changed' && stateTime(event, log.segments)), [10e6, 10.5e6]);
  });
});

describe('the Lab in the snapshot', () => {
  it('has on the wire what left and neither landed nor was dropped', () => {
    const log = lab();
    const [a, b, c] = [10, 11, 12].map((ms) => log.sent(ms, 'client', 'ACK'));
    log.landed(20, a);
    log.wire(21, b, 'dropped', 'loss');
    log.wire(22, c, 'held', 'rule', { rule: 3 });
    const copy = log.wire(23, c, 'duplicated', 'user');
    assert.deepEqual([...reduced(log).flying.values()].map(({ segment, of, held, left_ns }) => [segment, of, held?.rule, left_ns]), [[c, undefined, 3, 12e6], [copy, c, undefined, 23e6]]);
    log.wire(24, c, 'released', 'user');
    assert.equal(reduced(log).flying.get(c)?.held, undefined);
  });

  it('takes nothing from this machine on the wire', () => {
    const log = lab();
    log.sent(10, 'client', 'ACK', { network: 'machine' });
    assert.equal(reduced(log).flying.size, 0);
  });

  it('keeps settings, and goes with lab_closed', () => {
    const log = lab();
    log.add(1, { type: 'kernel_settings_read', host: 'client', settings: { a: '1', b: '2' }, defaults: { a: '0', b: '2' } });
    log.add(2, { type: 'kernel_settings_read', host: 'client', settings: { a: '3' } });
    log.add(3, { type: 'quick_ack_set', on: false });
    const state = reduced(log);
    assert.deepEqual(state.kernel, { client: { a: '3', b: '2' } });
    assert.deepEqual(state.kernel_defaults, { a: '0', b: '2' });
    assert.equal(state.quick_ack, false);
    log.add(4, { type: 'lab_closed' });
    assert.equal(log.events.reduce(apply, emptySnapshot()).lab, null);
  });

  it('comes back from JSON', () => {
    const log = lab();
    const one = log.sent(10, 'client', 'ACK');
    const state = reduced(log);
    const json = JSON.parse(JSON.stringify({ seq: 2, lab: { ...state, flying: [...state.flying.values()] } }));
    assert.deepEqual(fromJson(json).lab?.flying.get(one), state.flying.get(one));
  });

  it('keeps the watched ports in order, each once', () => {
    const log = new Log();
    for (const port of [9000, 80, 80]) log.add(1, { type: 'port_watched', port, on: true });
    log.add(2, { type: 'port_watched', port: 9000, on: false });
    assert.deepEqual(log.events.reduce(apply, emptySnapshot()).ports, [80]);
  });
});

describe('the store', () => {
  it('selects a segment by its own event, and a copy by its number', () => {
    const log = lab();
    const one = log.sent(10, 'client', 'FIN, ACK');
    const copy = log.wire(11, one, 'duplicated', 'user');
    log.landed(12, one);
    const store = new Store({ schedule: () => {} });
    store.receive(log.events);
    assert.deepEqual(store.selectionOf(one), { kind: 'event', seq: 2 });
    assert.deepEqual(store.selectionOf(copy), { kind: 'segment', segment: copy });
    assert.deepEqual([2, 4].map((seq) => store.segmentOf({ kind: 'event', seq })), [one, one]);
    assert.equal(store.segmentOf({ kind: 'event', seq: 1 }), null);
    assert.equal(store.segmentOf({ kind: 'segment', segment: 99 }), 99);
  });
});

describe('segments in words', () => {
  const head = { segment: 1, network: /** @type {const} */ ('lab'), from: /** @type {const} */ ('client'), left_ns: 0, bytes: 60, src: 'a:1', dst: 'b:2' };

  it('have the numbers that matter for their kind', () => {
    assert.equal(segmentNumbers({ ...head, flags: 'SYN', seq_rel: 0, win: 64240, options: [{ kind: 2, name: 'mss', value: '1460' }] }), 'seq=0 win=64240 mss=1460');
    assert.equal(segmentNumbers({ ...head, flags: 'SYN, ACK', seq_rel: 0, ack_rel: 1, win: 65160 }), 'seq=0 ack=1');
    assert.equal(segmentNumbers({ ...head, flags: 'ACK', seq_rel: 1, ack_rel: 6 }), 'ack=6');
    const raw = btoa(`${'\0'.repeat(52)}hello`);
    assert.equal(segmentNumbers({ ...head, flags: 'PSH, ACK', seq_rel: 1, ack_rel: 1, len: 5, raw, ip_header: 20, tcp_header: 32 }), 'seq=1 len=5 "hello"');
    assert.equal(segmentNumbers({ ...head, flags: 'ACK', ack_rel: 6, marks: ['duplicate_ack'], dup_acks: 2 }), 'ack=6 dup ack #2');
    assert.equal(segmentNumbers({ ...head, flags: 'ACK', ack_rel: 6, marks: ['keepalive_ack', 'dsack'] }), 'ack=6 answer to a keep-alive says what came twice');
  });

  it('have the phase that they belong to; a bare ACK has none', () => {
    const phases = [{ flags: 'SYN, ACK' }, { flags: 'PSH, ACK', len: 1 }, { flags: 'FIN, ACK', len: 1 }, { flags: 'RST, ACK' }, { flags: 'ACK' }, { icmp: 'destination unreachable: port' }];
    assert.deepEqual(phases.map((more) => segmentPhase({ ...head, ...more })), ['opening', 'open', 'closing', 'error', null, 'error']);
  });

  it('say in the log what the wire did', () => {
    const log = lab();
    const one = log.sent(10, 'client', 'SYN', { seq_rel: 0 });
    log.wire(11, one, 'dropped', 'rule', { rule: 2 });
    log.wire(11, one, 'dropped', 'loss');
    log.wire(11, one, 'delayed', 'rule', { rule: 1, delay_ms: 500 });
    log.state(12, 'C1', 'CLOSED', 'SYN_SENT', { segment: one, edge: 'left' });
    assert.deepEqual(log.events.slice(1).map(eventWords), [
      'segment 1 from the client: SYN seq=0', 'segment 1 dropped by rule 2', 'segment 1 lost on the wire', 'segment 1 delayed 500 ms by rule 1',
      'CLOSED → SYN_SENT, as segment 1 left',
    ]);
  });
});
