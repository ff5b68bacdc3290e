// Whether something from outside has the shape of a demo, so that the page can show it before anything is sent.
// What its commands and checks mean, the server says when it is run. Pure.

/** @import {Demo} from '../types.js' */

import { t } from '../i18n.js';

/** The version of the format that this page knows. */
const VERSION = 1;
// The limits of playground/demo/demo.go.
const MAX_STEPS = 40;
const MAX_ENTRIES = 40;
const MAX_CHOICES = 6;
const MAX_KEYWORDS = 24;
const MAX_TEXT = 4_000;
const MAX_DEPTH = 12;

/** Characters that cannot be seen, or that turn the direction of what follows: a text would not be what it looks like. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * @param {unknown} value
 * @returns {{demo: Demo} | {error: string}} `error` is a sentence
 */
export function readShape(value) {
  if (!isObject(value)) return { error: t('This is not a demo.') };
  if (typeof value.demo === 'number' && value.demo > VERSION) return { error: t('This demo was made by a newer version of the playground. Update this one to open it.') };
  const wrong = value.demo !== VERSION ? 'demo' : wrongPart(value);
  if (wrong) return { error: t('This is not a demo: its {part} is missing or not as it should be.', { part: wrong }) };
  return { demo: /** @type {Demo} */ (/** @type {unknown} */ (value)) };
}

/** The name of the first part that is wrong, or ''. @param {Record<string, unknown>} demo */
function wrongPart(demo) {
  if (typeof demo.id !== 'string' || !/^[a-z0-9-]{1,40}$/.test(demo.id)) return 'id';
  for (const name of ['title', 'summary']) if (!isText(demo[name])) return name;
  if (demo.myth !== undefined && !isText(demo.myth)) return 'myth';
  if (demo.network !== 'machine' && demo.network !== 'lab' && demo.network !== 'either') return 'network';
  if (demo.seconds !== undefined && !(typeof demo.seconds === 'number' && demo.seconds >= 0)) return 'seconds';
  if (demo.picture !== undefined && !isList(demo.picture, 8, isLine)) return 'picture';
  if (demo.keywords !== undefined && !isList(demo.keywords, MAX_KEYWORDS, (word) => isLine(word) && word !== '')) return 'keywords';
  const { steps } = demo;
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > MAX_STEPS) return 'steps';
  for (const [i, step] of steps.entries()) {
    const wrong = isObject(step) ? wrongInStep(step) : 'shape';
    if (wrong) return `steps[${i}].${wrong}`;
  }
  return '';
}

/** @param {Record<string, unknown>} step @returns {string} */
function wrongInStep(step) {
  if (!isText(step.title)) return 'title';
  if (!isText(step.story)) return 'story';
  if (step.why !== undefined && !isText(step.why)) return 'why';
  if (step.sources !== undefined && !isList(step.sources, MAX_ENTRIES, isLine)) return 'sources';
  if (step.checks !== undefined && !isList(step.checks, MAX_ENTRIES, isLine)) return 'checks';
  if (step.do !== undefined && !isList(step.do, MAX_ENTRIES, (entry) => isObject(entry) && isPlain(entry, MAX_DEPTH))) return 'do';
  if (step.predict !== undefined && !isPredict(step.predict)) return 'predict';
  if (step.if_kernel_has !== undefined && !isLine(step.if_kernel_has)) return 'if_kernel_has';
  const { otherwise } = step;
  if (otherwise === undefined) return '';
  if (!isObject(otherwise) || step.if_kernel_has === undefined) return 'otherwise';
  if ('otherwise' in otherwise || 'if_kernel_has' in otherwise) return 'otherwise';
  const wrong = wrongInStep({ title: step.title, story: step.story, ...otherwise });
  return wrong && `otherwise.${wrong}`;
}

/** @param {unknown} value */
function isPredict(value) {
  return isObject(value) && isText(value.question) && Array.isArray(value.choices) && value.choices.length >= 2
    && isList(value.choices, MAX_CHOICES, (choice) => isObject(choice) && isText(choice.text) && (choice.when === undefined || isLine(choice.when)));
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {unknown} value @param {number} most @param {(item: unknown) => boolean} fits */
function isList(value, most, fits) {
  return Array.isArray(value) && value.length <= most && value.every(fits);
}

/** A text in one language or both. @param {unknown} value */
function isText(value) {
  return isObject(value) && isLine(value.en) && (value.zh === undefined || isLine(value.zh));
}

/** @param {unknown} value */
function isLine(value) {
  return typeof value === 'string' && value.length <= MAX_TEXT && !HIDDEN.test(value);
}

/** The fields of a command. @param {unknown} value @param {number} depth @returns {boolean} */
function isPlain(value, depth) {
  if (typeof value === 'string') return isLine(value);
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.entries(value).every(([name, part]) => isLine(name) && isPlain(part, depth - 1));
}
