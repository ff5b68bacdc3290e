import assert from 'node:assert/strict';
import { test } from 'node:test';

import { emblem } from '../js/demo/emblem.js';
import { cardBeside, demoAfter, firstDemo, galleryOf } from '../js/demo/gallery-model.js';
import { search } from '../js/demo/search.js';
import { touches } from '../js/demo/touches.js';

/** @import {Demo, DemoEntry} from '../js/types.js' */

/** @type {DemoEntry[]} */
const ENTRIES = [
  { id: 'zoo', title: { en: 'The state zoo', zh: '状态动物园' }, summary: { en: 'All eleven states.' }, shelf: 'weird', order: 1, network: 'either', steps: 4, terms: ['TIME_WAIT', 'CLOSING'] },
  { id: 'refused', title: { en: 'Nobody is listening', zh: '没有人监听' }, summary: { en: 'One SYN, one RST.' }, shelf: 'course', order: 2, network: 'either', steps: 2, terms: ['ECONNREFUSED', 'RST'] },
  { id: 'handshake', title: { en: 'Handshake and close', zh: '三次握手，四次挥手' }, summary: { en: 'Three to open.' }, shelf: 'course', order: 1, network: 'either', steps: 4, terms: ['TIME_WAIT', 'ESTABLISHED'] },
  { id: 'lost', title: { en: 'One lost segment' }, summary: { en: 'The wire eats it.' }, shelf: 'failure', order: 1, network: 'lab', steps: 3, myth: { en: 'TCP never loses anything.' } },
];

/** @param {{entries: DemoEntry[]}[]} shelves */
const ids = (shelves) => shelves.map((s) => s.entries.map((e) => e.id));

test('shelves stand in order, and count what is done', () => {
  const { shelves, found } = galleryOf(ENTRIES, { typed: ' ', withoutLab: false, done: new Set(['refused']) });
  assert.equal(found, null);
  assert.deepEqual(ids(shelves), [['handshake', 'refused'], ['lost'], ['zoo']]);
  assert.deepEqual(shelves.map((s) => s.done), [1, 0, 0]);
  assert.deepEqual(ids(galleryOf(ENTRIES, { typed: '', withoutLab: true, done: new Set() }).shelves), [['handshake', 'refused'], ['zoo']]);
  assert.equal(firstDemo(ENTRIES)?.id, 'handshake');
  assert.equal(demoAfter(ENTRIES, 'refused', true)?.id, 'lost');
  assert.equal(demoAfter(ENTRIES, 'refused', false)?.id, 'zoo');
  assert.equal(demoAfter(ENTRIES, 'zoo', true), undefined);
  assert.equal(demoAfter(ENTRIES, 'not built in', true), undefined);
});

test('a search finds words of both languages, states and errors', () => {
  const found = (/** @type {string} */ typed) => search(ENTRIES, typed).found.map((e) => e.id);
  assert.deepEqual(found('handshake'), ['handshake']);
  assert.deepEqual(found('握手'), ['handshake']);
  assert.deepEqual(found('/handshake'), ['handshake']);
  assert.deepEqual(found('time_wait'), ['zoo', 'handshake']);
  assert.deepEqual(found('TIME WAIT close'), ['handshake']);
  assert.deepEqual(found('econnref'), ['refused']);
  assert.deepEqual(found('never loses'), ['lost']);
  assert.deepEqual(found('handshake nowhere'), []);
});

test('a keyword finds its demo first, and a story last', () => {
  const entries = ENTRIES.map((entry) => (entry.id === 'lost' ? { ...entry, keywords: ['retransmission', 'zero window', '粘包', 'SO_REUSEADDR'] } : { ...entry, texts: 'A window of zero bytes.\n半连接 waits for its ACK\n' }));
  const found = (/** @type {string} */ typed) => search(entries, typed).found.map((e) => e.id);
  assert.deepEqual(found('粘包'), ['lost']);
  assert.deepEqual(found('so_reuse'), ['lost']);
  assert.deepEqual(found('reuseaddr'), ['lost']);
  assert.deepEqual(found('zero window'), ['lost', 'zoo', 'refused', 'handshake']);
  assert.deepEqual(found('半连接'), ['zoo', 'refused', 'handshake']);
  assert.deepEqual(found('半连接队列'), []);
});

