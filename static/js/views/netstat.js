// <netstat-view>: the session's sockets as netstat would list them, twice a second, and what changed.

/** @import {Change, Socket} from '../types.js' */
/** @import {Desk} from '../desk.js' */
/** @import {Cell, Row} from './netstat-model.js' */

import { copyButton } from '../copy.js';
import { demoButton } from '../demo/button.js';
import { el, setAttr, setText } from '../dom.js';
import { bytes, clock, count, duration, phaseOf, portOf } from '../format.js';
import { timerWords } from '../explain-timer.js';
import * as explain from '../explain.js';
import { server, t, texts } from '../i18n.js';
import { networkOf } from '../network.js';
import { CELLS, NetstatTable, UNKNOWN, commands, labCommands, portsOf, timerLeftMs } from './netstat-model.js';
import { WatchPorts } from './netstat-watch.js';
import { View } from './view.js';
import { VirtualRows } from './virtual-rows.js';

const HEADS = ['Proto', 'Recv-Q', 'Send-Q', 'Local Address', 'Foreign Address', 'State', 'Timer'];
// idiag_retrans of a request counts each, /proc/net/tcp, which netstat reads, timeouts (inet_req_diag_fill, get_openreq4).
const SENT_AGAIN = 'SYN, ACKs sent again, counted as ss counts them. netstat leaves out those that answered another SYN, so it may say less.';
const HOSTS = texts({ client: 'Client host', server: 'Server host' });

/** A line of the table: a host's name, or a socket. @typedef {{host: 'client' | 'server', row: Row | null}} Line */
/** A drawn line and its parts, to be filled again and again. @typedef {HTMLTableRowElement} Item */
/** @typedef {{head: HTMLElement, label: HTMLElement, cells: Record<Cell, HTMLElement>, timer: HTMLElement, gone: HTMLElement, state: HTMLElement}} Parts */

export class NetstatView extends View {
  /** @override */
  tickEvery = 500;

  /** Whose network it lists. @type {Desk} */ #desk = /** @type {any} */ (null);
  /** @type {WatchPorts | null} */ #watch = null;
  #table = new NetstatTable();
  /** @type {Line[]} */ #lines = [];
  #others = true;
  #paused = false;
  #asOf = 0;
  #commandsFor = '';
  /** Where the one tab stop of the table is. */ #stop = 0;
  /** @type {WeakMap<Item, Parts>} */ #parts = new WeakMap();

