// Sends that nobody types: a pattern or random bytes, in chunks, with their SHA-256 on both sides.

/** @import {Transfer} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { CommandError } from '../store.js';
import { messageOf } from '../desk.js';
import { el, setText } from '../dom.js';
import { bytes, duration } from '../format.js';
import { pieces, t } from '../i18n.js';
import { Message, segmented } from './form.js';
import { Meter } from './meter.js';
import { plainNumber } from './typed.js';

const GIB = 1024 ** 3;

export class Generate {
  #desk;
  #id;
  #kind = segmented({ label: t('What to generate'), value: 'pattern', options: [['pattern', t('pattern'), t('A text, again and again')], ['random', t('random'), t('Random bytes')]], onchange: (v) => { this.#patternRow.hidden = v !== 'pattern'; } });
  #pattern;
  #patternRow;
  #bytes;
  #chunk;
  #interval;
  #digest = el('input', { type: 'checkbox' });
  #message = new Message();
  #start;
  #panel;
  #progress = new Meter(t('Sending'));
  #cancel = el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true }, t('Cancel'));
  #text = el('p', { class: 'card-note' });
  #running = el('div', { class: 'progress', hidden: true }, this.#text, this.#progress.element, this.#cancel);
  #from = { transfer: -1, wrote: 0 };

  /** @param {Desk} desk @param {string} id */
  constructor(desk, id) {
    this.#desk = desk;
    this.#id = id;
    this.#pattern = numberField(t('Pattern to repeat for {id}', { id }), '0123456789\\n');
    this.#patternRow = el('div', { class: 'setting-row' }, el('span', null, t('Repeats')), this.#pattern);
    this.#bytes = numberField(t('How many bytes to generate for {id}', { id }), '1 MiB');
    this.#chunk = numberField(t('Bytes a Write for {id}', { id }), '64K');
    this.#interval = numberField(t('Milliseconds between Writes for {id}', { id }), '0');
    this.#start = el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#send() }, t('Start'));
    const close = el('button', { class: 'btn btn-sm btn-quiet push', type: 'button', onclick: () => this.toggle() }, t('Hide'));
    this.#panel = el('fieldset', { class: 'generate', hidden: true }, el('legend', { class: 'sr-only' }, t('Generate')),
      el('div', { class: 'card-row' }, this.#kind.element, this.#bytes),
      this.#patternRow,
      el('div', { class: 'setting-row' }, pieces('Each Write {bytes} every {time} ms', { bytes: this.#chunk, time: this.#interval })),
      el('label', { class: 'check' }, this.#digest, t('SHA-256 of both sides')),
      this.#message.element,
      el('div', { class: 'card-row' }, this.#start, close));
    this.#cancel.addEventListener('click', () => this.#desk.run({ type: 'cancel', transfer: this.#from.transfer }));
    this.element = el('div', { class: 'generate-box' }, this.#panel, this.#running);
  }

  get busy() {
    return !this.#running.hidden;
  }

  toggle() {
    this.#panel.hidden = !this.#panel.hidden;
    if (!this.#panel.hidden) this.#bytes.focus();
  }

  /** @param {boolean} off */
  update(off) {
    this.#start.disabled = off;
    const transfer = this.#transfer();
    this.#running.hidden = !transfer;
    if (!transfer) return;
    const { store } = this.#desk;
    const wrote = store.state.sockets.get(this.#id)?.wrote ?? 0;
    // A transfer does not tell how far it is; what the socket wrote since it began does.
    if (this.#from.transfer !== transfer.transfer) this.#from = { transfer: transfer.transfer, wrote };
    const done = Math.min(transfer.bytes, wrote - this.#from.wrote);
    const ns = store.now() - transfer.started_ns;
    const rate = ns > 0 ? `, ${bytes(done / (ns / 1e9))}/s` : '';
    const text = t('{done} of {all}{rate}, {time}', { done: bytes(done), all: bytes(transfer.bytes), rate, time: duration(ns) });
    setText(this.#text, text);
    this.#progress.set(done, transfer.bytes, text);
  }

  /** @returns {Transfer|undefined} */
  #transfer() {
    for (const transfer of this.#desk.store.state.transfers.values()) if (transfer.socket === this.#id) return transfer;
    return undefined;
  }

  async #send() {
    this.#message.clear();
    const size = parseSize(this.#bytes.value);
    const chunk = parseSize(this.#chunk.value);
    const interval = plainNumber(this.#interval.value || '0');
    if (size === null || size < 1 || size > GIB) return this.#refuse(t('Write how many bytes, from 1 to 1 GiB, as 5000, 64 KiB or 1 GiB.'), this.#bytes);
    if (chunk === null || chunk < 1) return this.#refuse(t('Write how many bytes each Write takes, as 1448 or 64 KiB.'), this.#chunk);
    if (interval === null) return this.#refuse(t('Write whole milliseconds.'), this.#interval);
    try {
      await this.#desk.store.send({ type: 'write', socket: this.#id, encoding: this.#kind.value, data: this.#kind.value === 'pattern' ? this.#pattern.value : undefined, bytes: size, chunk, interval_ms: interval || undefined, digest: this.#digest.checked || undefined });
    } catch (error) {
      const fields = { data: this.#pattern, chunk: this.#chunk, interval_ms: this.#interval };
      const named = error instanceof CommandError ? error.field : '';
      this.#refuse(messageOf(error), fields[/** @type {keyof typeof fields} */ (named)] ?? this.#bytes);
    }
  }

  /** @param {string} text @param {HTMLElement} field */
  #refuse(text, field) {
    this.#message.show(text, { field });
    this.#desk.voice.alert(text);
    field.focus();
  }
}

/** @param {string} label @param {string} value */
function numberField(label, value) {
  return el('input', { class: 'field field-sm', 'aria-label': label, title: label, value, autocomplete: 'off', spellcheck: 'false' });
}

/** "5000", "64 KiB", "1 GiB", "10k" @param {string} text @returns {number|null} */
export function parseSize(text) {
  const match = /^((?:0|[1-9]\d*)(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) return null;
  return Math.round(Number(match[1]) * 1024 ** ' kmg'.indexOf(match[2].toLowerCase() || ' '));
}
