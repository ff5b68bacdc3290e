// The table of netstat -nato, as netstat of net-tools writes it, and what changed in it. Pure.

/** @import {Network, PlaygroundEvent, Socket, TcpState, Timer} from '../types.js' */

import { t } from '../i18n.js';
import { execCommand, networkOf } from '../network.js';

/** How netstat spells the states (net-tools, netstat.c, tcp_state[]). @type {Record<TcpState, string>} */
const STATES = {
  LISTEN: 'LISTEN', SYN_SENT: 'SYN_SENT', SYN_RCVD: 'SYN_RECV', ESTABLISHED: 'ESTABLISHED', FIN_WAIT_1: 'FIN_WAIT1', FIN_WAIT_2: 'FIN_WAIT2',
  CLOSE_WAIT: 'CLOSE_WAIT', CLOSING: 'CLOSING', LAST_ACK: 'LAST_ACK', TIME_WAIT: 'TIME_WAIT', CLOSED: 'CLOSE',
};

/** @type {Record<Timer['kind'], string>} */
const TIMERS = { retransmit: 'on', keepalive: 'keepalive', time_wait: 'timewait', persist: 'probe' };

/** The cells whose changes are told. */
export const CELLS = /** @type {const} */ (['proto', 'recvQ', 'sendQ', 'local', 'foreign', 'state', 'timer', 'time', 'retransmits', 'probes']);
/** @typedef {typeof CELLS[number]} Cell */

/**
 * @typedef {object} Row
 * @property {string} socket
 * @property {'client' | 'server'} host
 * @property {string} label          what stands in front of the row: the socket, or whose it is
 * @property {Network} network
 * @property {boolean} other         not made here
 * @property {TcpState} tcpState
 * @property {Record<Cell, string>} cells
 * @property {number | null} goneAt  session clock, ns; null: it is there
 */

/** How long a row that went stays, struck. */
const GONE_NS = 60e9;
/** How long a change counts as new: one tick. */
const TICK_NS = 0.5e9;

/** What is not known. */
export const UNKNOWN = '–';

/**
 * netstat writes an IPv6 address without brackets, and any port as a star: ":::8330", "0.0.0.0:*".
 * @param {string | undefined} address
 * @param {string | undefined} family
 */
export function netstatAddress(address, family) {
  if (!address) return family === 'tcp6' ? ':::*' : '0.0.0.0:*';
  return address.replace(/^\[(.*)\]:/, '$1:').replace(/:0$/, ':*');
}

/**
 * What the timer still takes: what the kernel said, less the time since.
 * @param {Socket} socket
 * @param {number} now
 */
export function timerLeftMs({ metrics, metrics_at_ns }, now) {
  if (!metrics?.timer) return 0;
  return Math.max(0, metrics.timer.expires_ms - Math.max(0, now - (metrics_at_ns ?? now)) / 1e6);
}

/**
 * @param {Socket} socket
 * @param {number} now
 * @returns {Row}
 */
export function netstatRow(socket, now) {
  const { metrics, family } = socket;
  const timer = metrics?.timer;
  // The second number counts timeouts, the third probes, whichever timer runs, if any: net-tools prints "(%2.2f/%ld/%d)".
  // Of a socket without TCP_INFO only the timer's own count is known.
  const probing = timer?.kind === 'keepalive' || timer?.kind === 'persist';
  const times = timer?.retransmits ?? 0;
  const seconds = timerLeftMs(socket, now) / 1000;
  return {
    socket: socket.socket,
    host: socket.host,
    network: networkOf(socket),
    label: socket.kind === 'other' ? socket.process?.name ?? t('a process') : socket.socket,
    other: socket.kind === 'other',
    tcpState: socket.state,
    goneAt: null,
    cells: {
      proto: family === 'tcp6' ? 'tcp6' : 'tcp',
      recvQ: metrics?.recv_q === undefined ? UNKNOWN : String(metrics.recv_q),
      // For a listener sock_diag has the backlog here; netstat reads /proc/net/tcp, where it is 0.
      sendQ: socket.state === 'LISTEN' ? '0' : metrics?.send_q === undefined ? UNKNOWN : String(metrics.send_q),
      local: netstatAddress(socket.local, family),
      foreign: netstatAddress(socket.remote, family),
      state: STATES[socket.state],
      timer: timer ? TIMERS[timer.kind] : metrics ? 'off' : UNKNOWN,
      time: seconds.toFixed(2),
      retransmits: String(metrics?.info?.retransmits ?? (probing ? 0 : times)),
      probes: String(metrics?.info?.probes ?? (probing ? times : 0)),
    },
  };
}

/** Rows in netstat's order for each host, what changed in them, and what is gone from them. */
export class NetstatTable {
  /** @type {Row[]} */
  rows = [];
  /** The rows of the last time; null: nobody has looked yet. @type {Map<string, Row> | null} */ #before = null;
  /** When a cell changed, by row and cell. @type {Map<string, Map<Cell, number>>} */ #changed = new Map();
  /** @type {Map<string, {state: TcpState, at: number}>} */ #gone = new Map();

