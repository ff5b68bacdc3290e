import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resultSentence } from '../js/demo/run.js';
import { counts, eventOfStep, paragraphs, stepPhases, stepView, ticks } from '../js/demo/story-model.js';
import { applyDemo } from '../js/reduce-demo.js';
import { Store } from '../js/store.js';

/** @import {Demo, DemoEvent, DemoRun, PlaygroundEvent} from '../js/types.js' */

/** @type {Demo} */
const DEMO = {
  demo: 1, id: 'knock', title: { en: 'Knock' }, summary: { en: 'Two steps.' }, network: 'machine',
  steps: [
    { title: { en: 'Listen' }, story: { en: 'One.\n\nTwo\nlines.' }, checks: ['S1 is LISTEN'] },
    {
      title: { en: 'Dial' }, story: { en: 'x' }, do: [{ dial: { as: 'C1', address: 'S1' } }, { wait: 'C1 is ESTABLISHED' }], checks: ['C1 dial returns ok', 'C1 segments contain SYN'],
      predict: { question: { en: 'What comes?' }, choices: [{ text: { en: 'an error' }, when: 'C1 dial returns error' }, { text: { en: 'nothing' } }] },
    },
    { title: { en: 'Abort' }, story: { en: 'x' }, checks: ['S1.1 is CLOSED because reset_received'] },
  ],
};

/** @typedef {Record<string, unknown> & {type: DemoEvent['type']}} Told */

/** @param {Told[]} events @returns {DemoRun} */
function run(...events) {
  /** @type {DemoRun|null} */
  let state = null;
  /** @type {Told[]} */
  const all = [{ type: 'demo_started', demo: DEMO, network: 'machine', language: 'en' }, ...events];
  for (const [i, event] of all.entries()) state = applyDemo(state, /** @type {DemoEvent} */ (/** @type {unknown} */ ({ seq: i + 1, at_ns: i + 1, ...event })));
  assert(state);
  return state;
}

/** @param {number} step @param {number} check @param {string} verdict @returns {Told} */
const decided = (step, check, verdict) => ({ type: 'demo_check_decided', step, check, verdict, facts: [7] });

test('a step: its paragraphs, and its checks as they are decided', () => {
  const state = run({ type: 'demo_step_started', step: 0 });
  const open = stepView(state, 0);
  assert.deepEqual(open.story, ['One.', 'Two lines.']);
  assert.deepEqual(open.checks, [{ text: 'S1 is LISTEN', decision: null }]);
  const done = stepView(run({ type: 'demo_step_started', step: 0 }, decided(0, 0, 'passed')), 0);
  assert.deepEqual(done.checks[0].decision, { verdict: 'passed', detail: undefined, facts: [7] });
  assert.deepEqual(paragraphs(' \n\n a \n\n\n b'), ['a', 'b']);
});

test('ticks: where the run is, and what came out', () => {
  const places = (/** @type {DemoRun} */ r) => ticks(r).map((t) => `${t.place} ${t.verdict}`.trim());
  assert.deepEqual(places(run()), ['now', 'later', 'later']);
  assert.deepEqual(places(run({ type: 'demo_step_started', step: 0 }, decided(0, 0, 'passed'), { type: 'demo_step_started', step: 1 })), ['done passed', 'now', 'later']);
  const ended = run({ type: 'demo_step_started', step: 0 }, decided(0, 0, 'failed'), { type: 'demo_step_started', step: 1 }, decided(1, 0, 'passed'), decided(1, 1, 'not_observed'),
    { type: 'demo_step_started', step: 2 }, decided(2, 0, 'passed'), { type: 'demo_finished', verdict: 'failed', passed: 2, failed: 1, not_observed: 1 });
  assert.deepEqual(places(ended), ['done failed', 'done not_observed', 'done passed']);
  assert.deepEqual(counts(ended), { all: 4, passed: 2, failed: 1, not_observed: 1 });
  assert.equal(resultSentence(ended, counts(ended)), '1 check failed.');
  assert.deepEqual(stepPhases(DEMO.steps), ['idle', 'open', 'error']);
});

