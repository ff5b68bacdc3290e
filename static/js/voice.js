// What is said to screen readers: one polite sentence a second at most, errors at once. And the same errors to the eye.

import { el } from './dom.js';
import { t } from './i18n.js';

const POLITE_EVERY_MS = 1_000;
const NOTICE_MS = 8_000;

export class Voice {
  #polite;
  #assertive;
  #notices;
  #next = '';
  #skipped = 0;
  #timer = 0;
  #lastAt = -POLITE_EVERY_MS;

  /** @param {{polite: HTMLElement, assertive: HTMLElement, notices: HTMLElement}} regions */
  constructor({ polite, assertive, notices }) {
    this.#polite = polite;
    this.#assertive = assertive;
    this.#notices = notices;
  }

  /** Says it politely; where more comes than can be said, the newest is. @param {string} sentence */
  say(sentence) {
    if (this.#next) this.#skipped++;
    this.#next = sentence;
    if (this.#timer) return;
    const wait = Math.max(0, this.#lastAt + POLITE_EVERY_MS - performance.now());
    this.#timer = window.setTimeout(() => this.#speak(), wait);
  }

  #speak() {
    this.#polite.textContent = this.#skipped ? t('{sentence} (and {n} more)', { sentence: this.#next, n: this.#skipped }) : this.#next;
    this.#next = '';
    this.#skipped = 0;
    this.#timer = 0;
    this.#lastAt = performance.now();
  }

  /** Says it at once, for errors that are shown elsewhere. @param {string} sentence */
  alert(sentence) {
    // The same sentence twice is read twice only if the text changes in between.
    this.#assertive.textContent = '';
    this.#assertive.textContent = sentence;
  }

  /** Shows it for a while in a corner, and says it. @param {string} sentence @param {'info'|'warning'} [level] */
  notice(sentence, level = 'warning') {
    if (level === 'warning') this.alert(sentence);
    else this.say(sentence);
    const notice = el('p', { class: 'toast', dataset: { phase: level === 'warning' ? 'error' : 'idle' } }, sentence);
    // What is said again is not shown twice.
    const others = [...this.#notices.children].filter((shown) => shown.textContent !== sentence);
    this.#notices.replaceChildren(...others.slice(-2), notice);
    window.setTimeout(() => notice.remove(), NOTICE_MS);
  }
}
