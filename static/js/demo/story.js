// <demo-story>: the card beside the inspector with the story of one step, and its checks as they are decided.

/** @import {CheckRow, PredictRows, StepView} from './story-model.js' */
/** @import {Desk} from '../desk.js' */
/** @import {DemoRun} from '../types.js' */
/** @import {Runner} from './run.js' */

import { el, icon, kbd, setAttr, setText, svg } from '../dom.js';
import { server, t, texts } from '../i18n.js';
import { menuButton } from '../menu.js';
import { resultSentence } from './run.js';
import { StoryLine } from './story-line.js';
import { counts, endText, NOTHING_TO_READ, reading, stepNow, stepView } from './story-model.js';

/** @type {Record<string, string>} */
const VERDICTS = texts({ passed: 'passed', failed: 'failed', not_observed: 'not observed', waiting: 'not decided yet' });

/**
 * @typedef {{desk: Desk, runner: Runner, menu: () => import('../menu.js').MenuItem[], next: (id: string) => {title: string, open: () => void}|null}} Parts
 * `next`: the demo to go on with
 */

const FORM = 'predict-form';
/** How long a press may still be meant for what stood there before. */
const MISPRESS_MS = 700;

export class DemoStory extends HTMLElement {
  #desk = /** @type {Desk} */ (/** @type {unknown} */ (null));
  #runner = /** @type {Runner} */ (/** @type {unknown} */ (null));
  /** @type {Parts['next']} */ #nextDemo = () => null;
  #at = el('span', { class: 'muted' });
  #title = el('h2');
  #text = el('div', { class: 'story-text' });
  #body = el('div', { class: 'story-body', tabindex: '0', role: 'group', 'aria-label': t('Story') });
  #predict = el('div', { class: 'story-predict' });
  #checks = el('ul', { class: 'story-checks', 'aria-label': t('Checks') });
  #result = el('p', { class: 'story-result' });
  #back = button(t('Back'), () => this.#runner.back());
  #pauseIcon = icon('i-pause');
  #pauseText = el('span', null, t('Pause'));
  #pause = el('button', { class: 'btn story-pause', type: 'button', 'aria-keyshortcuts': 'Space', onclick: () => this.#runner.togglePause() }, this.#pauseIcon, this.#pauseText);
  /** How long the run still leaves to read the step: a ring that fills, and beside the button in words. */
  #ring = el('span', { class: 'story-ring', 'aria-hidden': 'true' });
  #wait = el('span', { class: 'muted story-wait', 'aria-hidden': 'true' });
  #next = el('button', { class: 'btn btn-primary', type: 'button', 'aria-keyshortcuts': '.', onclick: () => { if (this.#next.ariaDisabled !== 'true') this.#runner.next(); } }, this.#ring, t('Next'), kbd('.'));
  #live = button(t('Go to live'), () => { this.#runner.live(); this.#desk.store.select(null); });
  #again = button(t('Run again'), () => this.dispatchEvent(new CustomEvent('runagain', { bubbles: true })));
  #onward = el('button', { class: 'btn btn-primary story-onward', type: 'button' });
  #onwardTo = () => {};
  /** What is drawn: a run is another object after each event. @type {[DemoRun|null, number, boolean, boolean]} */ #drawn = [null, -1, false, false];
  #askedFor = '';
  #line = /** @type {StoryLine} */ (/** @type {unknown} */ (null));
  /** Sends the form with the question; it stands with the other buttons, where it is always seen. */
  #answer = el('button', { class: 'btn btn-primary', type: 'submit', form: FORM, disabled: true, 'data-acts': true }, t('See what happens'));

