// A file's bytes to a socket, by binary frames; few enough on the way that a blocked Write is felt here too.

/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { el, setText } from '../dom.js';
import { bytes } from '../format.js';
import { t } from '../i18n.js';
import { Meter } from './meter.js';

const MAX_FILE = 64 * 1024 ** 2;
const CHUNK = 64 * 1024;
/** The protocol's bound on unanswered frames. */
const MAX_UNANSWERED = 16;

/** The file is in this page alone: who leaves it, or changes the language, is asked first. @param {Event} e */
function askToStay(e) {
  e.preventDefault();
}

export class Upload {
  #desk;
  #id;
  #progress = new Meter(t('File'));
  #text = el('p', { class: 'card-note' });
  #cancelled = false;
  element;
  busy = false;

  /** @param {Desk} desk @param {string} id */
  constructor(desk, id) {
    this.#desk = desk;
    this.#id = id;
    const cancel = el('button', { class: 'btn btn-sm', type: 'button', 'aria-label': t('Cancel the file'), onclick: () => { this.#cancelled = true; } }, t('Cancel'));
    this.element = el('div', { class: 'progress', hidden: true }, this.#text, this.#progress.element, cancel);
  }

  /** @param {File} file */
  async send(file) {
    if (this.busy) return this.#desk.voice.notice(t('A file is on its way already; wait, or cancel it.'));
    if (file.size > MAX_FILE) return this.#desk.voice.notice(t('{name} has {bytes}; a file may have 64 MiB at most. Generate sends up to 1 GiB.', { name: file.name, bytes: bytes(file.size) }));
    this.busy = true;
    window.addEventListener('beforeunload', askToStay);
    this.#cancelled = false;
    this.element.hidden = false;
    setText(this.#text, file.name);
    try {
      const sent = await this.#frames(file);
      this.#desk.voice.say(this.#cancelled ? t('Cancelled after {bytes} of {name}.', { bytes: bytes(sent), name: file.name }) : t('{name} sent, {bytes}.', { name: file.name, bytes: bytes(sent) }));
    } catch (error) {
      this.#desk.voice.notice(messageOf(error));
    } finally {
      this.busy = false;
      window.removeEventListener('beforeunload', askToStay);
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
        const text = t('{name}: {done} of {all}', { name: file.name, done: bytes(written), all: bytes(file.size) });
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
