import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stepsOf, stepsOn } from '../js/demo/on-kernel.js';
import { counts, stepView, ticks } from '../js/demo/story-model.js';

/** @import {Demo, DemoRun} from '../js/types.js' */

/** @type {Demo} */
const DEMO = {
  demo: 1, id: 'x', title: { en: 'x' }, summary: { en: 'x' }, network: 'lab', steps: [
    { title: { en: 'Plain' }, story: { en: 'Always.' }, checks: ['S1 is LISTEN'] },
    { title: { en: 'New' }, story: { en: 'Five.' }, why: { en: 'Because.' }, do: [{ accept: 'S1' }], checks: ['a', 'b'], if_kernel_has: 'tcp_new', otherwise: { story: { en: 'Three.' }, checks: ['c'] } },
    { title: { en: 'Only there' }, story: { en: 'Great.' }, do: [{ accept: 'S1' }], predict: { question: { en: 'q' }, choices: [{ text: { en: 'a' } }, { text: { en: 'b' } }] }, checks: ['d'], if_kernel_has: 'tcp_new' },
  ],
};

/** @param {Record<string, string>} [lacks] @returns {DemoRun} */
function run(lacks) {
  return {
    demo: structuredClone(DEMO), network: 'lab', language: 'en', lacks, step: 2, status: 'finished', verdict: lacks ? 'not_observed' : 'passed', checks: { '2.0': { verdict: 'not_observed' } },
    choices: {}, predicted: {}, started_ns: 0, step_ns: [0, 1, 2],
  };
}

test('a kernel that has the setting sees the step as it is written', () => {
  assert.deepEqual(stepsOn(DEMO, {}).map((s) => s.story.en), ['Always.', 'Five.', 'Great.']);
  assert(stepsOn(DEMO, {}).every((s) => s.if_kernel_has === undefined && !('otherwise' in s)));
  assert.equal(counts(run()).all, 4);
  assert.deepEqual(stepView(run(), 2).story, ['Great.']);
});

test('a kernel without it sees what the step is otherwise, and what it leaves out as in the step', () => {
  const [, changed] = stepsOn(DEMO, { tcp_new: 'None.' });
  assert.deepEqual([changed.title.en, changed.story.en, changed.why?.en, changed.do, changed.checks], ['New', 'Three.', 'Because.', [{ accept: 'S1' }], ['c']]);
  assert.equal(counts(run({ tcp_new: 'None.' })).all, 3);
});

test('a step that cannot be says so, does nothing and asks nothing', () => {
  const told = run({ tcp_new: 'This kernel has none.' });
  const [, , step] = stepsOf(told);
  assert.deepEqual([step.do, step.predict, step.checks], [undefined, undefined, ['d']]);
  assert.deepEqual(stepView(told, 2).story, ['Not on this kernel. This kernel has none.', 'Great.']);
  assert.equal(stepView(told, 2).predict, null);
  assert.equal(ticks(told)[2].verdict, 'not_observed');
});

test('the names of a setting are no names of objects', () => {
  const steps = ['constructor', '__proto__', 'toString'].map((name) => ({ title: { en: 'x' }, story: { en: 'x' }, if_kernel_has: name, otherwise: { story: { en: 'y' } } }));
  assert.deepEqual(stepsOn({ ...DEMO, steps }, {}).map((s) => s.story.en), ['x', 'x', 'x']);
});
