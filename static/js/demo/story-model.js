// What the story of a run shows, from what its events added up to. Pure.

/** @import {DemoDecision, DemoRun, DemoStep, Phase, PlaygroundEvent, TcpState} from '../types.js' */

import { phaseOf } from '../format.js';
import { language, localise, server, t } from '../i18n.js';
import { stepsOf } from './on-kernel.js';

/**
 * @typedef {{text: string, decision: DemoDecision|null}} CheckRow `decision` is null while it is open
 * @typedef {{text: string, chosen: boolean, right: boolean|null, decision: DemoDecision|null}} ChoiceRow `right` is null where it is not known
 * @typedef {{question: string, choices: ChoiceRow[], answered: boolean}} PredictRows
 * @typedef {{step: number, title: string, story: string[], why: string[], sources: string[], checks: CheckRow[], predict: PredictRows|null}} StepView
 * @typedef {{title: string, phase: Phase, place: 'done'|'now'|'later', verdict: 'passed'|'failed'|'not_observed'|''}} Tick
 */

/** A check, a wait or a choice's condition in the page's language. @param {DemoRun} run @param {string} check */
function checkText(run, check) {
  return run.words?.[language()]?.[check] ?? check;
}

/** Why a run could not go on, in the page's language; it quotes the check that it waited for. @param {DemoRun} run */
export function endText(run) {
  return server(run.message ?? '').replace(/“([^”]*)”/g, (_, check) => `“${checkText(run, check)}”`);
}

/** The step that the run is at; 0 before it began. @param {DemoRun} run */
export function stepNow(run) {
  return Math.min(Math.max(0, run.step), run.demo.steps.length - 1);
}

/** Whether a demo acts, so that there is nothing for the person to do. @param {DemoRun|null|undefined} run */
export function demoActs(run) {
  return !!run && run.status !== 'finished';
}

export const NOTHING_TO_READ = { left: 0, done: 0 };

/**
 * The time that the run leaves to read its step, at a time of the session's clock: `left` in ns, and the share that is over.
 * @param {DemoRun} run @param {number} now
 */
export function reading(run, now) {
  const left = run.reading_left_ns ?? Math.max(0, (run.reading_until_ns ?? 0) - now);
  const all = run.reading_for_ns ?? left;
  return left > 0 ? { left, done: Math.min(1, Math.max(0, 1 - left / all)) } : NOTHING_TO_READ;
}

/**
 * The title of a step, or its number alone where the title could answer what the person is yet to be asked: with "Predict
 * first", before the answer and in what is still to come.
 * @param {DemoRun} run @param {number} at
 */
export function stepTitle(run, at) {
  return conceals(run, at) ? t('Step {n}', { n: at + 1 }) : localise(stepsOf(run)[at]?.title ?? { en: '' });
}

/** @param {DemoRun} run @param {number} at */
function conceals(run, at) {
  if (!run.predict || run.status === 'finished' || !stepsOf(run).some((step) => step.predict)) return false;
  return at > stepNow(run) || (stepsOf(run)[at]?.predict !== undefined && run.predicted[at] === undefined);
}

/**
 * @param {DemoRun} run
 * @param {number} at
 * @returns {StepView}
 */
export function stepView(run, at) {
  const step = stepsOf(run)[at];
  const missing = step.if_kernel_has && run.lacks?.[step.if_kernel_has]; // stepsOf leaves it where it is one of those
  return {
    step: at,
    title: stepTitle(run, at),
    story: [...(missing ? [`${t('Not on this kernel.')} ${server(missing)}`] : []), ...paragraphs(localise(step.story))],
    why: step.why ? paragraphs(localise(step.why)) : [],
    sources: step.sources ?? [],
    checks: (step.checks ?? []).map((check, i) => ({ text: checkText(run, check), decision: run.checks[`${at}.${i}`] ?? null })),
    predict: predictRows(run, step, at),
  };
}

/** @param {string} text */
export function paragraphs(text) {
  return text.split(/\n\s*\n/).map((p) => p.trim().replace(/\s*\n\s*/g, ' ')).filter(Boolean);
}

/** @param {DemoRun} run @param {DemoStep} step @param {number} at @returns {PredictRows|null} */
function predictRows(run, { predict }, at) {
  if (!predict) return null;
  const chosen = run.predicted[at];
  const decisions = predict.choices.map((_, i) => run.choices[`${at}.${i}`] ?? null);
  const asked = predict.choices.flatMap(({ when }, i) => (when === undefined ? [] : [decisions[i]]));
  return {
    question: localise(predict.question),
    answered: chosen !== undefined,
    choices: predict.choices.map(({ text, when }, i) => ({
      text: localise(text), chosen: chosen === i, decision: decisions[i], right: isRight(decisions[i], when === undefined ? asked : null),
    })),
  };
}

