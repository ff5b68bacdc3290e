// <demo-story>: the card beside the inspector with the story of one step, and its checks as they are decided.

/** @import {CheckRow, PredictRows, StepView} from './story-model.js' */
/** @import {Desk} from '../desk.js' */
/** @import {DemoRun} from '../types.js' */
/** @import {Runner} from './run.js' */

import { el, icon, kbd, setAttr, setText, svg } from '../dom.js';
import { server, t, texts } from '../i18n.js';
import { menuButton } from '../menu.js';
import { resultSentence } from './run.js';
import { counts, stepNow, stepView } from './story-model.js';

/** @type {Record<string, string>} */
const VERDICTS = texts({ passed: 'passed', failed: 'failed', not_observed: 'not observed', waiting: 'not decided yet' });

/**
 * @typedef {{desk: Desk, runner: Runner, menu: () => import('../menu.js').MenuItem[], next: (id: string) => {title: string, open: () => void}|null}} Parts
 * `next`: the demo to go on with
 */

export class DemoStory extends HTMLElement {
  #desk = /** @type {Desk} */ (/** @type {unknown} */ (null));
  #runner = /** @type {Runner} */ (/** @type {unknown} */ (null));
  /** @type {Parts['next']} */ #nextDemo = () => null;
  #at = el('span', { class: 'muted' });
  #title = el('h2');
  #text = el('div', { class: 'story-text' });
  #predict = el('div', { class: 'story-predict' });
  #checks = el('ul', { class: 'story-checks', 'aria-label': t('Checks') });
  #result = el('p', { class: 'story-result' });
  #back = button(t('Back'), () => this.#runner.back());
  #next = el('button', { class: 'btn btn-primary', type: 'button', 'aria-keyshortcuts': '.', onclick: () => this.#runner.next() }, t('Next'), kbd('.'));
  #live = button(t('Go to live'), () => { this.#runner.live(); this.#desk.store.select(null); });
  #takeOver = button(t('Take over'), () => void this.#runner.control('stop'));
  #again = button(t('Run again'), () => this.dispatchEvent(new CustomEvent('runagain', { bubbles: true })));
  #onward = el('button', { class: 'btn btn-primary story-onward', type: 'button' });
  #onwardTo = () => {};
  #drawn = '';
  #askedFor = '';

