import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Samples, axisEnd, stepPath } from '../js/views/charts-model.js';
import { Log } from './views-events.js';

describe('samples', () => {
  const log = new Log();
  log.add(1, { type: 'metrics_sampled', socket: 'C1', metrics: { recv_q: 0, send_q: 10, info: { rtt_us: 40, cwnd: 10 } } });
  log.add(2, { type: 'metrics_sampled', socket: 'C2', metrics: { recv_q: 9 } });
  log.add(3, { type: 'metrics_sampled', socket: 'C1', metrics: { recv_q: 5 } });

  it('are those of the socket, oldest first', () => {
    const samples = new Samples('C1', log.events);
    assert.deepEqual(samples.line('recvQ'), [{ at: 1e6, value: 0 }, { at: 3e6, value: 5 }]);
    assert.deepEqual(samples.line('rtt'), [{ at: 1e6, value: 40 }]);
  });

  it('grow', () => {
    const samples = new Samples('C1', log.events.slice(0, 1));
    assert.deepEqual(log.events.slice(1).map((event) => samples.add(event)), [false, true]);
    assert.equal(samples.list.length, 2);
  });

  it('hold until the next', () => {
    const samples = new Samples('C1', log.events);
    assert.equal(samples.at(2.5e6)?.at, 1e6);
    assert.equal(samples.at(3e6)?.at, 3e6);
  });
});

describe('the axes', () => {
  it('end at a round number', () => {
    assert.deepEqual([axisEnd(0, false), axisEnd(7, false), axisEnd(41, false), axisEnd(120, false)], [1, 10, 50, 200]);
    assert.equal(axisEnd(217_088, true), 262_144);
  });

  it('carry a line of steps that goes on to now', () => {
    const points = [{ at: 0, value: 0 }, { at: 5, value: 10 }];
    assert.equal(stepPath(points, { from: 0, to: 10, top: 10, width: 100, height: 40 }), 'M0.0 40.0H50.0V0.0H100.0');
    assert.equal(stepPath([], { from: 0, to: 10, top: 10, width: 100, height: 40 }), '');
  });
});
