// The calls of a socket that have not returned: "Write is waiting, 0.8 s", and Cancel.

/** @import {Call} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { el, setText } from '../dom.js';
import { duration } from '../format.js';
import { t } from '../i18n.js';

// A call that returns at once is not worth a line that jumps in and out.
const SHOW_AFTER_NS = 150e6;
const MAX_LINES = 3;

export class WaitingCalls {
  element = el('div', { class: 'waiting', hidden: true });
  #desk;
  #socket;
  /** @type {Map<number, {line: HTMLElement, text: HTMLElement}>} */ #lines = new Map();

  /** @param {Desk} desk @param {string} socket */
  constructor(desk, socket) {
    this.#desk = desk;
    this.#socket = socket;
  }

  update() {
    const { store } = this.#desk;
    const now = store.now();
    const waiting = this.#calls().filter((c) => now - c.started_ns >= SHOW_AFTER_NS).slice(0, MAX_LINES);
    const ids = new Set(waiting.map((c) => c.call));
    for (const [id, { line }] of this.#lines) {
      if (ids.has(id)) continue;
      line.remove();
      this.#lines.delete(id);
    }
    for (const call of waiting) setText(this.#line(call).text, t('{op} is waiting, {time}', { op: call.op, time: duration(now - call.started_ns) }));
    this.element.hidden = this.#lines.size === 0;
  }

  /** What the person called: a Read or Accept that the playground does by itself waits all day. @returns {Call[]} */
  #calls() {
    const { calls, sockets } = this.#desk.store.state;
    const auto = sockets.get(this.#socket)?.read_mode === 'auto';
    const mine = [];
    for (const call of calls.values()) {
      if (call.socket !== this.#socket) continue;
      if (call.op !== 'Write' && (call.by === 'behavior' || (call.op === 'Read' && auto))) continue;
      mine.push(call);
    }
    return mine;
  }

  /** @param {Call} call */
  #line(call) {
    let line = this.#lines.get(call.call);
    if (line) return line;
    const text = el('span', null);
    const cancel = el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#desk.run({ type: 'cancel', call: call.call }) }, t('Cancel'));
    line = { text, line: el('div', { class: 'waiting-line' }, text, cancel) };
    this.#lines.set(call.call, line);
    this.element.append(line.line);
    return line;
  }
}
