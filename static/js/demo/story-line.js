// The story in one line at the bottom of the window, where the page scrolls and the story's own buttons are out of sight:
// so that it can be followed while one looks at the stage.

import { el, setText } from '../dom.js';
import { t } from '../i18n.js';

export class StoryLine {
  #at = el('span', { class: 'muted' });
  #title = el('b');
  #next;
  #element;
  #shown = false;
  /** The story's buttons cannot be seen. */ #away = false;

  /**
   * @param {HTMLElement} story
   * @param {{footer: HTMLElement, next: () => void}} parts  its buttons, and what Next does
   */
  constructor(story, { footer, next }) {
    this.#next = el('button', { class: 'btn btn-sm btn-primary', type: 'button', onclick: next }, t('Next'));
    this.#element = el('div', { class: 'story-line', role: 'group', 'aria-label': t('Story in one line'), hidden: true },
      el('button', { class: 'btn btn-sm btn-quiet', type: 'button', title: t('Show the story'), onclick: () => story.scrollIntoView({ block: 'end' }) }, this.#at, ' ', this.#title), this.#next);
    document.body.append(this.#element);
    new IntersectionObserver((entries) => {
      this.#away = entries.at(-1)?.isIntersecting === false;
      this.#element.hidden = !this.#shown || !this.#away;
    }, { threshold: 0.5 }).observe(footer);
  }

  /** @param {{at: string, title: string, canNext: boolean} | null} what  null: there is no story */
  show(what) {
    this.#shown = what !== null;
    this.#element.hidden = !this.#shown || !this.#away;
    if (!what) return;
    setText(this.#at, what.at);
    setText(this.#title, what.title);
    this.#next.hidden = !what.canNext;
  }
}
