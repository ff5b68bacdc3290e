import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reading } from '../js/demo/story-model.js';
import { applyDemo } from '../js/reduce-demo.js';
import { eventWords } from '../js/views/words.js';

/** @import {DemoEvent, DemoRun} from '../js/types.js' */

const demo = { demo: 1, id: 'x', title: { en: 'X' }, summary: { en: 'x' }, network: 'either', steps: [{ title: { en: 'A' }, story: { en: 'a' } }] };

/** @param {object} event @returns {DemoEvent} */
const at = (event) => /** @type {any} */ ({ seq: 1, at_ns: 5, ...event });

/** @param {DemoRun | null} run @param {...object} events */
const after = (run, ...events) => events.reduce((/** @type {DemoRun | null} */ r, e) => applyDemo(r, at(e)), run);

const started = { type: 'demo_started', demo, network: 'lab', language: 'zh' };

test('a run goes through its statuses', () => {
  const steps = [
    [{ type: 'demo_paused', step: 0, reason: 'step' }, 'paused'],
    [{ type: 'demo_resumed' }, 'running'],
    [{ type: 'demo_step_started', step: 0 }, 'running'],
    [{ type: 'demo_asked', step: 0 }, 'asking'],
    [{ type: 'demo_predicted', step: 0, choice: 2 }, 'running'],
    [{ type: 'demo_finished', verdict: 'passed', passed: 1, failed: 0, not_observed: 0 }, 'finished'],
  ];
  let run = after(null, started);
  assert.equal(run?.step, -1);
  for (const [event, status] of steps) {
    run = after(run, /** @type {object} */ (event));
    assert.equal(run?.status, status);
  }
  assert.equal(run?.reason, undefined);
  assert.deepEqual(run?.predicted, { 0: 2 });
  assert.deepEqual(run?.step_ns, [5]);
});

test('verdicts of checks and of choices are kept apart, and what a view holds does not change', () => {
  const before = after(null, started, { type: 'demo_step_started', step: 0 });
  const run = after(before,
    { type: 'demo_check_decided', step: 0, check: 0, verdict: 'passed', facts: [3] },
    { type: 'demo_check_decided', step: 0, choice: 0, verdict: 'failed', detail: 'No.' });
  assert.deepEqual(run?.checks, { '0.0': { verdict: 'passed', detail: undefined, facts: [3] } });
  assert.deepEqual(run?.choices, { '0.0': { verdict: 'failed', detail: 'No.', facts: undefined } });
  assert.deepEqual(before?.checks, {});
});

test('an event of a demo that nobody saw begin changes nothing', () => {
  assert.equal(after(null, { type: 'demo_step_started', step: 1 }), null);
});

test('the log has a line for each', () => {
  assert.equal(eventWords(at({ type: 'demo_check_decided', step: 1, check: 0, verdict: 'failed', detail: 'C1 is in LISTEN.' })),
    'step 2, check 1: failed: C1 is in LISTEN.');
  assert.equal(eventWords(at({ type: 'demo_check_decided', step: 4, choice: 0, verdict: 'failed', detail: 'S1.1 is in CLOSE_WAIT.' })),
    'step 5, answer 1: not what happened: S1.1 is in CLOSE_WAIT.');
  assert.equal(eventWords(at({ type: 'demo_check_decided', step: 4, choice: 1, verdict: 'passed' })), 'step 5, answer 2: what happened');
  assert.equal(eventWords(at({ type: 'demo_check_decided', step: 0, choice: 2, verdict: 'not_observed' })), 'step 1, answer 3: not observed');
  assert.equal(eventWords(at({ type: 'demo_finished', verdict: 'stopped', passed: 2, failed: 0, not_observed: 1 })),
    'the demo ends: stopped (2 passed, 0 failed, 1 not observed)');
});

test('the time to read a step stands still in a pause', () => {
  const read = after(null, started, { type: 'demo_step_started', step: 0 }, { type: 'demo_reading', step: 0, for_ms: 4000, at_ns: 1e9 });
  assert.equal(reading(/** @type {DemoRun} */ (read), 2e9).left, 3e9);
  const paused = after(read, { type: 'demo_paused', step: 0, reason: 'user', at_ns: 2e9 });
  assert.equal(reading(/** @type {DemoRun} */ (paused), 60e9).left, 3e9);
  const resumed = after(paused, { type: 'demo_resumed', at_ns: 60e9 });
  assert.equal(reading(/** @type {DemoRun} */ (resumed), 61e9).left, 2e9);
  assert.equal(reading(/** @type {DemoRun} */ (resumed), 99e9).left, 0);
  const next = after(resumed, { type: 'demo_step_started', step: 1, at_ns: 61e9 });
  assert.equal(reading(/** @type {DemoRun} */ (next), 61e9).left, 0);
});