  /** @param {Parts} parts */
  set parts({ desk, runner, menu, next }) {
    this.#desk = desk;
    this.#runner = runner;
    this.#nextDemo = next;
    this.#onward.addEventListener('click', () => this.#onwardTo());
    this.#pause.dataset.acts = '';
    this.#again.dataset.acts = '';
    this.#again.classList.add('story-again');
    this.#live.classList.add('story-live');
    const { button: more, menu: list } = menuButton({ label: t('More about this demo'), content: icon('i-more'), class: 'btn btn-icon btn-quiet story-more', items: menu });
    const footer = el('footer', null, this.#back, this.#pause, this.#answer, this.#next, this.#wait, this.#onward, this.#again, this.#live);
    this.#body.append(
      el('div', { class: 'story-main' }, this.#title, this.#text),
      el('div', { class: 'story-facts' }, this.#predict, this.#checks));
    this.append(
      el('header', { class: 'story-head' }, this.#at, this.#result, more, list),
      this.#body,
      footer);
    this.#line = new StoryLine(this, { footer, next: () => this.#next.click() });
    desk.store.subscribe(() => this.#draw());
    runner.watch(() => this.#draw());
    setInterval(() => this.#drawWait(), 250);
    this.#draw();
  }

  #draw() {
    const run = this.#runner.story;
    this.hidden = !run;
    if (!run) return this.#line.show(null);
    const { step, starting } = this.#runner;
    const live = this.#desk.store.connection === 'live';
    const [drawn, at, was, wasLive] = this.#drawn;
    if (drawn === run && at === step && was === starting && wasLive === live) return;
    this.#drawn = [run, step, starting, live];
    const view = stepView(run, step);
    this.#drawStep(run, view);
    this.#drawPredict(run, view);
    this.#drawChecks(view.checks);
    this.#drawEnd(run, step);
    this.#drawWait();
    this.#line.show({ at: this.#at.textContent ?? '', title: view.title, canNext: !this.#next.hidden && !this.#next.disabled && this.#next.ariaDisabled !== 'true' });
    // What was pressed to run it is gone; who uses the keyboard goes on here.
    if (drawn?.started_ns !== run.started_ns && this.#runner.takeFocus()) this.#body.focus({ preventScroll: true });
  }

  #drawWait() {
    const run = this.#runner.story;
    const { left, done } = run && this.#runner.step === stepNow(run) ? reading(run, this.#desk.store.now()) : NOTHING_TO_READ;
    setText(this.#wait, left > 0 ? t('in {n} s', { n: Math.ceil(left / 1e9) }) : '');
    this.#ring.hidden = left <= 0;
    this.#ring.style.setProperty('--done', String(done));
  }

  /** @param {DemoRun} run @param {StepView} view */
  #drawStep(run, { step, title, story, why, sources }) {
    const name = t('Step {n} of {all}', { n: step + 1, all: run.demo.steps.length });
    setAttr(this, 'aria-label', t('Demo: {name}', { name }));
    setText(this.#at, `${name}${statusText(run, step)}`);
    setText(this.#title, title); // with "Predict first" it comes with the answer
    const key = `${run.started_ns} ${step}`;
    if (this.#text.dataset.of === key) return;
    this.#text.dataset.of = key;
    this.#text.replaceChildren(
      ...story.map((p) => el('p', null, p)),
      ...(why.length ? [el('details', { class: 'story-why' }, el('summary', null, icon('i-right'), t('Why?')), why.map((p) => el('p', null, p)))] : []),
      ...(sources.length ? [el('p', { class: 'story-sources' }, sources.join(' · '))] : []));
    this.#body.scrollTop = 0;
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
    this.#body.scrollTop = 0;
    // A question is asked of the person: the focus goes there, but not out of what is being typed.
    const busy = document.activeElement?.closest('input:not([type="radio"], [type="checkbox"]), textarea, dialog, [popover]');
    if (asking && this.#askedFor !== key && !busy) this.#predict.querySelector('input')?.focus();
    if (asking) this.#askedFor = key;
  }

  /** @param {number} step @param {PredictRows} predict */
  #question(step, { question, choices }) {
    this.#answer.disabled = true;
    const form = el('form', { class: 'predict', id: FORM },
      el('fieldset', null, el('legend', null, question),
        choices.map(({ text }, i) => el('label', null, el('input', { type: 'radio', name: 'choice', value: i, onchange: () => { this.#answer.disabled = false; } }), text))));
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

  /** A button that has just appeared takes no press that was meant for what stood there. @param {HTMLButtonElement} button */
  #giveTime(button) {
    button.disabled = true;
    setTimeout(() => { button.disabled = false; }, MISPRESS_MS);
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
      this.#result.replaceChildren(el('b', null, resultSentence(run, sum)), run.message ? ` ${endText(run)}` : '');
    }
    this.#back.disabled = step === 0;
    const asking = run.status === 'asking' && step === stepNow(run);
    this.#answer.hidden = !asking;
    // Where a finger presses Next again and again, nothing else comes under it.
    this.#next.hidden = asking;
    setAttr(this.#next, 'aria-disabled', last ? 'true' : null);
    setAttr(this.#next, 'title', last ? t('This is the last step.') : null);
    this.#next.disabled = !last && !this.#runner.canNext;
    this.#live.hidden = !active || step === stepNow(run);
    const here = active && step === stepNow(run) && !asking;
    this.#pause.hidden = !here;
    const paused = run.status === 'paused';
    setText(this.#pauseText, paused ? t('Go on') : t('Pause'));
    setAttr(/** @type {Element} */ (this.#pauseIcon.firstElementChild), 'href', paused ? '#i-play' : '#i-pause');
    this.#again.hidden = !last;
    this.#again.disabled = starting;
    if (onward && this.#onward.hidden) this.#giveTime(this.#onward);
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

/** What was predicted, and, as soon as it is known, what the run showed. @param {PredictRows} predict */
function answered({ question, choices }) {
  const mine = choices.find((c) => c.chosen);
  const happened = choices.find((c) => c.right);
  const verdict = mine?.right === true ? 'passed' : mine?.right === false ? 'failed' : 'waiting';
  const told = verdict === 'passed' ? t('Right, as you predicted: {text}', { text: mine?.text ?? '' })
    : verdict === 'waiting' ? t('Your prediction: {text}', { text: mine?.text ?? '' })
      : happened ? t('Not so: {mine}. What happened: {text}', { mine: mine?.text ?? '', text: happened.text })
        : t('Not so: {mine}.', { mine: mine?.text ?? '' });
  const detail = verdict === 'failed' && mine?.decision?.detail ? server(mine.decision.detail) : '';
  return el('div', { class: 'predicted' }, el('p', null, question),
    el('p', { role: 'status', 'data-verdict': verdict }, verdictMark(verdict), el('span', null, told, detail && el('small', null, detail))));
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
