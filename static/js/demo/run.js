// Running a demo: in a session of its own, with the person's hand on it. What the run did is in the store, as events;
// here is only what the page adds: which step's story is shown, and the commands.

/** @import {DemoRun} from '../types.js' */
/** @import {Catalog, Opened} from './catalog.js' */
/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { language, localise, t } from '../i18n.js';
import { openOn } from '../network.js';
import { addDoneDemo, predictsFirst, stepsByHand } from '../prefs.js';
import { stepsOf } from './on-kernel.js';
import { eventOfStep, stepNow, stepTitle } from './story-model.js';

/** Commands that change nothing that a demo is about; where a Lab is open, open_lab is one. */
const LOOKS = new Set(['open_lab', 'control_demo', 'predict_demo', 'read_demo', 'run_demo', 'save_demo', 'segments', 'save_pcapng', 'code', 'payload', 'watch_bytes', 'watch_port', 'set_digest']);

/** How long a new session may take to begin. */
const FRESH_MS = 10_000;

export class Runner {
  /** The step whose story is shown; null: the one that the run is at. @type {number|null} */ #shown = null;
  /** Whether the person put the story away; the next run brings it back. */ #closed = false;
  #desk;
  #catalog;
  #connection;
  #ask;
  #pace;
  #starting = false;
  /** Over when the person has said whether they take over. @type {Promise<void>|null} */ #asking = null;
  #mayTakeOver;
  /** Whether the run that comes next was begun on this page. */ #mine = false;
  /** The run that is shown, by when it began. */ #began = -1;
  /** @type {Set<() => void>} */ #watchers = new Set();