/**
 * A choice is right if its check passed; one without a check, if none of the others did.
 * @param {DemoDecision|null} own
 * @param {(DemoDecision|null)[]|null} others the decisions of those with a check; null for a choice that has one itself
 */
function isRight(own, others) {
  if (own) return own.verdict === 'not_observed' ? null : own.verdict === 'passed';
  if (!others) return null;
  if (others.some((d) => d?.verdict === 'passed')) return false;
  return others.every((d) => d?.verdict === 'failed') ? true : null;
}

/** @param {DemoRun} run @returns {Tick[]} */
export function ticks(run) {
  const steps = stepsOf(run);
  const phases = stepPhases(steps);
  const now = stepNow(run);
  const over = run.status === 'finished' && run.verdict !== 'stopped';
  // Where a run could not go on, no check says so.
  const broken = run.verdict === 'failed' && run.message ? now : -1;
  return steps.map((step, i) => ({
    title: stepTitle(run, i), phase: conceals(run, i) ? 'idle' : phases[i], verdict: i === broken ? 'failed' : stepVerdict(run, step, i),
    place: i < now || (over && i <= run.step) ? 'done' : i === now ? 'now' : 'later',
  }));
}

/** @param {DemoRun} run @param {DemoStep} step @param {number} at @returns {Tick['verdict']} */
function stepVerdict(run, step, at) {
  const verdicts = (step.checks ?? []).map((_, i) => run.checks[`${at}.${i}`]?.verdict);
  if (verdicts.includes('failed')) return 'failed';
  if (verdicts.includes('not_observed')) return 'not_observed';
  return verdicts.length > 0 && verdicts.every((v) => v === 'passed') ? 'passed' : '';
}

const STATE = /\b(LISTEN|SYN_SENT|SYN_RCVD|ESTABLISHED|FIN_WAIT_1|FIN_WAIT_2|CLOSE_WAIT|CLOSING|LAST_ACK|TIME_WAIT|CLOSED)\b/g;
const ERROR = /\b(RST|refused|reset_received|reset_sent|timed_out|ECONN[A-Z]+|ETIMEDOUT|EPIPE)\b/;

/** What says that something is not so. */
const DENIES = /^no |^at most | never | is not /;

/** The phase that each step is about: that of the state in its title, or of the last one its checks name; else as before. @param {DemoStep[]} steps @returns {Phase[]} */
export function stepPhases(steps) {
  /** @type {Phase} */
  let phase = 'idle';
  return steps.map((step) => {
    const waits = (step.do ?? []).flatMap((entry) => (typeof entry.wait === 'string' ? [entry.wait] : []));
    const checks = [...waits, ...step.checks ?? []].filter((check) => !DENIES.test(check)).join('\n');
    const state = stateIn(step.title.en) ?? stateIn(checks);
    if (ERROR.test(checks)) phase = 'error';
    else if (state) phase = phaseOf(state);
    return phase;
  });
}

/** The last state that a text names; that something listens or is closed counts least. @param {string} text @returns {TcpState|undefined} */
function stateIn(text) {
  const named = [...text.matchAll(STATE)].map((found) => /** @type {TcpState} */ (found[1]));
  return named.findLast((state) => phaseOf(state) !== 'idle') ?? named.at(-1);
}

/** @param {DemoRun} run */
export function counts(run) {
  const verdicts = Object.values(run.checks).map((d) => d.verdict);
  const all = stepsOf(run).reduce((sum, step) => sum + (step.checks?.length ?? 0), 0);
  const of = (/** @type {string} */ verdict) => verdicts.filter((v) => v === verdict).length;
  return { all, passed: of('passed'), failed: of('failed'), not_observed: of('not_observed') };
}

/** What stands for a step in the log: its first call, or else the first segment or change. */
const TELLS = [new Set(['call_started', 'call_returned']), new Set(['segment_sent', 'segment_landed', 'state_changed', 'wire_intervened', 'wire_changed'])];

/**
 * The event to select for a step of the newest run.
 * @param {PlaygroundEvent[]} events
 * @param {number} step
 * @returns {PlaygroundEvent|undefined}
 */
export function eventOfStep(events, step) {
  const begin = events.findLastIndex((e) => e.type === 'demo_started' || (e.type === 'demo_step_started' && e.step === step));
  if (begin < 0 || events[begin].type !== 'demo_step_started') return undefined;
  const after = events.findIndex((e, i) => i > begin && e.type === 'demo_step_started');
  const own = events.slice(begin + 1, after < 0 ? undefined : after);
  for (const types of TELLS) {
    const event = own.find((e) => types.has(e.type));
    if (event) return event;
  }
  return events[begin];
}
