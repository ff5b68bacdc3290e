// The card of one connection: what state it is in, what is in its buffers, and everything one can do with it.

/** @import {Socket} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { demoActs } from '../demo/story-model.js';
import { whyNot } from '../desk.js';
import { el, icon, kbd, setAttr, setText, shapeOf } from '../dom.js';
import { restoreDraft } from '../drafts.js';
import * as explain from '../explain.js';
import { bytes, bytesOf, decodeBase64, endpoint, goString, phaseOf } from '../format.js';
import { pieces, server, t } from '../i18n.js';
import { menuButton } from '../menu.js';
import { WaitingCalls } from './calls.js';
import { Deadline } from './deadline.js';
import { readModes, segmented } from './form.js';
import { parseSize } from './generate.js';
import { Meter } from './meter.js';
import { SendBox } from './send-box.js';

/** What TIME_WAIT lasts on Linux (TCP_TIMEWAIT_LEN, include/net/tcp.h). */
const TIME_WAIT_S = 60;
const PREVIEW = 96;

export class SocketCard {
  visible = false;
  #desk;
  #id;
  #own;
  #chipText = el('span', null);
  #chipShape = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  #tuple = el('code', { class: 'card-tuple' });
  #process = el('p', { class: 'card-note' });
  #receive = new Meter(t('Receive buffer'));
  #sendQueue = new Meter(t('Send buffer'));
  #timeWait = new Meter(t('TIME_WAIT left'), { phase: 'wait' });
  #meters = el('div', { class: 'card-meters' }, this.#receive.element, this.#sendQueue.element);
  #note = el('p', { class: 'card-note' });
  #wrote = el('b', null);
  #read = el('b', null);
  #data = el('button', { class: 'card-data', type: 'button', title: t('The data read last; press to see its bytes'), hidden: true }, el('code', null));
  #error = el('div', { class: 'card-error', dataset: { phase: 'error' }, hidden: true });
  #digest = el('dl', { class: 'card-digest', hidden: true });
  #waiting;
  /** @type {Controls|null} */ #controls = null;
  #controlsAt = el('div', { class: 'card-controls' });
  #wasError = '';
  #wasDigest = '';
  #wasData = -1;