test('where nothing is found, the three nearest are offered', () => {
  const { found, nearest } = search(ENTRIES, 'handshakking');
  assert.deepEqual(found, []);
  assert.equal(nearest.length, 3);
  assert.equal(nearest[0].id, 'handshake');
});

test('arrows go from card to card by where they are', () => {
  // Three columns, the last row with one card.
  const places = [0, 1, 2, 3].map((i) => ({ left: (i % 3) * 100, top: Math.floor(i / 3) * 50 }));
  assert.equal(cardBeside(places, 0, 'ArrowRight'), 1);
  assert.equal(cardBeside(places, 3, 'ArrowRight'), 3);
  assert.equal(cardBeside(places, 0, 'ArrowLeft'), 0);
  assert.equal(cardBeside(places, 2, 'ArrowDown'), 3);
  assert.equal(cardBeside(places, 3, 'ArrowUp'), 0);
  assert.equal(cardBeside(places, 1, 'ArrowUp'), 1);
  assert.equal(cardBeside(places, 1, 'End'), 3);
  assert.equal(cardBeside(places, 3, 'Home'), 0);
});

test('an emblem: phases on the rails, drops, loops, bare ACKs', () => {
  const whole = emblem(['SYN>', '<SYN+ACK', 'ACK>', 'data>', 'FIN>', '<FIN']);
  assert.deepEqual(whole.lines.map((l) => l.phase), ['opening', 'opening', null, 'open', 'closing', 'closing']);
  assert.deepEqual(whole.rails.filter((r) => r.side === 'client').map((r) => r.phase), ['idle', 'opening', 'open', 'closing', 'wait']);
  assert.deepEqual(whole.rails.filter((r) => r.side === 'server').map((r) => r.phase), ['idle', 'opening', 'open', 'closing']);
  assert.equal(whole.lines[1].from[0] > whole.lines[1].to[0], true);
  const [lost] = emblem(['data>x']).lines;
  assert.equal(lost.dropped, true);
  assert.equal(lost.to[0], 80);
  assert.equal(emblem(['SYN>x']).lines[0].dropped, true);
  const self = emblem(['SYN~', 'data~']);
  assert.equal(self.lines.every((l) => l.loop), true);
  assert.equal(self.rails.every((r) => r.side === 'client'), true);
  assert.deepEqual(emblem(['SYN>', '<RST']).rails.map((r) => r.phase), ['idle', 'opening', 'idle', 'idle', 'opening', 'idle']);
  assert.deepEqual(emblem(['nonsense']).lines, []);
});

test('what a demo touches is read from its commands', () => {
  /** @param {any[]} entries @returns {Demo} */
  const demo = (...entries) => ({ demo: 1, id: 'x', title: { en: 'x' }, summary: { en: 'x' }, network: 'either', steps: [{ title: { en: 'x' }, story: { en: 'x' }, do: entries }] });
  const list = touches(demo(
    { listen: { as: 'S1', address: ':8330', behavior: 'slow_read' } },
    { go: { dial: { as: 'C1', address: 'S1' } } },
    { dial: { as: 'C2', address: 'S1', count: 3 }, within: '20s' },
    { dial: { as: 'C5', address: 'example.org:80' } },
    { dial: { as: 'C6', address: 'S1', local: '127.0.0.1:9001' } },
    { go: { dial: { as: 'C7', address: 'S1', local: 9002, count: 2 } } },
    { set_wire: { preset: 'slow_motion' } }, { add_rule: { action: 'drop' } },
    { set_kernel: { name: 'tcp_fin_timeout', value: '3' } },
    { accept: 'S1' }, { wait: 'C1 is ESTABLISHED' }, { pause: '1s' }, { write: { socket: 'C1', data: 'dial' } },
    { start_program: { as: 'P1', program: 'client', address: 'S1' } }).steps);
  assert.deepEqual(list.map(({ kind, what, note }) => [kind, what, note]), [
    ['listen', ':8330', 'slow read'],
    ['dial', 'S1 (:8330)', ''],
    ['dial', 'S1 (:8330)', '3 times'],
    ['dial', 'example.org:80', ''],
    ['dial', 'S1 (:8330)', 'from 127.0.0.1:9001'],
    ['dial', 'S1 (:8330)', 'from 9002 2 times'],
    ['program', 'S1 (:8330)', ''],
    ['kernel', 'tcp_fin_timeout', ''],
    ['wire', '', ''],
  ]);
});
