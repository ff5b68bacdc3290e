// The top bar's title: the demo of the session, a tick for each of its steps, and where the story is; in free play, the
// button that makes a demo of it.

/** @import {Desk} from '../desk.js' */
/** @import {Runner} from './run.js' */

import { el, icon, setAttr, setText } from '../dom.js';
import { localise, t, texts } from '../i18n.js';
import { NOTHING_TO_READ, reading, ticks } from './story-model.js';

/** @type {Record<string, string>} */
const VERDICTS = texts({ passed: 'passed', failed: 'failed', not_observed: 'not observed' });

export class DemoTitle {
  #runner;
  #desk;
  #title;
  #at = el('span');
  #steps = el('ol', { class: 'steps', 'aria-label': t('Steps of the demo') });
  #save = el('button', { class: 'btn btn-sm btn-quiet demo-save', type: 'button', 'data-acts': true, title: t('What you did by hand becomes a demo'), onclick: () => this.#save.dispatchEvent(new CustomEvent('savedemo', { bubbles: true })) }, icon('i-save'), el('span', null, t('Save as demo')));
  /** What is drawn. @type {[run: unknown, step: number]} */ #drawn = [undefined, -1];

  /** @param {HTMLElement} place with an h1 in it @param {Desk} desk @param {Runner} runner */
  constructor(place, desk, runner) {
    this.#runner = runner;
    this.#desk = desk;
    this.#title = /** @type {HTMLElement} */ (place.querySelector('h1'));
    place.append(el('div', { class: 'demo-title' }, this.#title, this.#save, this.#at), this.#steps);
    desk.store.subscribe(() => this.#draw());
    runner.watch(() => this.#draw());
    setInterval(() => this.#drawReading(), 250);
    this.#draw();
  }

  #draw() {
    const run = this.#runner.story;
    this.#save.hidden = run !== null || !anyOwn(this.#desk.store.state.sockets);
    const shown = this.#runner.step;
    if (this.#drawn[0] === run && this.#drawn[1] === shown) return;
    this.#drawn = [run, shown];
    const list = run ? ticks(run) : [];
    setText(this.#title, run ? localise(run.demo.title) : t('Free play'));
    setAttr(this.#title, 'title', run ? localise(run.demo.title) : null);
    setText(this.#at, run ? `${shown + 1} / ${list.length}` : '');
    this.#steps.hidden = !run;
    while (this.#steps.children.length > list.length) this.#steps.lastElementChild?.remove();
    for (const [i, tick] of list.entries()) {
      const item = this.#steps.children[i] ?? this.#steps.appendChild(this.#tick(i));
      const button = /** @type {HTMLButtonElement} */ (item.firstElementChild);
      const name = t('{n} {title}', { n: i + 1, title: tick.title });
      setAttr(item, 'data-phase', tick.phase);
      setAttr(item, 'data-place', tick.place);
      setAttr(item, 'data-verdict', tick.verdict || null);
      setAttr(item, 'aria-current', i === shown ? 'step' : null);
      setAttr(button, 'aria-label', tick.verdict ? t('{name}, {verdict}', { name, verdict: t(VERDICTS[tick.verdict]) }) : name);
      setAttr(button, 'title', button.getAttribute('aria-label'));
      button.disabled = tick.place === 'later';
    }
  }

  /** The tick of the step that is being read fills. */
  #drawReading() {
    const { run } = this.#runner;
    const { left, done } = run && this.#runner.story ? reading(run, this.#desk.store.now()) : NOTHING_TO_READ;
    const item = run && this.#steps.children[run.step];
    for (const other of this.#steps.querySelectorAll('[data-reading]')) if (other !== item || left <= 0) other.removeAttribute('data-reading');
    if (!(item instanceof HTMLElement) || left <= 0) return;
    item.setAttribute('data-reading', '');
    item.style.setProperty('--done', String(done));
  }

  /** @param {number} step */
  #tick(step) {
    return el('li', null, el('button', { type: 'button', onclick: () => this.#runner.show(step) }));
  }
}

/** Whether anything was done by hand. @param {Map<string, import('../types.js').Socket>} sockets */
function anyOwn(sockets) {
  for (const { kind } of sockets.values()) if (kind !== 'other') return true;
  return false;
}
