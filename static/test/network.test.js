import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Network, backendText, execCommand, namesOf, networkOf, openOn } from '../js/network.js';
import { Store } from '../js/store.js';
import { openConnection } from './views-events.js';

/** @import {Command} from '../js/types.js' */

const LAB = { lab: { available: true } };

/** A store that draws at once, a network on it, and what both said. @param {Record<string, object>} capabilities */
function start(capabilities) {
  /** @type {Command[]} */ const sent = [];
  /** @type {string[]} */ const said = [];
  const store = new Store({ schedule: (draw) => draw() });
  store.attach({ send: async (command) => { sent.push(command); return { type: 'ok', id: sent.length }; } });
  const voice = /** @type {any} */ ({ notice: (/** @type {string} */ text) => said.push(text), say() {} });
  const network = new Network(store, voice);
  const connect = () => store.welcome({ type: 'hello', version: 1, session: 'a'.repeat(32), started_at: '2026-01-01T00:00:00Z', now_ns: 0, capabilities });
  return { store, network, sent, said, connect };
}

test('choosing the Lab opens one', () => {
  const { network, sent, connect } = start(LAB);
  connect();
  let told = 0;
  network.watch(() => told++);
  network.choose('lab');
  network.choose('lab');
  assert.deepEqual(sent, [{ type: 'open_lab' }]);
  assert.equal(told, 1);
  assert.equal(network.target, '192.0.2.2:8330');
  network.choose('machine');
  assert.equal(network.target, '127.0.0.1:8330');
  assert.equal(sent.length, 1);
});

test('the page begins where most can be seen, or where the person was last; no address needs to say so', () => {
  const blind = { ...LAB, capture: { available: false } };
  const begun = (/** @type {Record<string, object>} */ capabilities, /** @type {string|null} */ kept = null, address = false) => {
    globalThis.localStorage = /** @type {any} */ ({ getItem: () => kept });
    const { network, said, connect } = start(capabilities);
    /** @type {boolean[]} */ const visits = [];
    network.watch((visit) => visits.push(visit));
    if (!address) network.leaveOpen();
    connect();
    Reflect.deleteProperty(globalThis, 'localStorage');
    return { chosen: network.chosen, visits, said };
  };
  assert.deepEqual(begun({ ...LAB, capture: { available: true } }), { chosen: 'machine', visits: [], said: [] });
  assert.deepEqual(begun(blind), { chosen: 'lab', visits: [false], said: [] });
  assert.equal(begun(blind, 'machine').chosen, 'machine');
  assert.equal(begun({ ...LAB, capture: { available: true } }, 'lab').chosen, 'lab');
  assert.equal(begun(blind, null, true).chosen, 'machine');
  assert.deepEqual(begun({ lab: { available: false, reason: 'None.' }, capture: { available: false } }, 'lab'), { chosen: 'machine', visits: [], said: [] });
});

test('a Lab chosen before the server is there is opened once it is', () => {
  const { network, sent, connect } = start(LAB);
  network.choose('lab');
  assert.deepEqual(sent, []);
  connect();
  assert.deepEqual(sent, [{ type: 'open_lab' }]);
});

test('where there can be no Lab, the server’s reason is said and this machine stays', () => {
  const { network, sent, said, connect } = start({ lab: { available: false, reason: 'The kernel refused.' } });
  assert.equal(network.whyNoLab, '');
  network.choose('lab');
  connect();
  assert.equal(network.whyNoLab, 'The kernel refused.');
  assert.equal(network.chosen, 'machine');
  assert.deepEqual(said, ['The kernel refused.']);
  assert.deepEqual(sent, []);
});

test('the addresses are those of the open Lab', () => {
  const { store, network, connect } = start(LAB);
  connect();
  store.load({ seq: 0 });
  network.choose('lab');
  store.receive([{ seq: 1, at_ns: 1, type: 'lab_opened', backend: 'veth', hosts: { client: ['198.51.100.1'], server: ['198.51.100.2'] } }]);
  assert.deepEqual(network.addresses('client'), ['198.51.100.1']);
  assert.equal(network.target, '198.51.100.2:8330');
  const { lab } = network;
  assert.ok(lab);
  assert.equal(backendText(lab), 'Two hosts of this session alone, made of network namespaces joined by a veth pair.');
});

test('open sockets are those that somebody has, of one network', () => {
  const log = openConnection();
  const state = /** @type {any} */ ({ sockets: log.sockets });
  const names = (/** @type {'machine'|'lab'} */ network, /** @type {'client'|'server'|undefined} */ host) => openOn(state, network, host).map((s) => s.socket);
  assert.deepEqual(names('machine', undefined), ['S1', 'C1', 'S1.1']);
  assert.deepEqual(names('machine', 'client'), ['C1']);
  assert.deepEqual(names('lab', undefined), []);
  log.state(11_000, 'C1', 'ESTABLISHED', 'TIME_WAIT');
  log.add(11_000, { type: 'descriptor_closed', socket: 'C1' });
  assert.deepEqual(names('machine', 'client'), []);
  assert.equal(networkOf({ network: 'lab' }), 'lab');
  assert.equal(networkOf({}), 'machine');
});

test('sockets by name, few or many', () => {
  const named = (/** @type {string[]} */ ...names) => namesOf(/** @type {any} */ (names.map((socket) => ({ socket }))));
  assert.equal(named('C1'), 'C1');
  assert.equal(named('C1', 'S1'), 'C1 and S1');
  assert.equal(named('C1', 'C2', 'S1'), 'C1, C2 and S1');
  assert.equal(named('C1', 'C2', 'C3', 'S1', 'S2'), 'C1, C2 and 3 more');
});

test('the command that runs a program in a host', () => {
  assert.equal(execCommand('socketplayground exec -host client --', 'server', 'ss -tan'), 'socketplayground exec -host server -- ss -tan');
  assert.equal(execCommand('socketplayground exec -session ab --', 'client', 'ss -tan'), 'socketplayground exec -session ab -host client -- ss -tan');
  assert.equal(execCommand('socketplayground exec', 'client', 'curl x'), 'socketplayground exec -host client curl x');
});
