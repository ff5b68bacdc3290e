// The built-in demos: their list, and each one's file as the server has it.

/** @import {Demo, DemoEntry, DemoWords, Takes} from '../types.js' */

import { t } from '../i18n.js';

/**
 * A demo that was opened and does nothing yet.
 * @typedef {{demo: Demo, words?: DemoWords, takes?: Takes, builtIn?: boolean, text?: string}} Opened `text` is its file, where it came as one
 */

export class Catalog {
  /** @type {DemoEntry[]} */ entries = [];
  /** Why there is no list, as a sentence. */ error = '';
  /** Over when the list came, or did not. @type {Promise<void>} */ loaded = Promise.resolve();
  /** @type {Promise<void>|null} */ #texts = null;
  /** @type {Set<() => void>} */ #watchers = new Set();
  /** @type {Map<string, Promise<Opened>>} */ #demos = new Map();

  /** @param {() => void} fn called when the list came, or did not */
  watch(fn) {
    this.#watchers.add(fn);
  }

  load() {
    this.loaded = this.#load();
    return this.loaded;
  }

  async #load() {
    try {
      const { demos } = await getJson('demos');
      this.entries = demos ?? [];
      this.error = '';
    } catch {
      this.error = t('The demos could not be loaded.');
    }
    for (const fn of this.#watchers) fn();
  }

  /** What the steps of the demos say, for a search; asked for once. */
  loadTexts() {
    this.#texts ??= this.#loadTexts();
    return this.#texts;
  }

  async #loadTexts() {
    await this.loaded;
    try {
      const { texts } = await getJson('demos/texts');
      this.entries = this.entries.map((entry) => ({ ...entry, texts: texts?.[entry.id] }));
    } catch {
      this.#texts = null; // the list has titles and keywords; the next search asks again
      return;
    }
    for (const fn of this.#watchers) fn();
  }

  /** @param {string} id @returns {Promise<Opened>} */
  open(id) {
    let demo = this.#demos.get(id);
    if (!demo) {
      demo = getJson(`demos/${encodeURIComponent(id)}`).then((answer) => ({ demo: answer.demo, words: answer.words, takes: answer.takes, builtIn: true }));
      demo.catch(() => this.#demos.delete(id));
      this.#demos.set(id, demo);
    }
    return demo;
  }

  /** Whether a demo is, word for word, the built-in one of its name. @param {Demo} demo */
  async has(demo) {
    if (!this.entries.some((entry) => entry.id === demo.id)) return false;
    const own = await this.open(demo.id).catch(() => null);
    return own !== null && JSON.stringify(own.demo) === JSON.stringify(demo);
  }
}

/** @param {string} path @returns {Promise<any>} */
async function getJson(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}