test('a prediction: the run says which choice is right', () => {
  const asked = [{ type: /** @type {const} */ ('demo_step_started'), step: 1 }, { type: /** @type {const} */ ('demo_asked'), step: 1 }, { type: /** @type {const} */ ('demo_predicted'), step: 1, choice: 0 }];
  const right = (/** @type {Told[]} */ ...more) => stepView(run(...asked, ...more), 1).predict?.choices.map((c) => c.right);
  assert.equal(stepView(run(...asked), 1).predict?.answered, true);
  assert.deepEqual(right(), [null, null]);
  const choice = (/** @type {string} */ verdict, at = 0) => ({ type: /** @type {const} */ ('demo_check_decided'), step: 1, choice: at, verdict });
  assert.deepEqual(right(choice('failed')), [false, true]);
  assert.deepEqual(right(choice('passed')), [true, false]);
  assert.deepEqual(right(choice('not_observed')), [null, null]);
  assert.deepEqual(right(choice('failed'), choice('passed', 1)), [false, true]);
});

test('the event that stands for a step is of the newest run', () => {
  /** @type {unknown[]} */
  const log = [
    { type: 'demo_started' }, { type: 'demo_step_started', step: 0 }, { type: 'call_returned', call: 1 },
    { type: 'demo_started' }, { type: 'demo_step_started', step: 0 }, { type: 'demo_check_decided' }, { type: 'call_returned', call: 2 },
    { type: 'demo_step_started', step: 1 }, { type: 'demo_check_decided' },
  ];
  const events = /** @type {PlaygroundEvent[]} */ (log);
  assert.equal(eventOfStep(events, 0), events[6]);
  assert.equal(eventOfStep(events, 1), events[7]);
  assert.equal(eventOfStep(events, 2), undefined);
});

test('a check lights all that decided it', () => {
  let changes = 0;
  const store = new Store({ schedule: (draw) => draw() });
  store.subscribe((change) => { changes += Number(change.hover); });
  store.hoverEvents([3, 7]);
  assert.deepEqual(store.hovers, [{ kind: 'event', seq: 3 }, { kind: 'event', seq: 7 }]);
  assert.deepEqual(store.hover, { kind: 'event', seq: 3 });
  store.hoverEvents([3, 7]);
  assert.equal(changes, 1);
  store.setHover({ kind: 'event', seq: 3 });
  assert.equal(store.hovers.length, 1);
  store.setHover(null);
  assert.deepEqual(store.hovers, []);
  assert.equal(store.hover, null);
  assert.equal(changes, 3);
});

test('with "Predict first" no title answers a question above it', () => {
  const titles = (/** @type {Told[]} */ ...events) => {
    const state = { ...run(...events), predict: true };
    return [ticks(state).map((tick) => tick.title), stepView(state, 1).title, ticks(state).map((tick) => tick.phase)[2]];
  };
  const first = { type: /** @type {const} */ ('demo_step_started'), step: 0 };
  const second = { type: /** @type {const} */ ('demo_step_started'), step: 1 };
  const asked = { type: /** @type {const} */ ('demo_asked'), step: 1 };
  const predicted = { type: /** @type {const} */ ('demo_predicted'), step: 1, choice: 0 };
  assert.deepEqual(titles(), [['Listen', 'Step 2', 'Step 3'], 'Step 2', 'idle']);
  assert.deepEqual(titles(first), [['Listen', 'Step 2', 'Step 3'], 'Step 2', 'idle']);
  assert.deepEqual(titles(first, second, asked), [['Listen', 'Step 2', 'Step 3'], 'Step 2', 'idle']);
  assert.deepEqual(titles(first, second, asked, predicted), [['Listen', 'Dial', 'Step 3'], 'Dial', 'idle']);
  assert.deepEqual(titles(first, second, asked, { type: 'demo_finished', verdict: 'stopped' }), [['Listen', 'Dial', 'Abort'], 'Dial', 'error']);
  assert.deepEqual(ticks(run(first)).map((tick) => tick.title), ['Listen', 'Dial', 'Abort']);
});
