import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openActions } from '../js/demo/actions.js';
import { score } from '../js/palette.js';

/** @import {Action} from '../js/actions.js' */

/** @type {Action[]} */
const ACTIONS = [
  { name: 'Segments', group: 'View', words: 'packets wireshark 抓包', act: () => {} },
  { name: 'Save pcapng', group: 'View', words: 'Wireshark export 抓包', act: () => {} },
  { name: 'Listen', group: 'Sockets', act: () => {} },
];

/** @param {string} typed */
const found = (typed) => ACTIONS.filter((action) => score(action, typed.toLowerCase().split(' ')) > 0).map((a) => a.name);

test('an action is found by its name and by what else people call it', () => {
  assert.deepEqual(found('pcap'), ['Save pcapng']);
  assert.deepEqual(found('wireshark'), ['Segments', 'Save pcapng']);
  assert.deepEqual(found('抓包'), ['Segments', 'Save pcapng']);
  assert.deepEqual(found('wireshark export'), ['Save pcapng']);
  assert.deepEqual(found('nowhere'), []);
  assert(score(ACTIONS[1], ['save']) > score(ACTIONS[1], ['export']));
});

test('a demo is found in the palette by its keywords and in both languages', () => {
  const entries = [{ id: 'byte-stream', title: { en: 'A stream', zh: '字节流' }, summary: { en: 'x' }, shelf: 'course', network: 'either', steps: 1, keywords: ['粘包', 'framing'], terms: ['EPIPE'] }];
  const [action] = openActions(/** @type {any} */ ({ catalog: { entries }, desk: {}, front: {} }));
  for (const typed of ['粘包', 'framing', '字节流', 'epipe', 'stream']) assert(score(action, [typed]) > 0, typed);
});
