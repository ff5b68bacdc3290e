import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Layout } from '../js/views/ladder-layout.js';
import { buildLadder } from '../js/views/ladder-model.js';
import { Log, openConnection } from './views-events.js';

/** @import {Row} from '../js/views/ladder-layout.js' */
/** @import {LadderModel} from '../js/views/ladder-model.js' */

/** @param {Log} log */
const build = (log) => buildLadder({ left: 'C1', right: 'S1.1' }, log.sockets, log.events, log.segments);

/** @param {LadderModel} model */
const told = (model) => new Layout(model).rows.slice(8).map(say);

/** @param {Row} row */
function say({ kind, silence, fold, segment, note }) {
  if (kind === 'gap') return `gap ${Math.round(silence / 1e9)}`;
  if (fold) return `${fold.asked.client}+${fold.asked.server} keep-alives in ${((fold.until - fold.at) / 1e9).toFixed(2)}${fold.open ? ' open' : ''}`;
  return segment ? `${segment.number} ${segment.sent.marks ?? segment.sent.flags}` : note?.type ?? 'call';
}

/** @param {Log} log @param {number} ms @param {'client' | 'server'} from @param {string} mark */
const send = (log, ms, from, mark) => log.sent(ms, from, 'ACK', { marks: [mark], seq_rel: 0, ack_rel: 1 });

/** A probe and its answer, 20 ms each way. @param {Log} log @param {number} ms @param {'client' | 'server'} [from] */
function ask(log, ms, from = 'client') {
  log.landed(ms + 20, send(log, ms, from, 'keepalive'));
  log.landed(ms + 40.1, send(log, ms + 20.1, from === 'client' ? 'server' : 'client', 'keepalive_ack'));
}

/** An open connection with something said on it, so that the rows before the silence are eight. */
function spoken() {
  const log = openConnection();
  log.returned(10_000.2, 'C1', 4, 'SetNoDelay', { started_ns: 10_000.2e6 });
  return log;
}

describe('keep-alives of the ladder', () => {
  it('fold into one row as soon as two were answered', () => {
    const log = spoken();
    ask(log, 25_000);
    assert.deepEqual(told(build(log)), ['gap 15', '1 keepalive', '2 keepalive_ack']);
    ask(log, 40_000);
    ask(log, 55_000);
    assert.deepEqual(told(build(log)), ['gap 15', '3+0 keep-alives in 30.04']);
  });

  it('of both ends fold together, also where they cross', () => {
    const log = spoken();
    for (const ms of [25_000, 40_000]) {
      const there = send(log, ms, 'client', 'keepalive');
      const back = send(log, ms + 1, 'server', 'keepalive');
      log.landed(ms + 20, there);
      const one = send(log, ms + 20.1, 'server', 'keepalive_ack');
      log.landed(ms + 21, back);
      const two = send(log, ms + 21.1, 'client', 'keepalive_ack');
      log.landed(ms + 40, one);
      log.landed(ms + 41, two);
    }
    assert.deepEqual(told(build(log)), ['gap 15', '2+2 keep-alives in 15.04']);
  });

  it('on this machine land as they leave', () => {
    const log = spoken();
    for (const ms of [25_000, 40_000]) {
      log.sent(ms, 'client', 'ACK', { network: 'machine', marks: ['keepalive'] });
      log.sent(ms + 0.1, 'server', 'ACK', { network: 'machine', marks: ['keepalive_ack'] });
    }
    assert.deepEqual(told(build(log)), ['gap 15', '2+0 keep-alives in 15.00']);
  });

  it('without an answer stay, and so do those that end the connection', () => {
    const log = spoken();
    for (const ms of [25_000, 40_000]) ask(log, ms);
    log.landed(55_020, send(log, 55_000, 'client', 'keepalive'));
    log.landed(70_020, send(log, 70_000, 'client', 'keepalive'));
    log.landed(85_020, log.sent(85_000, 'client', 'RST, ACK'));
    assert.deepEqual(told(build(log)), [
      'gap 15', '2+0 keep-alives in 15.04', 'gap 15', '5 keepalive', 'gap 15', '6 keepalive', 'gap 15', '7 RST, ACK',
    ]);
  });

  it('that the wire did something to stay, and break the run', () => {
    const log = spoken();
    ask(log, 25_000);
    ask(log, 40_000);
    const lost = send(log, 55_000, 'client', 'keepalive');
    log.wire(55_000, lost, 'dropped', 'cut');
    ask(log, 70_000);
    ask(log, 85_000);
    const model = build(log);
    assert.deepEqual(told(model), ['gap 15', '2+0 keep-alives in 15.04', 'gap 15', '5 keepalive', 'gap 15', '2+0 keep-alives in 15.04']);
    // The answer to the first after it is lost as well, which becomes known when it was drawn already.
    log.wire(90_000, 7, 'corrupted', 'rule', { rule: 1 });
    model.add(log.events[log.events.length - 1]);
    assert.equal(told(model).filter((row) => row.includes('keep-alives')).length, 1);
  });

  it('that are asked for by hand, at another pace, stay', () => {
    const log = spoken();
    for (const ms of [11_100, 12_100, 13_100, 14_100]) ask(log, ms);
    assert.equal(told(build(log)).filter((row) => row.endsWith('keepalive')).length, 4);
  });

  it('begin again behind anything else that happens', () => {
    const log = spoken();
    ask(log, 25_000);
    log.landed(30_020, log.sent(30_000, 'client', 'PSH, ACK', { seq_rel: 1, len: 5 }));
    ask(log, 45_000);
    assert.equal(told(build(log)).some((row) => row.includes('keep-alives')), false);
    ask(log, 60_000);
    assert.deepEqual(told(build(log)).slice(-2), ['gap 15', '2+0 keep-alives in 15.04']);
  });

  it('open where they stand, and go on growing there', () => {
    const log = spoken();
    ask(log, 25_000);
    ask(log, 40_000);
    const model = build(log);
    model.toggle(1);
    const open = ['gap 15', '2+0 keep-alives in 15.04 open', '1 keepalive', '2 keepalive_ack', 'gap 15', '3 keepalive', '4 keepalive_ack'];
    assert.deepEqual(told(model), open);
    const known = log.events.length;
    ask(log, 55_000);
    for (const event of log.events.slice(known)) model.add(event);
    assert.deepEqual(told(model), [open[0], '3+0 keep-alives in 30.04 open', ...open.slice(2), 'gap 15', '5 keepalive', '6 keepalive_ack']);
    model.toggle(1);
    assert.deepEqual(told(model), ['gap 15', '3+0 keep-alives in 30.04']);
  });

  it('are found by each of their segments and events', () => {
    const log = spoken();
    ask(log, 25_000);
    ask(log, 40_000);
    const model = build(log);
    const layout = new Layout(model);
    const row = layout.rows[layout.rows.length - 1];
    assert.equal(layout.rowOfSegment(4), row);
    assert.equal(layout.rowOf(log.events.length), row);
    assert.equal(model.find({ segment: 3 }), model.shown.length - 1);
    model.toggle(1);
    assert.equal(new Layout(model).rowOfSegment(4)?.segment?.number, 4);
    assert.equal(model.shown[model.find({ segment: 3 })].kind, 'segment');
    assert.deepEqual(layout.arrows, []);
  });

  it('leave the silence behind them as long as it was', () => {
    const log = spoken();
    ask(log, 25_000);
    ask(log, 40_000);
    log.returned(45_040.1, 'C1', 5, 'Write', { started_ns: 45_040.1e6 });
    assert.deepEqual(told(build(log)).slice(-2), ['gap 5', 'call']);
  });
});