  /**
   * @param {Desk} desk
   * @param {Catalog} catalog
   * @param {{connection: {fresh(): void}, ask: (names: import('../types.js').Socket[]) => Promise<boolean>, mayTakeOver: () => Promise<boolean>, pace: number}} config
   * `ask`: whether open sockets may be closed
   */
  constructor(desk, catalog, { connection, ask, mayTakeOver, pace }) {
    this.#desk = desk;
    this.#catalog = catalog;
    this.#connection = connection;
    this.#ask = ask;
    this.#mayTakeOver = mayTakeOver;
    desk.store.guard = (type) => this.guard(type);
    this.#pace = pace;
    desk.store.subscribe((change) => {
      const { run } = this;
      if (run && run.started_ns !== this.#began) {
        this.#shown = null;
        this.#closed = false;
        if (run.status !== 'finished') desk.network.choose(run.network);
      }
      this.#began = run?.started_ns ?? -1;
      if (!run) return;
      // One that runs without reading time may begin and end within a frame.
      if (this.following || (this.#shown === null && change.events.some((e) => e.type === 'demo_finished'))) this.#follow(change.events);
      if (!change.reset && desk.store.caughtUp) this.#tell(run, change.events);
    });
  }

  /** @param {() => void} fn called when another step's story is shown, or a run is about to begin */
  watch(fn) {
    this.#watchers.add(fn);
  }

  #changed() {
    for (const fn of this.#watchers) fn();
  }

  /** The newest run of the session. @returns {DemoRun|null} */
  get run() {
    return this.#desk.store.state.demo;
  }

  /** The run whose story is shown. @returns {DemoRun|null} */
  get story() {
    return this.#closed ? null : this.run;
  }

  get active() {
    return this.run !== null && this.run.status !== 'finished';
  }

  /** Whether playback goes through the steps: not after the person took over. */
  get telling() {
    return this.story !== null && (this.active || this.story.verdict !== 'stopped');
  }

  /** Whether the story may take the focus: once, when this page began the run and nothing else has it. */
  takeFocus() {
    const may = this.#mine && (document.activeElement === null || document.activeElement === document.body);
    this.#mine = false;
    return may;
  }

  get starting() {
    return this.#starting;
  }

  /** Whether the stage goes along with the run. */
  get following() {
    return this.active && this.#shown === null;
  }

  /** The step whose story is shown. */
  get step() {
    return this.run ? this.#shown ?? stepNow(this.run) : 0;
  }

  /** Runs a demo in a new session. @param {Opened} opened @param {{network?: import('../types.js').Network}} [choice] */
  async start(opened, choice = {}) {
    const { store, network } = this.#desk;
    if (this.#starting) return;
    const where = choice.network ?? this.place(opened.demo.network);
    const open = [...openOn(store.state, 'machine'), ...openOn(store.state, 'lab')];
    if (open.length > 0 && !await this.#ask(open)) return;
    this.#starting = true;
    this.#mine = true;
    this.#changed();
    try {
      // Before the new session begins: where the Lab is chosen, it gets one at once.
      if (where === 'machine') network.choose(where);
      if (store.state.seq > 0) await this.#fresh(open.length > 0 || this.active);
      await store.send({
        type: 'run_demo', ...(opened.builtIn ? { demo: opened.demo.id } : { text: opened.text ?? JSON.stringify(opened.demo) }),
        network: where, language: language(), pace: this.#pace, step: stepsByHand(), predict: predictsFirst(),
      });
      network.choose(where);
    } catch (error) {
      this.#desk.voice.notice(messageOf(error));
    } finally {
      this.#starting = false;
      this.#changed();
    }
  }

  /** Where a demo runs, unless the person chooses. @param {import('../types.js').Demo['network']} asked @returns {import('../types.js').Network} */
  place(asked) {
    if (asked !== 'either') return asked;
    return this.#desk.network.whyNoLab === '' ? 'lab' : 'machine';
  }

  /** Leaves nothing open behind, and begins a new session: names begin at C1 and S1 again. @param {boolean} leaves */
  async #fresh(leaves) {
    const { store } = this.#desk;
    if (this.active) await store.send({ type: 'control_demo', do: 'stop' });
    if (leaves) await store.send({ type: 'close', all: true });
    if (store.state.lab) await store.send({ type: 'close_lab' });
    const old = store.session;
    this.#desk.activate(null);
    store.select(null);
    store.setPair(null, null);
    store.setPaused(false);
    this.#connection.fresh();
    await new Promise((resolve, reject) => {
      const done = new AbortController();
      const timer = setTimeout(() => {
        done.abort();
        reject(new Error(t('The server did not begin a new session. Press Run again.')));
      }, FRESH_MS);
      store.subscribe(() => {
        if (store.session === old || !store.caughtUp) return;
        clearTimeout(timer);
        done.abort();
        resolve(null);
      }, { signal: done.signal });
    });
  }

  /**
   * A hand on a control while the demo drives would change what it shows: it waits, and the person is asked.
   * @param {string} type of the command
   * @returns {Promise<void>|null} null: it may be sent
   */
  guard(type) {
    const { run } = this;
    if (!run || !this.active || this.#starting || LOOKS.has(type)) return null;
    // One press may be many commands: all of them wait for the one answer.
    this.#asking ??= this.#askFirst(run).finally(() => { this.#asking = null; });
    return this.#asking;
  }

  /** @param {DemoRun} run */
  async #askFirst(run) {
    const drove = run.status === 'running';
    if (drove) await this.#steer('pause');
    if (!this.active) return;
    if (!await this.#mayTakeOver()) {
      if (drove) await this.#steer('resume');
      throw new Error(t('Not done: the demo goes on.'));
    }
    await this.#steer('stop');
  }

  /** A run that ends by itself meanwhile is in nobody's way. @param {'pause'|'resume'|'stop'} what */
  async #steer(what) {
    try {
      if (this.active) await this.#desk.store.send({ type: 'control_demo', do: what });
    } catch (error) {
      if (this.active) throw error;
    }
  }

  /** @param {'pause'|'resume'|'step'|'stop'} what */
  async control(what) {
    this.live();
    await this.#desk.run({ type: 'control_demo', do: what });
  }

  /** @param {number} step @param {number} choice */
  predict(step, choice) {
    return this.#desk.run({ type: 'predict_demo', step, choice });
  }

  togglePause() {
    const { run } = this;
    if (run && this.active) void this.control(run.status === 'paused' ? 'resume' : 'pause');
  }

  /** The story of the step before, and what happened in it; the kernel does not go back. */
  back() {
    if (this.step === 0) this.#desk.voice.say(t('This is the first step.'));
    this.show(this.step - 1);
  }

  /** The story of the next step; at the newest one, the run goes one step on. */
  next() {
    const { run } = this;
    if (!run) return;
    if (this.step < stepNow(run)) this.show(this.step + 1);
    else if (this.canNext) void this.control('step');
    else if (run.status === 'asking') this.#desk.voice.say(t('The demo waits for your answer.'));
    else this.#desk.voice.say(t('This is the last step.'));
  }

  /** Whether there is a step to show, or to run; what was told can be read without a server. */
  get canNext() {
    return this.run !== null && (this.step < stepNow(this.run) || (this.active && this.#desk.store.connection === 'live' && this.run.status !== 'asking' && this.step < this.run.demo.steps.length - 1));
  }

  /** @param {number} step */
  show(step) {
    const { run } = this;
    if (!run || step < 0 || step > stepNow(run)) return;
    this.#shown = step === stepNow(run) && this.active ? null : step;
    const event = eventOfStep(this.#desk.store.events, step);
    this.#desk.store.select(this.#shown === null || !event ? null : { kind: 'event', seq: event.seq });
    if (this.#shown !== null && event?.socket) this.#desk.activate(event.socket);
    this.#desk.voice.say(stepSentence(run, step));
    this.#changed();
  }

  /** Back to where the run is. */
  live() {
    if (this.#shown === null) return;
    this.#shown = null;
    this.#changed();
  }

  close() {
    this.#closed = true;
    this.#changed();
  }

  /** The stage shows the connection that the run acts on. @param {import('../types.js').PlaygroundEvent[]} events */
  #follow(events) {
    const acted = events.findLast((e) => (e.type === 'call_started' || e.type === 'call_returned') && e.by !== 'behavior' && e.socket !== undefined && this.#desk.socket(e.socket)?.kind === 'conn');
    if (acted?.socket) this.#desk.activate(acted.socket);
  }

  /** @param {DemoRun} run @param {import('../types.js').PlaygroundEvent[]} events */
  #tell(run, events) {
    const { voice } = this.#desk;
    for (const event of events) {
      if (event.type === 'demo_step_started') voice.say(stepSentence(run, event.step));
      else if (event.type === 'demo_asked') voice.say(t('Predict: {question}', { question: localise(stepsOf(run)[event.step]?.predict?.question ?? { en: '' }) }));
      else if (event.type === 'demo_finished') {
        voice.alert(resultSentence(run, event));
        if (event.verdict === 'passed') void this.#done(run);
      }
    }
  }

  /** @param {DemoRun} run */
  async #done(run) {
    if (await this.#catalog.has(run.demo)) addDoneDemo(run.demo.id);
  }
}

/** @param {DemoRun} run @param {number} step */
function stepSentence(run, step) {
  return t('Step {n} of {all}: {title}', { n: step + 1, all: run.demo.steps.length, title: stepTitle(run, step) });
}

/**
 * How a run ended, in one sentence.
 * @param {DemoRun} run
 * @param {{passed: number, failed: number, not_observed: number}} counts
 */
export function resultSentence({ verdict }, { passed, failed, not_observed: unseen }) {
  switch (verdict) {
    case 'passed':
      return passed === 1 ? t('The check passed.') : t('All {n} checks passed.', { n: passed });
    case 'failed':
      return failed === 0 ? t('The demo could not go on.') : failed === 1 ? t('1 check failed.') : t('{n} checks failed.', { n: failed });
    case 'not_observed':
      return unseen === 1 ? t('1 check could not be observed here; {passed} passed.', { passed }) : t('{n} checks could not be observed here; {passed} passed.', { n: unseen, passed });
    default:
      return t('You took over: the sockets are yours.');
  }
}
