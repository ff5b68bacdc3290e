// Demo files that come to the page: chosen, dropped or pasted. They are read and shown; nothing in them runs.

/** @import {Desk} from '../desk.js' */
/** @import {Opened} from './catalog.js' */

import { messageOf } from '../desk.js';
import { el } from '../dom.js';
import { t } from '../i18n.js';
import { readShape } from './shape.js';

/** demo.MaxBytes: the server takes no more. */
const MAX_FILE = 32 << 10;

export class Files {
  #desk;
  #open;

  /** @param {Desk} desk @param {{opened: (opened: Opened) => void, link: (text: string) => void}} open */
  constructor(desk, open) {
    this.#desk = desk;
    this.#open = open;
    // A send box takes files of its own.
    document.addEventListener('dragover', (e) => { if (!e.defaultPrevented && e.dataTransfer?.types.includes('Files')) e.preventDefault(); });
    document.addEventListener('drop', (e) => {
      const file = e.defaultPrevented ? undefined : e.dataTransfer?.files[0];
      if (!file) return;
      e.preventDefault();
      void this.take(file);
    });
    document.addEventListener('paste', (e) => {
      const typing = e.target instanceof HTMLElement && e.target.closest('input, textarea, [contenteditable]');
      const text = typing ? '' : e.clipboardData?.getData('text/plain') ?? '';
      const link = /#demo=([\w.-]+)\s*$/.exec(text);
      if (link) this.#open.link(link[1]);
      else if (/^\s*(?:#.*\n\s*)*(?:demo\s*:|\{)/.test(text)) void this.read(text);
      else return;
      e.preventDefault();
    });
  }

  choose() {
    const input = el('input', { type: 'file', accept: '.yaml,.yml,.json' });
    input.addEventListener('change', () => { if (input.files?.[0]) void this.take(input.files[0]); });
    input.click();
  }

  /** @param {File} file */
  async take(file) {
    if (file.size > MAX_FILE) return this.#refuse(t('{name} is larger than 32 KiB; a demo file is not.', { name: file.name }));
    await this.read(await file.text(), file.name);
  }

  /** @param {string} text @param {string} [name] */
  async read(text, name = t('What you pasted')) {
    if (new Blob([text]).size > MAX_FILE) return this.#refuse(t('{name} is larger than 32 KiB; a demo file is not.', { name }));
    try {
      const ok = await this.#desk.store.send({ type: 'read_demo', text });
      const shape = readShape(ok.demo);
      if ('error' in shape) this.#refuse(shape.error);
      else this.#open.opened({ demo: shape.demo, words: ok.words, takes: ok.takes, text });
    } catch (error) {
      this.#refuse(t('{name} is not a demo that can be opened: {reason}', { name, reason: messageOf(error) }));
    }
  }

  /** @param {string} sentence */
  #refuse(sentence) {
    this.#desk.voice.notice(sentence);
  }
}
