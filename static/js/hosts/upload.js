// A file's bytes to a socket, by binary frames; few enough on the way that a blocked Write is felt here too.

/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el, setText } from '../dom.js';
import { bytes } from '../format.js';
import { Meter } from './meter.js';

const MAX_FILE = 64 * 1024 ** 2;
const CHUNK = 64 * 1024;
/** The protocol's bound on unanswered frames. */
const MAX_UNANSWERED = 16;

export class Upload {
  #desk;
  #id;
  #progress = new Meter('File');
  #text = el('p', { class: 'card-note' });
  #cancelled = false;
  element;
  busy = false;

  /** @param {Desk} desk @param {string} id */
  constructor(desk, id) {
    this.#desk = desk;
    this.#id = id;
    const cancel = el('button', { class: 'btn btn-sm', type: 'button', 'aria-label': 'Cancel the file', onclick: () => { this.#cancelled = true; } }, 'Cancel');
    this.element = el('div', { class: 'progress', hidden: true }, this.#text, this.#progress.element, cancel);
  }

  /** @param {File} file */
  async send(file) {
    if (this.busy) return this.#desk.voice.notice('A file is on its way already; wait, or cancel it.');
    if (file.size > MAX_FILE) return this.#desk.voice.notice(`${file.name} has ${bytes(file.size)}; a file may have 64 MiB at most. Generate sends up to 1 GiB.`);
    this.busy = true;
    this.#cancelled = false;
    this.element.hidden = false;
    setText(this.#text, file.name);
    try {
      const sent = await this.#frames(file);
      this.#desk.voice.say(this.#cancelled ? `Cancelled after ${bytes(sent)} of ${file.name}.` : `${file.name} sent, ${bytes(sent)}.`);
    } catch (error) {
      this.#desk.voice.notice(messageOf(error));
    } finally {
      this.busy = false;
      this.element.hidden = true;
    }
  }

  /** @param {File} file @returns {Promise<number>} how many bytes Write has taken */
  async #frames(file) {
    let written = 0;
    /** @type {Set<Promise<void>>} */
    const unanswered = new Set();
    for (let at = 0; at < file.size && !this.#cancelled; at += CHUNK) {
      while (unanswered.size >= MAX_UNANSWERED) await Promise.race(unanswered);
      const chunk = new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer());
      const answer = this.#desk.store.sendBytes(this.#id, chunk).then((ok) => {
        unanswered.delete(answer);
        written += ok.n ?? chunk.length;
        const text = `${file.name}: ${bytes(written)} of ${bytes(file.size)}`;
        setText(this.#text, text);
        this.#progress.set(written, file.size, text);
      });
      unanswered.add(answer);
      answer.catch(() => { this.#cancelled = true; });
    }
    await Promise.all(unanswered);
    return written;
  }
}