  /** Remembers what the snapshot forgets: the state that a socket went from. @param {PlaygroundEvent} event */
  note(event) {
    if (event.type === 'socket_removed') this.#gone.delete(event.socket);
    if (event.type !== 'state_changed') return;
    const opened = event.from !== 'CLOSED' && event.reason !== 'refused' && event.reason !== 'never_opened';
    if (event.to !== 'CLOSED') this.#gone.delete(event.socket);
    else if (opened) this.#gone.set(event.socket, { state: event.from, at: event.at_ns });
  }

  /**
   * @param {Map<string, Socket>} sockets
   * @param {number} now
   */
  refresh(sockets, now) {
    const rows = [];
    for (const socket of sockets.values()) {
      const row = this.#rowOf(socket, now);
      if (row) rows.push(row);
    }
    rows.sort((a, b) => rank(a) - rank(b));
    this.rows = rows;
    this.#compare(now);
  }

  /** @param {Socket} socket @param {number} now @returns {Row | null} */
  #rowOf(socket, now) {
    if (socket.state !== 'CLOSED') return netstatRow(socket, now);
    const gone = this.#gone.get(socket.socket);
    if (!gone) return null;
    if (now - gone.at > GONE_NS) {
      this.#gone.delete(socket.socket);
      return null;
    }
    return { ...netstatRow({ ...socket, state: gone.state }, now), goneAt: gone.at };
  }

  /** @param {number} now */
  #compare(now) {
    const before = this.#before;
    this.#before = new Map(this.rows.map((row) => [row.socket, row]));
    if (!before) return;
    for (const socket of this.#changed.keys()) if (!this.#before.has(socket)) this.#changed.delete(socket);
    for (const row of this.rows) {
      const old = before.get(row.socket);
      const changes = row.goneAt === null ? differences(old, row) : [];
      if (changes.length === 0) continue;
      const known = this.#changed.get(row.socket) ?? new Map();
      for (const cell of changes) known.set(cell, now);
      this.#changed.set(row.socket, known);
    }
  }

  /**
   * "new" for one tick, "old" until the table is looked at again.
   * @param {string} socket
   * @param {Cell} cell
   * @param {number} now
   * @returns {'new' | 'old' | null}
   */
  age(socket, cell, now) {
    const at = this.#changed.get(socket)?.get(cell);
    if (at === undefined) return null;
    return now - at < TICK_NS ? 'new' : 'old';
  }

  /** The table was looked at; what changes from here on is told the next time. */
  looked() {
    this.#changed.clear();
  }
}

/** Client before server, ours before others; within, the order in which they came. @param {Row} row */
function rank(row) {
  return (row.host === 'client' ? 0 : 2) + (row.other ? 1 : 0);
}

/**
 * @param {Row | undefined} before
 * @param {Row} after
 * @returns {Cell[]}
 */
export function differences(before, after) {
  // A row that is new is new where it says something of its own.
  if (!before) return ['local', 'foreign', 'state'];
  return CELLS.filter((cell) => before.cells[cell] !== after.cells[cell]);
}

/**
 * The same in a terminal.
 * @param {string[]} ports
 * @returns {{tool: string, command: string}[]}
 */
export function commands(ports) {
  const grep = ports.length === 1 ? `grep ${ports[0]}` : `grep -E '${ports.join('|')}'`;
  const filter = ports.map((port) => `sport = :${port} or dport = :${port}`).join(' or ');
  return [
    { tool: 'Linux, netstat', command: `watch -d -n 0.5 "netstat -nato | ${grep}"` },
    { tool: 'Linux, ss', command: `watch -d -n 0.5 "ss -tano '${filter}'"` },
    { tool: 'macOS', command: `while :; do clear; netstat -anp tcp | ${grep}; sleep 0.5; done` },
  ];
}

/**
 * The same in a terminal, for the hosts of a Lab: with the tool whose columns the table has, and with ss.
 * @param {string} prefix what runs a program in the Lab, as the server says it
 * @returns {{tool: string, command: string}[]}
 */
export function labCommands(prefix) {
  const hosts = /** @type {const} */ ([
    ['client', t('Client host, netstat'), 'netstat -nato'], ['server', t('Server host, netstat'), 'netstat -nato'],
    ['client', t('Client host, ss'), 'ss -tano'], ['server', t('Server host, ss'), 'ss -tano'],
  ]);
  return hosts.map(([host, tool, command]) => ({ tool, command: execCommand(prefix, host, command) }));
}

/** More than this many make a command that nobody reads. */
const PORTS_SHOWN = 6;

/**
 * The ports that the session's sockets meet at, and those that are watched.
 * @param {Iterable<Socket>} sockets
 * @param {(address?: string) => string} portOf
 * @param {number[]} [watched]
 */
export function portsOf(sockets, portOf, watched = []) {
  const ports = new Set(watched.slice(0, PORTS_SHOWN).map(String));
  for (const socket of sockets) {
    if (ports.size >= PORTS_SHOWN) break;
    const port = socket.kind === 'listener' ? portOf(socket.local) : socket.kind === 'conn' && !socket.listener ? portOf(socket.remote) : '';
    if (port) ports.add(port);
  }
  return [...ports];
}