  /** @param {Desk} desk @param {Socket} socket */
  constructor(desk, socket) {
    this.#desk = desk;
    this.#id = socket.socket;
    this.#own = socket.kind !== 'other';
    this.#waiting = new WaitingCalls(desk, socket.socket);
    const name = el('button', { class: 'card-name', type: 'button', 'aria-label': t('Inspect {id}', { id: this.#id }), title: t('Show in the inspector'), onclick: () => desk.store.select({ kind: 'socket', socket: this.#id }) }, this.#id);
    const shape = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    shape.setAttribute('aria-hidden', 'true');
    shape.append(this.#chipShape);
    this.#data.addEventListener('click', () => this.#showData());
    this.element = el('article', { class: 'card', 'aria-label': socket.listener ? t('Connection {id}', { id: this.#id }) : t('Socket {id}', { id: this.#id }), dataset: { socket: this.#id } },
      el('div', { class: 'card-head' }, el('h3', { 'aria-label': socket.socket }, name), el('span', { class: 'chip' }, shape, this.#chipText)),
      this.#tuple, this.#process, this.#meters, this.#timeWait.element, this.#note,
      // What another program wrote and read is not ours to see.
      this.#own && el('p', { class: 'card-count' }, el('span', null, pieces('Wrote {bytes}', { bytes: this.#wrote })), el('span', null, pieces('Read {bytes}', { bytes: this.#read }))),
      this.#data, this.#digest, this.#error, this.#waiting.element, this.#controlsAt);
  }

  /** @param {boolean} on */
  set active(on) {
    this.element.toggleAttribute('data-active', on);
  }

  /** Whether something on the card changes with time alone. @param {Socket} socket */
  runs(socket) {
    if (socket.state === 'TIME_WAIT' || socket.state === 'SYN_SENT' || socket.state === 'SYN_RCVD') return true;
    if (!this.#waiting.element.hidden) return true;
    if (this.#controls?.send.busy) return true;
    for (const call of this.#desk.store.state.calls.values()) if (call.socket === this.#id && call.by !== 'behavior') return true;
    return false;
  }

  /** @param {Socket} socket */
  update(socket) {
    const now = this.#desk.store.now();
    const phase = phaseOf(socket.state, socket.reason);
    setAttr(this.element, 'data-phase', phase);
    const gone = socket.state === 'CLOSED' && socket.descriptor !== 'open';
    this.element.classList.toggle('card-closed', gone);

    setText(this.#chipText, this.#chip(socket, now));
    setAttr(this.#chipShape, 'href', `#${shapeOf(socket.state, socket.reason)}`);
    setText(this.#tuple, tuple(socket));
    setAttr(this.#tuple, 'title', tuple(socket));
    this.#show(this.#process, processText(socket));

    this.#updateMeters(socket, now);
    this.#show(this.#note, this.#noteText(socket));
    setText(this.#wrote, bytes(socket.wrote));
    setText(this.#read, bytes(socket.read));
    this.#updateData();
    this.#updateDigest(socket);
    this.#updateError(socket);
    this.#waiting.update();

    if (this.#own && socket.descriptor !== 'none') {
      if (!this.#controls) {
        this.#controls = new Controls(this.#desk, this.#id, this.#controlsAt);
        restoreDraft(this.element);
      }
      this.#controls.update(socket);
    }
    this.#controlsAt.hidden = !this.#own || socket.descriptor === 'none';
  }

  /** @param {HTMLElement} element @param {string} text */
  #show(element, text) {
    if (element.hidden !== (text === '')) element.hidden = text === '';
    setText(element, text);
  }

  /** @param {Socket} socket @param {number} now */
  #chip(socket, now) {
    if (socket.state === 'TIME_WAIT') {
      const left = timeWaitLeft(socket, now);
      return left === null ? 'TIME_WAIT' : `TIME_WAIT ${Math.ceil(left)} s`;
    }
    const waits = socket.state === 'SYN_SENT' || socket.state === 'SYN_RCVD';
    return waits ? `${socket.state} ${((now - socket.state_since_ns) / 1e9).toFixed(1)} s` : socket.state;
  }

  /** @param {Socket} socket @param {number} now */
  #updateMeters(socket, now) {
    const left = socket.state === 'TIME_WAIT' ? timeWaitLeft(socket, now) : null;
    this.#timeWait.element.hidden = left === null;
    if (left !== null) this.#timeWait.set(Math.ceil(left), TIME_WAIT_S, `${Math.ceil(left)} s`);

    const carries = !['TIME_WAIT', 'CLOSED', 'SYN_SENT', 'LISTEN'].includes(socket.state);
    this.#meters.hidden = !carries;
    if (!carries) return;
    const m = socket.metrics;
    if (!m) {
      setAttr(this.#meters, 'data-used', '');
      this.#receive.unknown();
      this.#sendQueue.unknown();
      return;
    }
    const recv = m.recv_q ?? 0;
    const send = m.send_q ?? 0;
    // Once, and never back: a card must not jump with each sample.
    if (recv || send) setAttr(this.#meters, 'data-used', '');
    this.#receive.set(recv, m.rcvbuf ?? recv, recv ? bytesOf(recv, Math.max(recv, m.rcvbuf ?? 0)) : '0 B', { full: windowClosed(socket) });
    this.#sendQueue.set(send, m.sndbuf ?? send, send ? bytesOf(send, Math.max(send, m.sndbuf ?? 0)) : '0 B', { full: (m.sndbuf ?? 0) > 0 && (m.wmem ?? 0) >= (m.sndbuf ?? 0) });
  }

  /** @param {Socket} socket */
  #noteText(socket) {
    if (socket.descriptor === 'none' && socket.kind === 'conn' && demoActs(this.#desk.store.state.demo)) return t('In the accept queue.');
    if (socket.descriptor === 'none' && socket.kind === 'conn') return t('In the accept queue. Press Accept on {listener}.', { listener: socket.listener });
    // The form and the ladder say why; the card does not say it a third time.
    if (socket.state === 'CLOSED' && socket.reason === 'refused') return t('Refused.');
    // An error says it better, and says it once.
    if (socket.state === 'CLOSED') return socket.reason && !shownError(socket) ? explain.state('CLOSED', socket.reason) : '';
    if (socket.state === 'TIME_WAIT') return t('The kernel keeps the port, in case old segments still arrive.');
    if (socket.state === 'LISTEN') return acceptQueue(socket);
    if (windowClosed(socket)) return t('Full. The window is 0, so {peer} must wait.', { peer: socket.peer ?? t('the other side') });
    const queues = explain.sendQueue(socket, socket.peer) || explain.receiveQueue(socket);
    if (queues) return queues;
    if (socket.state === 'ESTABLISHED') return '';
    return explain.state(socket.state);
  }

  #updateData() {
    const read = this.#desk.traces.get(this.#id)?.lastRead;
    if (!read || read.seq === this.#wasData) return;
    this.#wasData = read.seq;
    const data = decodeBase64(read.data);
    const total = read.type === 'calls_summarised' ? read.bytes : read.n ?? data.length;
    setText(/** @type {Node} */ (this.#data.firstChild), goString(data, Math.min(data.length, PREVIEW)) + (total > data.length && data.length <= PREVIEW ? '…' : ''));
    this.#data.hidden = false;
  }

  #showData() {
    const read = this.#desk.traces.get(this.#id)?.lastRead;
    if (read) this.#desk.store.select({ kind: 'event', seq: read.seq });
  }

  /** @param {Socket} socket */
  #updateDigest(socket) {
    const { written, read } = socket.digests ?? {};
    const peer = socket.peer ? this.#desk.store.state.sockets.get(socket.peer) : undefined;
    const key = JSON.stringify([written, read, peer?.digests]);
    if (key === this.#wasDigest) return;
    this.#wasDigest = key;
    const rows = [];
    for (const [name, mine, theirs] of /** @type {const} */ ([['written', written, peer?.digests?.read], ['read', read, peer?.digests?.written]])) {
      if (!mine) continue;
      const verdict = !theirs || theirs.bytes !== mine.bytes ? '' : theirs.sha256 === mine.sha256
        ? name === 'written' ? t('equal to what {peer} read', { peer: peer?.socket }) : t('equal to what {peer} wrote', { peer: peer?.socket })
        : name === 'written' ? t('not equal to what {peer} read', { peer: peer?.socket }) : t('not equal to what {peer} wrote', { peer: peer?.socket });
      const title = name === 'written' ? t('SHA-256 written, {bytes}', { bytes: bytes(mine.bytes) }) : t('SHA-256 read, {bytes}', { bytes: bytes(mine.bytes) });
      rows.push(el('dt', null, title), el('dd', { class: 'mono', title: mine.sha256 }, mine.sha256), verdict && el('dd', null, verdict));
    }
    this.#digest.replaceChildren(...rows.filter((r) => r !== ''));
    this.#digest.hidden = rows.length === 0;
  }

  /** @param {Socket} socket */
  #updateError(socket) {
    const error = shownError(socket);
    const key = error ? `${error.text}\n${error.why}` : '';
    if (key === this.#wasError) return;
    this.#wasError = key;
    this.#error.hidden = !error;
    this.#error.replaceChildren();
    if (!error) return;
    this.#error.append(el('code', null, error.text), error.errno ? el('span', { class: 'errno' }, error.errno) : '', el('p', null, server(error.why ?? '')));
  }
}

/** Everything that acts; built when the card is first seen. */
class Controls {
  #desk;
  #id;
  #close;
  #readMode;
  #bytes;
  #readButton;
  #redial;
  #remove;
  #split;
  #readRow;
  #moreButton;
  #deadline;

  /** @param {Desk} desk @param {string} id @param {HTMLElement} parent */
  constructor(desk, id, parent) {
    this.#desk = desk;
    this.#id = id;
    this.send = new SendBox(desk, id);
    this.#deadline = new Deadline(desk, id);
    this.#close = el('button', { class: 'btn', type: 'button', 'aria-keyshortcuts': 'X', title: t('Close (X): sends FIN'), 'data-acts': true, onclick: () => desk.act('close', id) }, t('Close'), kbd('X'));
    const more = menuButton({
      label: t('More ways to close'), content: icon('i-down'), items: () => {
        const socket = desk.socket(id);
        return [
          ...(whyNot('skip_time_wait', socket) === '' ? [{ label: t('Skip TIME_WAIT'), hint: t('The kernel is told to destroy it (SOCK_DESTROY)'), act: () => desk.act('skip_time_wait', id) }] : []),
          { label: t('Half-close'), key: 'W', hint: t('Sends FIN, still reads'), disabled: whyNot('half_close', socket), act: () => desk.act('half_close', id) },
          { label: t('Reset'), key: 'R', hint: t('Sends RST, drops unsent data'), disabled: whyNot('reset', socket), act: () => desk.act('reset', id) },
          { label: t('Close reading'), hint: t('shutdown(SHUT_RD): sends nothing'), disabled: whyNot('read', socket), act: () => desk.run({ type: 'close_read', socket: id }) },
          { label: t('Set a deadline'), hint: t('How long a Read or a Write may wait'), disabled: whyNot('read', socket), act: () => this.#deadline.toggle() },
        ];
      },
    });
    this.#moreButton = more.button;
    more.button.dataset.acts = '';
    this.#redial = el('button', { class: 'btn push card-redial', type: 'button', 'data-acts': true, onclick: () => desk.act('redial', id) }, t('Redial'));
    this.#remove = el('button', { class: 'btn', type: 'button', 'data-acts': true, onclick: () => desk.act('remove', id) }, t('Remove'));
    this.#readMode = segmented({ label: t('Read mode'), value: 'auto', acts: true, options: readModes(), onchange: (v) => desk.run({ type: 'set_read_mode', socket: id, read_mode: v }) });
    this.#bytes = el('input', { class: 'field field-bytes', 'aria-label': t('Bytes to read from {id}', { id }), value: '64K', autocomplete: 'off', spellcheck: 'false', title: t('How large the buffer of Read is: bytes, or 64K') });
    this.#readButton = el('button', { class: 'btn push', type: 'button', 'data-acts': true, onclick: () => this.#read() }, t('Read'));
    this.#split = el('div', { class: 'split' }, this.#close, more.button, more.menu);
    const row = el('div', { class: 'card-row' }, this.send.button, this.#split, this.send.more.button, this.send.more.menu, this.#remove, this.#redial);
    this.#readRow = el('div', { class: 'card-row card-reads' }, el('span', null, t('Reads')), this.#readMode.element, this.#bytes, this.#readButton);
    parent.append(this.send.element, row, this.#readRow, this.#deadline.element);
  }

  #read() {
    const count = parseSize(this.#bytes.value);
    if (count === null || count < 1) {
      this.#bytes.setAttribute('aria-invalid', 'true');
      this.#desk.voice.notice(t('Write how many bytes to read, as 5 or 64K.'));
      this.#bytes.focus();
      return;
    }
    this.#bytes.removeAttribute('aria-invalid');
    void this.#desk.act('read', this.#id, { bytes: count });
  }

  /** @param {Socket} socket */
  update(socket) {
    const closed = socket.descriptor === 'closed';
    const gone = closed && socket.state === 'CLOSED';
    const cannotRedial = whyNot('redial', socket) !== '';
    this.send.element.hidden = gone;
    this.send.button.hidden = gone;
    this.#split.hidden = gone;
    // Without a connection there is nobody to send much to, and Redial takes its place.
    this.send.more.button.hidden = closed || socket.state === 'CLOSED';
    this.#readRow.hidden = closed;
    this.#deadline.element.hidden = closed;
    this.#deadline.update(socket);
    this.#redial.hidden = cannotRedial;
    this.#remove.hidden = !gone;

    this.send.update(socket);
    disable(this.#close, whyNot('close', socket), t('Close (X): sends FIN'));
    disable(this.#moreButton, closed && whyNot('skip_time_wait', socket) ? t('{name} is closed.', { name: socket.socket }) : '', t('More ways to close'));
    this.#readMode.value = socket.read_mode ?? 'auto';
    const manual = socket.read_mode === 'manual';
    this.#bytes.disabled = !manual;
    disable(this.#readButton, manual ? whyNot('read', socket) : t('Reads are automatic; choose manual to read by hand.'), t('Read once'));
  }
}

/** A refusal is told by the form and the ladder, and here by the state. @param {Socket} socket */
function shownError(socket) {
  if (socket.reason === 'refused' && socket.error?.kind === 'refused') return undefined;
  return explain.isFault(socket.error) ? socket.error : undefined;
}

/** @param {HTMLButtonElement} button @param {string} reason @param {string} title */
function disable(button, reason, title) {
  if (button.disabled !== (reason !== '')) button.disabled = reason !== '';
  setAttr(button, 'title', reason || title);
}

/** The window this side offers is 0: read with the buffer's filling, since a 0 may also mean "not known". @param {Socket} socket */
function windowClosed(socket) {
  const m = socket.metrics;
  return Boolean(m?.recv_q && m.info && !m.info.rcv_wnd && (m.rmem ?? m.recv_q) >= (m.rcvbuf ?? Infinity) / 2);
}

/** Seconds of TIME_WAIT left by the kernel's timer; null where it is not known. @param {Socket} socket @param {number} now */
function timeWaitLeft(socket, now) {
  const timer = socket.metrics?.timer;
  if (timer?.kind !== 'time_wait') return null;
  return Math.max(0, timer.expires_ms / 1000 - (now - (socket.metrics_at_ns ?? now)) / 1e9);
}

/** @param {Socket} socket */
function tuple(socket) {
  if (socket.kind === 'conn' && socket.listener) return `← ${endpoint(socket.remote)}`;
  if (!socket.remote || socket.state === 'LISTEN') return endpoint(socket.local);
  return socket.local ? `${socket.local} → ${socket.remote}` : `→ ${socket.remote}`;
}

/** Another program's listener. @param {Socket} socket */
function acceptQueue(socket) {
  const { recv_q: waiting, send_q: backlog } = socket.metrics ?? {};
  return waiting === undefined ? '' : t('Accept queue: {waiting} / {backlog}', { waiting, backlog: backlog ?? '–' });
}

/** @param {Socket} socket */
function processText(socket) {
  if (socket.kind !== 'other') return '';
  if (!socket.process) return t('Another program');
  const { name, pid, inferred } = socket.process;
  return inferred ? t('{name} (pid {pid}), inferred: no other ran here', { name, pid }) : `${name} (pid ${pid})`;
}
