// The inspector's panes for a selected socket: its states, options, queues and TCP_INFO.

/** @import {OptionValue, Socket} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { messageOf } from '../desk.js';
import { chip, el, setAttr, setText } from '../dom.js';
import { timerName, timerWords } from '../explain-timer.js';
import * as explain from '../explain.js';
import { bitRate, bytes, count, duration } from '../format.js';
import { server, t } from '../i18n.js';
import { OPTIONS, optionControl, parseOption, wholeNumber } from '../options-form.js';
import { sourceTag } from './inspect-event.js';

export class SocketPanes {
  #desk;
  #id;
  #states = el('ol', { class: 'history', 'aria-label': t('States so far') });
  #drawnStates = -1;
  #optionsBox = el('div', { class: 'options-now', role: 'group', 'aria-label': t('Options') });
  /** @type {Map<string, HTMLInputElement|HTMLSelectElement>} */ #controls = new Map();
  #info = el('dl', { class: 'info', 'aria-label': t('Queues and TCP_INFO') });
  /** @type {Map<string, HTMLElement>} */ #values = new Map();
  #charts;

  /** @param {Desk} desk @param {Socket} socket */
  constructor(desk, socket) {
    this.#desk = desk;
    this.#id = socket.socket;
    this.#charts = /** @type {HTMLElement & {store: unknown, socket: string, active: boolean}} */ (document.createElement('socket-charts'));
    this.elements = [
      pane(t('States'), this.#states),
      socket.kind === 'other' ? null : pane(t('Options'), this.#optionsBox),
      pane(t('Queues and TCP_INFO'), this.#info),
      socket.kind === 'listener' ? null : this.#charts,
    ].filter((e) => e !== null);
    this.#charts.store = desk.store;
    this.#charts.socket = socket.socket;
    this.#charts.active = socket.kind !== 'listener';
    this.#buildOptions(socket);
    this.update(socket);
  }

  /** The charts draw only while they are seen. @param {boolean} on */
  set active(on) {
    this.#charts.active = on;
  }

  /** @param {Socket} socket */
  update(socket) {
    this.#updateStates(socket);
    this.#updateOptions(socket);
    this.#updateInfo(socket);
  }

  /** @param {Socket} socket */
  #updateStates(socket) {
    const states = this.#desk.traces.get(this.#id)?.states ?? [];
    const key = states.at(-1)?.seq ?? 0;
    if (key !== this.#drawnStates) {
      this.#drawnStates = key;
      this.#states.replaceChildren(...states.map((e, i) => {
        const until = states[i + 1]?.at_ns;
        return el('li', null,
          el('button', { type: 'button', onclick: () => this.#desk.store.select({ kind: 'event', seq: e.seq }) },
            chip(e.to, { reason: e.reason }), el('span', { class: 'history-time' }, until === undefined || e.source === 'inferred' ? '' : duration(until - e.at_ns)), sourceTag(e.source)));
      }));
      if (states.length === 0) this.#states.append(el('li', null, chip(socket.state, { reason: socket.reason })));
      this.#states.scrollTop = this.#states.scrollHeight;
    }
  }

  /** @param {Socket} socket */
  #buildOptions(socket) {
    for (const option of OPTIONS.filter((o) => o.on.includes(socket.kind === 'listener' ? 'listener' : 'conn'))) {
      const control = optionControl(option, t('{option} of {id}', { option: t(option.label), id: this.#id }));
      control.dataset.acts = '';
      control.addEventListener('change', async () => {
        const value = parseOption(option, control.value);
        if (value === null) {
          setAttr(control, 'aria-invalid', 'true');
          this.#desk.voice.notice(wholeNumber(option));
          return;
        }
        try {
          await this.#desk.store.send({ type: 'set_option', socket: this.#id, name: option.name, value });
          control.removeAttribute('aria-invalid');
        } catch (error) {
          setAttr(control, 'aria-invalid', 'true');
          this.#desk.voice.notice(messageOf(error));
          const now = this.#desk.socket(this.#id)?.options?.[option.name];
          if (now !== undefined) control.value = String(now);
        }
      });
      this.#controls.set(option.name, control);
      this.#optionsBox.append(el('label', { class: 'option-row', title: t(option.title) }, el('span', null, t(option.label)), control, el('small', null, option.unit ?? '')));
    }
  }

  /** @param {Socket} socket */
  #updateOptions(socket) {
    for (const [name, control] of this.#controls) {
      const unsupported = socket.unsupported?.[name];
      const off = unsupported !== undefined || socket.descriptor !== 'open';
      if (control.disabled !== off) control.disabled = off;
      if (unsupported !== undefined) setAttr(control, 'title', server(unsupported));
      const value = shown(socket.options?.[name]);
      if (document.activeElement !== control && control.value !== value) control.value = value;
    }
  }

  /** @param {Socket} socket */
  #updateInfo(socket) {
    const m = socket.metrics;
    const listener = socket.kind === 'listener';
    /** @type {[name: string, value: string, title: string][]} */
    const rows = [];
    if (socket.cookie) rows.push([t('Cookie'), socket.cookie, t('The kernel’s own number of this socket (SO_COOKIE).')]);
    if (socket.peer) rows.push([t('Peer'), socket.peer, t('The other end of this connection.')]);
    if (socket.process) rows.push([t('Process'), `${socket.process.name} ${socket.process.pid}`, socket.process.inferred ? t('Inferred: its descriptors were gone before they could be looked at, and exec had started no other program on this host.') : t('Whose descriptor it is.')]);
    if (m) {
      rows.push([listener ? t('Accept queue') : 'Recv-Q', String(m.recv_q ?? 0), listener ? t('Connections that wait for Accept.') : t('Bytes that arrived and were not read; a FIN counts as one.')]);
      rows.push([listener ? t('Backlog') : 'Send-Q', String(m.send_q ?? 0), listener ? t('How many may wait, less one.') : t('Bytes that were not acknowledged yet; a SYN or a FIN counts as one.')]);
      if (m.rcvbuf) rows.push(['rcvbuf', bytes(m.rcvbuf), t('The receive buffer, with the kernel’s own overhead.')]);
      if (m.sndbuf) rows.push(['sndbuf', bytes(m.sndbuf), t('The send buffer, with the kernel’s own overhead.')]);
      if (m.rmem) rows.push(['rmem', bytes(m.rmem), t('Memory that received segments take.')]);
      if (m.drops) rows.push([t('Drops'), count(m.drops), listener ? t('SYNs and last ACKs that found the accept queue full.') : t('Segments that the socket dropped.')]);
      if (m.wmem) rows.push(['wmem', bytes(m.wmem), t('Memory that segments to send take.')]);
      if (m.congestion) rows.push(['congestion', m.congestion, t('The congestion control algorithm.')]);
      if (m.timer) rows.push(['timer', `${timerName(m.timer)} ${duration(m.timer.expires_ms * 1e6)}`, timerWords(m.timer, socket)]);
      for (const [name, value] of Object.entries(m.info ?? {})) {
        if (name === 'options') rows.push(['options', String(value), t('What both sides agreed on in the handshake.')]);
        else rows.push([name, infoValue(name, value), explain.tcpInfo(name, m.info ?? {})]);
      }
    }
    this.#setRows(rows.length ? rows : [[t('Not available'), '', t('The kernel has told nothing about this socket yet.')]]);
  }

  /** @param {[name: string, value: string, title: string][]} rows */
  #setRows(rows) {
    const names = new Set(rows.map(([name]) => name));
    for (const [name, value] of this.#values) {
      if (names.has(name)) continue;
      value.parentElement?.remove();
      this.#values.delete(name);
    }
    for (const [name, text, title] of rows) {
      let value = this.#values.get(name);
      if (!value) {
        value = el('dd', null);
        this.#values.set(name, value);
        this.#info.append(el('div', null, el('dt', null, name), value));
      }
      setText(value, text);
      setAttr(/** @type {HTMLElement} */ (value.parentElement), 'title', title);
    }
  }
}

/** @param {string} title @param {HTMLElement} content */
function pane(title, content) {
  return el('section', { class: 'pane' }, el('h3', null, title), content);
}

/** @param {OptionValue|undefined} value */
function shown(value) {
  return value === undefined ? '' : String(value);
}

/** @param {string} name @param {number|boolean} value */
function infoValue(name, value) {
  if (typeof value === 'boolean') return String(value);
  if (name.endsWith('_us')) return duration(value * 1e3);
  if (name.endsWith('_ms')) return duration(value * 1e6);
  if (name.endsWith('_bps')) return bitRate(value);
  if (name.startsWith('bytes_') || name.endsWith('_wnd') || name === 'notsent_bytes' || name === 'rcv_space' || name === 'rcv_ssthresh') return bytes(value);
  // The kernel's "no limit yet" (TCP_INFINITE_SSTHRESH, include/net/tcp.h).
  if (name === 'ssthresh' && value >= 0x7fffffff) return t('none yet');
  return count(value);
}
