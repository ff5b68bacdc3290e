// A demo's events in one line each, for the log. Pure.

/** @import {DemoEvent} from '../types.js' */

import { duration } from '../format.js';
import { localise, server, t } from '../i18n.js';

/**
 * Steps and checks are counted from 1 here, as on the story card.
 * @param {DemoEvent} event
 * @returns {string}
 */
export function demoWords(event) {
  switch (event.type) {
    case 'demo_started':
      return t('the demo “{title}” begins', { title: localise(event.demo.title) });
    case 'demo_step_started':
      return t('step {step} begins', { step: event.step + 1 });
    case 'demo_asked':
      return t('step {step} asks for a prediction', { step: event.step + 1 });
    case 'demo_predicted':
      return t('answer {choice} was chosen', { choice: event.choice + 1 });
    case 'demo_check_decided':
      return decidedWords(event);
    case 'demo_paused':
      return t('the demo is paused');
    case 'demo_reading':
      return t('{time} to read step {step}', { step: event.step + 1, time: duration(event.for_ms * 1e6) });
    case 'demo_resumed':
      return t('the demo goes on');
    case 'demo_finished':
      return finishedWords(event);
  }
}

/** @param {import('../types.js').DemoCheckDecided} event */
function decidedWords({ step, check, choice, verdict, detail }) {
  const values = { step: step + 1, n: (check ?? choice ?? 0) + 1 };
  const what = check === undefined ? t('step {step}, answer {n}', values) : t('step {step}, check {n}', values);
  return told(what, check === undefined ? choiceWords(verdict) : verdictWords(verdict), detail);
}

/** @param {import('../types.js').DemoFinished} event */
function finishedWords({ verdict, passed, failed, not_observed, message }) {
  const counts = t('{passed} passed, {failed} failed, {unseen} not observed', { passed, failed, unseen: not_observed });
  return told(t('the demo ends'), t('{verdict} ({counts})', { verdict: verdictWords(verdict), counts }), message);
}

/** @param {string} what @param {string} verdict @param {string} [why] the server's */
function told(what, verdict, why) {
  return why ? t('{what}: {verdict}: {why}', { what, verdict, why: server(why) }) : t('{what}: {verdict}', { what, verdict });
}

/** An answer that does not hold is no check that failed: the others of its question are not to hold. @param {import('../types.js').Verdict} verdict */
function choiceWords(verdict) {
  switch (verdict) {
    case 'passed':
      return t('what happened');
    case 'failed':
      return t('not what happened');
    case 'not_observed':
      return t('not observed');
  }
}

/** @param {import('../types.js').Verdict | 'stopped'} verdict */
function verdictWords(verdict) {
  switch (verdict) {
    case 'passed':
      return t('passed');
    case 'failed':
      return t('failed');
    case 'not_observed':
      return t('not observed');
    case 'stopped':
      return t('stopped');
  }
}