  /** @param {Parts} parts */
  set parts({ desk, runner, menu, next }) {
    this.#desk = desk;
    this.#runner = runner;
    this.#nextDemo = next;
    this.#onward.addEventListener('click', () => this.#onwardTo());
    this.#takeOver.title = t('Ends the demo; its sockets stay, and are yours');
    this.#takeOver.dataset.acts = '';
    this.#again.dataset.acts = '';
    this.#again.classList.add('story-again');
    this.#live.classList.add('story-live');
    const { button: more, menu: list } = menuButton({ label: t('More about this demo'), content: icon('i-more'), class: 'btn btn-icon btn-quiet story-more', items: menu });
    this.append(
      el('header', { class: 'story-head' }, this.#at, this.#result, more, list),
      el('div', { class: 'story-body', tabindex: '0', role: 'group', 'aria-label': t('Story') },
        el('div', { class: 'story-main' }, this.#title, this.#text),
        el('div', { class: 'story-facts' }, this.#predict, this.#checks)),
      el('footer', null, this.#back, this.#next, this.#onward, this.#again, this.#live, this.#takeOver));
    desk.store.subscribe(() => this.#draw());
    runner.watch(() => this.#draw());
    this.#draw();
  }

  #draw() {
    const run = this.#runner.story;
    this.hidden = !run;
    if (!run) return;
    const { step } = this.#runner;
    const view = stepView(run, step);
    const state = JSON.stringify([run.started_ns, run.status, run.verdict, step, view, this.#runner.starting]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#drawStep(run, view);
    this.#drawPredict(run, view);
    this.#drawChecks(view.checks);
    this.#drawEnd(run, step);
  }

  /** @param {DemoRun} run @param {StepView} view */
  #drawStep(run, { step, title, story, why, sources }) {
    const name = t('Step {n} of {all}', { n: step + 1, all: run.demo.steps.length });
    setAttr(this, 'aria-label', t('Demo: {name}', { name }));
    setText(this.#at, `${name}${statusText(run, step)}`);
    const key = `${run.started_ns} ${step}`;
    if (this.#text.dataset.of === key) return;
    this.#text.dataset.of = key;
    setText(this.#title, title);
    this.#text.replaceChildren(
      ...story.map((p) => el('p', null, p)),
      ...(why.length ? [el('details', { class: 'story-why' }, el('summary', null, icon('i-right'), t('Why?')), why.map((p) => el('p', null, p)))] : []),
      ...(sources.length ? [el('p', { class: 'story-sources' }, sources.join(' · '))] : []));
    /** @type {HTMLElement} */ (this.querySelector('.story-body')).scrollTop = 0;
  }

  /** @param {DemoRun} run @param {StepView} view */
  #drawPredict(run, { step, predict }) {
    const asking = run.status === 'asking' && step === stepNow(run);
    // The story and the checks would give the answer away.
    this.toggleAttribute('data-asking', asking);
    // Without "Predict first" nobody was asked, and there is no answer to compare.
    this.#predict.hidden = !predict || (!asking && !predict.answered);
    if (!predict || this.#predict.hidden) return;
    const key = `${run.started_ns} ${step} ${asking} ${JSON.stringify(predict)}`;
    if (this.#predict.dataset.of === key) return;
    this.#predict.dataset.of = key;
    this.#predict.replaceChildren(asking ? this.#question(step, predict) : answered(predict));
    // A question is asked of the person: the focus goes there, but not out of what is being typed.
    const busy = document.activeElement?.closest('input:not([type="radio"], [type="checkbox"]), textarea, dialog, [popover]');
    if (asking && this.#askedFor !== key && !busy) this.#predict.querySelector('input')?.focus();
    if (asking) this.#askedFor = key;
  }

  /** @param {number} step @param {PredictRows} predict */
  #question(step, { question, choices }) {
    const answer = el('button', { class: 'btn btn-primary', type: 'submit', disabled: true, 'data-acts': true }, t('See what happens'));
    const form = el('form', { class: 'predict' },
      el('fieldset', null, el('legend', null, question),
        choices.map(({ text }, i) => el('label', null, el('input', { type: 'radio', name: 'choice', value: i, onchange: () => { answer.disabled = false; } }), text))), answer);
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      const chosen = form.querySelector('input:checked');
      if (chosen instanceof HTMLInputElement) void this.#runner.predict(step, Number(chosen.value));
    });
    return form;
  }

  /** @param {CheckRow[]} checks */
  #drawChecks(checks) {
    this.#checks.hidden = checks.length === 0;
    while (this.#checks.children.length > checks.length) this.#checks.lastElementChild?.remove();
    for (const [i, check] of checks.entries()) {
      const old = this.#checks.children[i];
      const key = JSON.stringify(check);
      if (old instanceof HTMLElement && old.dataset.of === key) continue;
      const row = this.#check(check);
      row.dataset.of = key;
      if (!old) this.#checks.append(row);
      else {
        const focused = old.contains(document.activeElement);
        old.replaceWith(row);
        if (focused) row.querySelector('button')?.focus();
      }
    }
  }

  /** @param {CheckRow} check */
  #check({ text, decision }) {
    const { store } = this.#desk;
    const verdict = decision?.verdict ?? 'waiting';
    const facts = decision?.facts ?? [];
    const light = () => store.hoverEvents(facts);
    const dark = () => store.hoverEvents([]);
    const select = () => {
      const seq = facts.find((fact) => store.event(fact));
      if (seq === undefined) return;
      const event = store.event(seq);
      if (event?.socket) this.#desk.activate(event.socket);
      store.select({ kind: 'event', seq });
    };
    const detail = decision?.detail ? server(decision.detail) : '';
    return el('li', { 'data-verdict': verdict },
      el('button', {
        type: 'button', 'aria-disabled': facts.length ? null : 'true', title: facts.length ? t('Show what decided it') : null,
        onclick: select, onpointerenter: light, onpointerleave: dark, onfocus: light, onblur: dark,
      }, verdictMark(verdict), el('span', { class: 'sr-only' }, t(VERDICTS[verdict]), ': '), el('span', null, text, (verdict === 'not_observed' || detail !== '') && el('small', null, [verdict === 'not_observed' && t('not observed'), detail].filter(Boolean).join(': ')))));
  }

  /** @param {DemoRun} run @param {number} step */
  #drawEnd(run, step) {
    const { active, starting } = this.#runner;
    const last = !active && step === stepNow(run);
    const sum = counts(run);
    const onward = last ? this.#nextDemo(run.demo.id) : null;
    this.#result.hidden = !last;
    if (last) {
      setAttr(this.#result, 'data-verdict', run.verdict ?? null);
      this.#result.replaceChildren(el('b', null, resultSentence(run, sum)), run.message ? ` ${server(run.message)}` : '');
    }
    this.#back.disabled = step === 0;
    this.#next.hidden = last;
    this.#next.disabled = !this.#runner.canNext;
    this.#live.hidden = !active || step === stepNow(run);
    this.#takeOver.hidden = !active || step !== stepNow(run);
    this.#again.hidden = !last;
    this.#again.disabled = starting;
    this.#onward.hidden = !onward;
    if (onward) {
      setText(this.#onward, t('Next: {title}', { title: onward.title }));
      this.#onwardTo = onward.open;
    }
  }
}

/** @param {DemoRun} run @param {number} step */
function statusText(run, step) {
  if (step !== stepNow(run)) return '';
  if (run.status === 'paused') return t(', paused');
  return run.status === 'asking' ? t(', waits for your answer') : '';
}

/** What was predicted, and what the run showed. @param {PredictRows} predict */
function answered({ question, choices }) {
  const mine = choices.find((c) => c.chosen);
  const right = choices.find((c) => c.right);
  const detail = mine?.right === false && mine.decision?.detail ? server(mine.decision.detail) : '';
  const told = mine?.right === true ? t('Right, as you predicted.')
    : right ? t('Not so. What happened: {text}', { text: right.text })
      : mine?.right === false ? t('Not so.') : '';
  return el('div', { class: 'predicted' }, el('p', null, question),
    el('ul', null, choices.map((c) => el('li', { 'data-verdict': c.right === true ? 'passed' : c.right === false && c.chosen ? 'failed' : 'waiting' },
      verdictMark(c.right === true ? 'passed' : c.right === false && c.chosen ? 'failed' : 'waiting'), el('span', null, c.text, c.chosen && el('small', null, t('your prediction')))))),
    told && el('p', { role: 'status' }, el('b', null, told), detail && ` ${detail}`));
}

/** @param {string} verdict */
function verdictMark(verdict) {
  const shapes = /** @type {Record<string, string>} */ ({ passed: 'm3 8.5 3.2 3L13 4.5', failed: 'm4 4 8 8M12 4l-8 8', not_observed: 'M4 8h8' });
  return svg('svg', { class: 'mark', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, shapes[verdict] ? svg('path', { d: shapes[verdict] }) : svg('circle', { cx: 8, cy: 8, r: 4.5 }));
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  return el('button', { class: 'btn', type: 'button', onclick: act }, label);
}

customElements.define('demo-story', DemoStory);
