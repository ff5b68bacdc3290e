// The reduction of a demo's events: the same as DemoView in playground/snapshot_demo.go.

/** @import {DemoEvent, DemoRun} from './types.js' */

/**
 * What the newest demo came to after one more event. A view may keep what it was given: nothing in it is changed later.
 * @param {DemoRun | null} run
 * @param {DemoEvent} event
 * @returns {DemoRun | null}
 */
export function applyDemo(run, event) {
  if (event.type === 'demo_started') {
    return {
      demo: event.demo, network: event.network, language: event.language, ...(event.predict && { predict: true }), words: event.words, lacks: event.lacks, step: -1,
      status: 'running', checks: {}, choices: {}, predicted: {}, started_ns: event.at_ns, step_ns: [],
    };
  }
  return run && next(run, event);
}

const NOT_READING = { reading_for_ns: undefined, reading_until_ns: undefined, reading_left_ns: undefined };

/**
 * @param {DemoRun} run
 * @param {Exclude<DemoEvent, {type: 'demo_started'}>} event
 * @returns {DemoRun}
 */
function next(run, event) {
  switch (event.type) {
    case 'demo_step_started':
      return { ...run, step: event.step, status: 'running', step_ns: [...run.step_ns, event.at_ns], ...NOT_READING };
    case 'demo_asked':
      return { ...run, status: 'asking' };
    case 'demo_predicted':
      return { ...run, status: 'running', predicted: { ...run.predicted, [event.step]: event.choice } };
    case 'demo_check_decided': {
      const decided = { verdict: event.verdict, detail: event.detail, facts: event.facts };
      const checks = event.check === undefined ? run.checks : { ...run.checks, [`${event.step}.${event.check}`]: decided };
      const choices = event.choice === undefined ? run.choices : { ...run.choices, [`${event.step}.${event.choice}`]: decided };
      return { ...run, checks, choices };
    }
    case 'demo_paused':
      return {
        ...run, status: 'paused', reason: event.reason,
        ...(run.reading_until_ns && { reading_until_ns: undefined, reading_left_ns: Math.max(1, run.reading_until_ns - event.at_ns) }),
      };
    case 'demo_reading':
      return { ...run, reading_for_ns: event.for_ms * 1e6, reading_until_ns: event.at_ns + event.for_ms * 1e6 };
    case 'demo_resumed':
      return {
        ...run, status: 'running', reason: undefined,
        ...(run.reading_left_ns && { reading_until_ns: event.at_ns + run.reading_left_ns, reading_left_ns: undefined }),
      };
    case 'demo_finished':
      return { ...run, status: 'finished', reason: undefined, verdict: event.verdict, message: event.message, finished_ns: event.at_ns, ...NOT_READING };
    default:
      return unknown(run, event);
  }
}

/**
 * A newer server may know more events; they change nothing here.
 * @param {DemoRun} run
 * @param {never} _event
 */
function unknown(run, _event) {
  return run;
}
