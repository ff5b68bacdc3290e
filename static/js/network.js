// Which network new sockets live in, and whose sockets the columns show: this machine's, or the session's Lab.

/** @import {Host, Lab, Snapshot, Socket} from './types.js' */
/** @import {Store} from './store.js' */

import { count, hostOf, portOf } from './format.js';
import { server, t, texts } from './i18n.js';
import { chosenNetwork } from './prefs.js';

/** @typedef {import('./types.js').Network} NetworkName */

export const NETWORKS = texts(/** @type {const} */ ([['machine', 'This machine'], ['lab', 'Lab']]));

/** In the middle of a sentence. @type {Record<NetworkName, string>} */
export const WHERE = texts({ machine: 'on this machine', lab: 'in the Lab' });

/** The addresses that every Lab has (RFC 5737, RFC 3849), until the open one says which. @type {Record<Host, string[]>} */
const LAB_HOSTS = { client: ['192.0.2.1', '2001:db8::1'], server: ['192.0.2.2', '2001:db8::2'] };

/** @type {Record<string, string>} */
const BACKENDS = texts({
  capabilities: 'network namespaces of the program itself',
  user_namespace: 'network namespaces in a user namespace',
  veth: 'network namespaces joined by a veth pair',
});

/** @param {{network?: string}} socket @returns {NetworkName} */
export function networkOf(socket) {
  return socket.network === 'lab' ? 'lab' : 'machine';
}

/**
 * The session's own sockets that are open in a network.
 * @param {Snapshot} state
 * @param {NetworkName} network
 * @param {Host} [host] of this host only
 * @returns {Socket[]}
 */
export function openOn(state, network, host) {
  return [...state.sockets.values()].filter((s) =>
    s.kind !== 'other' && s.state !== 'CLOSED' && s.descriptor !== 'closed' && networkOf(s) === network && (!host || s.host === host));
}

/** "C1", "C1 and S1", "C1, S1 and 3 more". @param {Socket[]} sockets */
export function namesOf(sockets) {
  const names = sockets.map((s) => s.socket);
  if (names.length === 1) return names[0];
  if (names.length <= 3) return t('{names} and {last}', { names: names.slice(0, -1).join(t(', ')), last: names.at(-1) });
  return t('{names} and {n} more', { names: names.slice(0, 2).join(t(', ')), n: count(names.length - 2) });
}

/**
 * The command that runs a program in a host of this session's Lab.
 * @param {string} prefix what the server says to type before the program
 * @param {Host} host
 * @param {string} program
 */
export function execCommand(prefix, host, program) {
  const named = /-host[ =](client|server)\b/.test(prefix) ? prefix.replace(/(-host[ =])(?:client|server)\b/, `$1${host}`) : prefix.replace(/( --)?\s*$/, ` -host ${host}$1`);
  return `${named} ${program}`;
}

/**
 * Who listens where an address leads to, if it is one of ours.
 * @param {Iterable<Socket>} sockets @param {NetworkName} network @param {string|undefined} address
 */
export function listenerAt(sockets, network, address) {
  const port = portOf(address);
  const host = hostOf(address);
  const everywhere = new Set(['', '*', '::', '0.0.0.0']);
  return port === '' ? undefined : [...sockets].find((s) =>
    s.kind === 'listener' && s.state === 'LISTEN' && networkOf(s) === network && portOf(s.local) === port && (everywhere.has(hostOf(s.local)) || hostOf(s.local) === host));
}

/** Whether a listener on the server host could have an address. @param {NetworkName} network @param {string} address @param {string[]} server what the Lab's server has */
export function couldListenAt(network, address, server) {
  const host = hostOf(address);
  return network === 'lab' ? server.includes(host) : host.startsWith('127.') || host === '::1';
}

/** What the Lab is made of, and why that way. @param {Lab} lab */
export function backendText({ backend, reason }) {
  const made = t('Two hosts of this session alone, made of {what}.', { what: t(BACKENDS[backend] ?? backend) });
  return reason ? `${made} ${server(reason)}` : made;
}

export class Network {
  /** @type {NetworkName} */ chosen = 'machine';
  #store;
  #voice;
  /** @type {Set<(visit: boolean) => void>} */ #watchers = new Set();
  /** Nobody has said yet where the page begins. */ #open = false;

  /** @param {Store} store @param {import('./voice.js').Voice} voice */
  constructor(store, voice) {
    this.#store = store;
    this.#voice = voice;
    let connected = false;
    store.subscribe((change) => {
      const live = store.connection === 'live';
      if (change.connection && live && !connected) {
        this.#begin();
        this.#ensure();
      }
      connected = live;
      for (const event of change.events) {
        if (event.type === 'lab_closed' && !change.reset && store.caughtUp && event.reason) voice.notice(t('The Lab is closed: {reason}', { reason: server(event.reason) }), 'info');
      }
    });
  }

  /** @param {(visit: boolean) => void} fn called when the other network was chosen, and whether by somebody */
  watch(fn) {
    this.#watchers.add(fn);
  }

  /** Why there can be no Lab, as the server says it; '' where there can. */
  get whyNoLab() {
    const lab = this.#store.capabilities?.lab;
    if (this.#store.session === '') return '';
    return lab?.available ? '' : server(lab?.reason ?? '') || t('This server has no Lab.');
  }

  /** The Lab of the session, if one is open. @returns {Lab|null} */
  get lab() {
    return this.#store.state.lab ?? null;
  }

  /** @param {Host} host */
  addresses(host) {
    if (this.chosen === 'machine') return ['127.0.0.1', '::1'];
    const hosts = this.lab?.hosts ?? LAB_HOSTS;
    return hosts[host] ?? LAB_HOSTS[host];
  }

  /** Where Connect dials, unless the person types something else. */
  get target() {
    return `${this.addresses('server')[0]}:8330`;
  }

  /** The server is to be asked where the page begins. */
  leaveOpen() {
    this.#open = true;
  }

  /** @param {NetworkName} network @param {{visit?: boolean}} [how] `visit`: it is a place to come back to */
  choose(network, { visit = true } = {}) {
    this.#open = false;
    if (this.chosen === network) return;
    this.chosen = network;
    if (this.#store.connection === 'live') this.#ensure();
    for (const fn of this.#watchers) fn(visit);
  }

  /** The page begins where the person was last, and at first where most can be seen. */
  #begin() {
    if (!this.#open) return;
    const sees = this.#store.capabilities?.capture?.available !== false;
    const wanted = chosenNetwork() ?? (sees ? 'machine' : 'lab');
    this.choose(this.whyNoLab ? 'machine' : wanted, { visit: false });
  }

  /** Whoever chose the Lab has one; where one is open already, the command changes nothing. */
  #ensure() {
    if (this.chosen !== 'lab') return;
    if (this.whyNoLab) return this.#back(this.whyNoLab);
    this.#store.send({ type: 'open_lab' }).catch((error) => { if (this.#store.connection === 'live') this.#back(error.message); });
  }

  /** @param {string} reason */
  #back(reason) {
    this.#voice.notice(reason);
    this.choose('machine');
  }
}