  #commands = el('div', { class: 'cmds', role: 'group', 'aria-label': t('The same in your terminal') });
  #every = el('b');
  #command = el('span');
  #clock = el('span');
  #body = el('tbody');
  #grid = el('table', { role: 'grid', 'aria-label': t('Sockets') },
    el('thead', null, el('tr', null, el('th', { scope: 'col' }, el('span', { class: 'sr-only' }, t('Socket'))), ...HEADS.map((name) => el('th', { scope: 'col', class: name.endsWith('-Q') ? 'num' : null }, name)))),
    this.#body);
  #empty = el('p', { class: 'term-empty' }, t('No sockets yet. Listen or connect, and their rows stand here as netstat prints them.'), ' ', demoButton());
  #term = el('div', { class: 'term' },
    el('div', { class: 'term-head' }, el('span', { class: 'every' }, this.#every, el('i', { 'aria-hidden': 'true' }), this.#command), this.#clock), this.#grid, this.#empty);
  #words = el('section', { class: 'reads', 'aria-label': t('The selected row in words') });
  #othersCount = el('span');
  #othersBox = el('input', { class: 'sr-only', type: 'checkbox', role: 'switch', checked: true });
  #notes = el('footer', { class: 'notes' },
    el('span', null, el('mark', null, '47.12'), ' ', t('changed just now')), el('span', null, el('mark', { 'data-age': 'old' }, '3'), ' ', t('since you last looked')),
    el('label', { class: 'switch push' }, this.#othersBox, el('i'), this.#othersCount));
  /** @type {VirtualRows<Item>} */ #rows = new VirtualRows({ scroller: this.#term, body: this.#body, make: () => this.#make(), show: (item, index) => this.#show(item, index) });

  /** @param {Desk} desk */
  set desk(desk) {
    this.#desk = desk;
    desk.network.watch(() => { if (this.active) this.#refresh(); });
  }

  /** Where a port to watch is typed; of the Lab, all ports are seen. */
  focusWatch() {
    this.#desk.network.choose('machine');
    this.#watch?.focus();
  }

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    this.#watch = new WatchPorts(this.store);
    this.replaceChildren(this.#watch.element, this.#commands, this.#term, this.#words, this.#notes);
    this.#othersBox.addEventListener('change', () => {
      this.#others = this.#othersBox.checked;
      this.#refresh();
    }, { signal });
    this.#term.addEventListener('scroll', () => this.#drawRows(), { signal, passive: true });
    this.#body.addEventListener('click', (event) => this.#choose(event.target), { signal });
    this.#body.addEventListener('keydown', (event) => this.#key(event), { signal });
    for (const type of ['pointerover', 'focusin']) this.#body.addEventListener(type, (event) => this.#over(event.target), { signal });
    for (const type of ['pointerleave', 'focusout']) this.#body.addEventListener(type, () => this.store.setHover(null), { signal });
    const resize = new ResizeObserver(() => {
      if (!this.active) return;
      this.#rows.measure();
      this.#drawRows();
    });
    resize.observe(this.#term);
    signal.addEventListener('abort', () => resize.disconnect(), { once: true });
  }

  /** @override @param {Change} change */
  take(change) {
    if (change.reset) this.#table = new NetstatTable();
    for (const event of change.events) this.#table.note(event);
  }

  /** @override @param {Change} [change] */
  draw(change) {
    // What the kernel did is seen at once; what only counts waits for the next tick.
    if (!change || change.reset || change.events.some(({ type }) => type === 'state_changed' || type === 'port_watched' || type === 'lab_opened' || type === 'socket_opened' || type === 'socket_removed' || type === 'address_assigned')) this.#refresh();
    else if (change.selection || change.hover) this.#drawRows();
    if (!change || change.connection) this.#drawHead();
    if (!change || change.selection) this.#drawWords();
  }

  /** @override */
  tick() {
    this.#refresh();
  }

  /** @override */
  leave() {
    this.#table.looked();
  }

  /** Holds the table as it is, or lets it go on. */
  togglePause() {
    this.#paused = !this.#paused;
    this.#refresh();
  }

  #refresh() {
    const { store } = this;
    if (!this.#paused && store.connection !== 'lost') {
      this.#asOf = store.now();
      this.#table.refresh(store.state.sockets, this.#asOf);
    }
    const here = this.#table.rows.filter((row) => row.network === this.#network);
    setText(this.#othersCount, t('Sockets not made here, {n}', { n: here.filter((row) => row.other).length }));
    this.#lines = here.filter((row) => this.#others || !row.other).flatMap((row, index, rows) => {
      const line = { host: row.host, row };
      return rows[index - 1]?.host === row.host ? [line] : [{ host: row.host, row: null }, line];
    });
    this.#watch?.update();
    setAttr(this.#grid, 'aria-rowcount', String(this.#lines.length + 1));
    setAttr(this.#grid, 'hidden', this.#lines.length > 0 ? null : '');
    setAttr(this.#empty, 'hidden', this.#lines.length > 0 ? '' : null);
    this.#drawHead();
    this.#drawRows();
    this.#drawWords();
  }

  get #network() {
    return this.#desk.network.chosen;
  }

  #commandList() {
    const { state, capabilities } = this.store;
    if (this.#network === 'lab') return capabilities?.exec?.available && capabilities.exec.command ? labCommands(capabilities.exec.command) : [];
    const ports = portsOf([...state.sockets.values()].filter((s) => networkOf(s) === 'machine'), portOf, state.ports);
    return commands(ports.length > 0 ? ports : ['8330']);
  }

  #drawHead() {
    const list = this.#commandList();
    const inLab = this.#network === 'lab';
    if (this.#watch) this.#watch.element.hidden = inLab;
    if (this.#commandsFor !== JSON.stringify(list)) {
      this.#commandsFor = JSON.stringify(list);
      this.#commands.replaceChildren(...(list.length > 0 ? list.map(({ tool, command }) => commandLine(tool, command)) : [el('p', { class: 'muted' }, server(this.store.capabilities?.exec?.reason ?? ''))]));
      setText(this.#command, inLab ? t('netstat -nato, in each host') : list[0].command.replace(/^watch -d -n 0\.5 "(.*)"$/, '$1'));
    }
    const lost = this.store.connection === 'lost';
    setText(this.#every, this.#paused ? t('Paused (V goes on)') : t('Every 0.5 s'));
    setAttr(this.#term, 'data-still', this.#paused || lost ? '' : null);
    const time = clock(this.#asOf, this.store.startedAt).slice(0, -2);
    setText(this.#clock, lost || this.#paused ? t('as of {time}', { time }) : time);
  }

  #drawRows() {
    if (this.#lines.length === 0) return;
    this.#stop = Math.min(this.#stop, this.#lines.length - 1);
    if (!this.#lines[this.#stop].row) this.#stop++;
    this.#rows.draw(this.#lines.length);
  }

  /** @returns {Item} */
  #make() {
    const cells = /** @type {Record<Cell, HTMLElement>} */ (Object.fromEntries(CELLS.map((cell) => [cell, el('span')])));
    const label = el('td');
    const head = el('th', { colspan: '8', scope: 'colgroup' });
    const timer = el('span', null, cells.timer, ' (', cells.time, '/', cells.retransmits, '/', cells.probes, ')');
    const gone = el('span');
    const state = el('td', { class: 'state-cell' }, cells.state);
    const item = el('tr', null, head, label, el('td', null, cells.proto), el('td', { class: 'num' }, cells.recvQ), el('td', { class: 'num' }, cells.sendQ),
      el('td', null, cells.local), el('td', null, cells.foreign), state, el('td', null, timer, gone));
    this.#parts.set(item, { head, label, cells, timer, gone, state });
    return item;
  }

  /** @param {Item} item @param {number} index */
  #show(item, index) {
    const { host, row } = this.#lines[index];
    const { head, label, cells, timer, gone, state } = /** @type {Parts} */ (this.#parts.get(item));
    item.dataset.index = String(index);
    setAttr(item, 'aria-rowindex', String(index + 2));
    setAttr(item, 'class', row ? (row.goneAt !== null ? 'gone' : row.other ? 'other' : null) : 'host-row');
    setAttr(item, 'data-socket', row?.socket ?? null);
    setAttr(item, 'tabindex', row ? (index === this.#stop ? '0' : '-1') : null);
    const { selection, hover } = this.store;
    setAttr(item, 'aria-selected', row && row.socket === this.#socketOf(selection) ? 'true' : null);
    setAttr(item, 'data-hover', row && row.socket === this.#socketOf(hover) ? '' : null);
    if (!row) {
      setText(head, this.#network === 'lab' ? `${t(HOSTS[host])}  ${this.#desk.network.addresses(host).join('  ')}` : t(HOSTS[host]));
      return;
    }
    setText(label, row.label);
    setAttr(state, 'data-phase', row.goneAt === null ? phaseOf(row.tcpState) : null);
    for (const cell of CELLS) {
      setText(cells[cell], row.cells[cell]);
      setAttr(cells[cell], 'data-age', row.goneAt === null ? this.#table.age(row.socket, cell, this.#asOf) : null);
    }
    const instead = row.goneAt !== null ? t('gone {time} ago', { time: duration(this.#asOf - row.goneAt) }) : row.cells.timer === UNKNOWN ? UNKNOWN : '';
    setAttr(timer, 'hidden', instead ? '' : null);
    setText(gone, instead);
    const { process, network } = (row.other && this.store.state.sockets.get(row.socket)) || {};
    const whose = network === 'lab' ? t('Process {pid}, run in the Lab', { pid: process?.pid }) : t('Process {pid}, not started here', { pid: process?.pid });
    setAttr(timer, 'title', row.tcpState === 'SYN_RCVD' && row.cells.retransmits !== '0' ? t(SENT_AGAIN) : null);
    setAttr(item, 'title', process ? whose : row.other ? t('Of another program; our rights do not reach its name') : null);
  }

  #drawWords() {
    const id = this.#socketOf(this.store.selection);
    const socket = id === null ? undefined : this.store.state.sockets.get(id);
    const row = this.#table.rows.find((known) => known.socket === id);
    if (!socket || !row) {
      const hint = this.#lines.length > 0 ? t('Select a row, and what it says stands here in words.') : '';
      if (this.#words.dataset.for !== hint) this.#words.replaceChildren(el('p', { class: 'muted' }, hint));
      this.#words.dataset.for = hint;
      return;
    }
    const lines = rowWords(row, socket, this.#asOf);
    const key = JSON.stringify([id, lines]);
    if (this.#words.dataset.for === key) return;
    this.#words.dataset.for = key;
    this.#words.replaceChildren(el('h3', null, t('{label}, in words', { label: row.label })), el('dl', null, ...lines.map(([name, text]) => el('div', null, el('dt', null, name), el('dd', null, text)))));
  }

  /** The socket that something selected or hovered is about. @param {import('../types.js').Selection} selection */
  #socketOf(selection) {
    if (selection === null) return null;
    if (selection.kind === 'socket') return selection.socket;
    if (selection.kind === 'segment') return this.store.segments.get(selection.segment)?.sent.socket ?? null;
    return this.store.event(selection.seq)?.socket ?? null;
  }

  /** @param {EventTarget | null} target */
  #lineAt(target) {
    const item = target instanceof Element ? target.closest('tr') : null;
    return item ? Number(item.dataset.index) : -1;
  }

  /** @param {EventTarget | null} target */
  #over(target) {
    const row = this.#lines[this.#lineAt(target)]?.row;
    this.store.setHover(row ? { kind: 'socket', socket: row.socket } : null);
  }

  /** @param {EventTarget | null} target */
  #choose(target) {
    const row = this.#lines[this.#lineAt(target)]?.row;
    if (row) this.store.select({ kind: 'socket', socket: row.socket });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.#lineAt(event.target);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter') {
      this.#choose(event.target);
      return;
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    let to = at + step;
    if (this.#lines[to] && !this.#lines[to].row) to += step;
    if (!this.#lines[to]) return;
    this.#stop = to;
    this.#rows.reveal(to);
    this.#drawRows();
    this.#rows.items.find((item) => Number(item.dataset.index) === to)?.focus({ preventScroll: true });
  }
}

/** @param {string} tool @param {string} command */
function commandLine(tool, command) {
  return el('div', null, el('span', null, tool), el('code', { title: command }, command), copyButton(() => command, t('Copy the command for {tool}', { tool })));
}

/** What a row says, in words: the state, the queues that hold something, the timer that runs. @param {Row} row @param {Socket} socket @param {number} now @returns {[string, string][]} */
function rowWords({ cells, goneAt }, socket, now) {
  if (goneAt !== null) return [[cells.state, `${t('The kernel has no row for it since {time}.', { time: duration(now - goneAt) })} ${explain.state('CLOSED', socket.reason)}`]];
  /** @type {[string, string][]} */
  const lines = [[cells.state, explain.state(socket.state, socket.reason)]];
  const { metrics } = socket;
  if (socket.state === 'LISTEN') {
    if (metrics?.recv_q !== undefined) lines.push([`Recv-Q ${cells.recvQ}`, t('{n} of {all} places in the accept queue are taken. A listener’s Recv-Q is that queue.', { n: count(metrics.recv_q), all: count(metrics.send_q ?? 0) })]);
    return lines;
  }
  const timer = metrics?.timer;
  if (metrics?.recv_q) lines.push([`Recv-Q ${cells.recvQ}`, explain.receiveQueue(socket) || t('The FIN of the other side, which no Read took.')]);
  const written = explain.unacknowledged(socket);
  if (metrics?.send_q && written === 0) lines.push([`Send-Q ${cells.sendQ}`, t('A SYN or a FIN counts as one until it is acknowledged.')]);
  else if (metrics?.send_q) lines.push([`Send-Q ${cells.sendQ}`, t('{bytes} written here that {peer} has not acknowledged.', { bytes: bytes(written), peer: socket.peer ?? t('the other side') })]);
  if (timer) lines.push([`${cells.timer} (${cells.time}/${cells.retransmits}/${cells.probes})`, timerWords({ ...timer, expires_ms: timerLeftMs(socket, now) }, socket)]);
  if (socket.state === 'SYN_RCVD' && timer?.retransmits) lines.push([cells.retransmits, t(SENT_AGAIN)]);
  return lines;
}

customElements.define('netstat-view', NetstatView);
