import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MAX_EVENTS, Store } from '../js/store.js';

/** @import {Change, PlaygroundEvent} from '../js/types.js' */

/** A store whose frames are drawn by hand. */
function setUp() {
  /** @type {(() => void)[]} */
  const frames = [];
  const store = new Store({ schedule: (draw) => { frames.push(draw); } });
  /** @type {Change[]} */
  const changes = [];
  store.subscribe((change) => changes.push(change));
  return { store, changes, frames, draw: () => frames.shift()?.() };
}

/** @param {number} from @param {number} to @returns {PlaygroundEvent[]} */
function notices(from, to) {
  const events = [];
  for (let seq = from; seq <= to; seq++) events.push(/** @type {PlaygroundEvent} */ ({ seq, at_ns: seq, type: 'notice', level: 'info', message: String(seq) }));
  return events;
}

test('many frames of events are one change', () => {
  const { store, changes, frames, draw } = setUp();
  store.receive(notices(1, 3));
  store.receive(notices(4, 5));
  assert.equal(frames.length, 1);
  draw();
  assert.equal(changes.length, 1);
  assert.deepEqual(changes[0].events.map((e) => e.seq), [1, 2, 3, 4, 5]);
  assert.equal(store.event(4)?.seq, 4);
  assert.equal(store.event(6), undefined);
});

test('a gap is refused, what is known already is skipped', () => {
  const { store } = setUp();
  assert.equal(store.receive(notices(1, 3)), true);
  assert.equal(store.receive(notices(2, 4)), true);
  assert.equal(store.events.length, 4);
  assert.equal(store.receive(notices(6, 7)), false);
  assert.equal(store.state.seq, 4);
  assert.equal(store.receive(notices(5, 7)), true);
  assert.equal(store.events.length, 7);
});

test('a snapshot replaces everything, and events go on after it', () => {
  const { store, changes, draw } = setUp();
  store.receive(notices(1, 3));
  draw();
  store.select({ kind: 'event', seq: 2 });
  store.load({ seq: 10, at_ns: 10, sockets: [], calls: [], transfers: [] });
  assert.equal(store.selection, null);
  assert.equal(store.receive(notices(11, 12)), true);
  draw();
  const last = changes.at(-1);
  assert.ok(last);
  assert.equal(last.reset, true);
  assert.deepEqual(last.events.map((e) => e.seq), [11, 12]);
  assert.equal(store.firstSeq, 11);
  assert.equal(store.event(11)?.seq, 11);
});

test('the log is bounded, and an event is still found by its number', () => {
  const { store } = setUp();
  const total = MAX_EVENTS + 25_000;
  for (let from = 1; from <= total; from += 5_000) store.receive(notices(from, Math.min(total, from + 4_999)));
  assert.ok(store.events.length <= MAX_EVENTS);
  assert.equal(store.events.at(-1)?.seq, total);
  assert.equal(store.event(total)?.seq, total);
  assert.equal(store.event(store.firstSeq)?.seq, store.firstSeq);
  assert.equal(store.event(1), undefined);
  assert.equal(store.state.seq, total);
});

test('a page that is not drawn does not pile up changes', () => {
  const { store, changes, draw } = setUp();
  for (let from = 1; from < MAX_EVENTS * 2; from += 10_000) store.receive(notices(from, from + 9_999));
  draw();
  assert.equal(changes[0].reset, true);
  assert.ok(changes[0].events.length <= MAX_EVENTS);
});

test('pausing holds events back, stepping shows one, playing shows all', () => {
  const { store, changes, draw } = setUp();
  store.receive(notices(1, 2));
  store.setPaused(true);
  store.receive(notices(3, 6));
  draw();
  assert.equal(store.state.seq, 2);
  assert.equal(store.waiting, 4);
  assert.equal(store.lastSeq, 6);
  assert.equal(store.step(), true);
  assert.equal(store.state.seq, 3);
  assert.equal(store.waiting, 3);
  store.setPaused(false);
  draw();
  assert.equal(store.state.seq, 6);
  assert.equal(store.waiting, 0);
  assert.deepEqual(changes.flatMap((c) => c.events.map((e) => e.seq)), [1, 2, 3, 4, 5, 6]);
  assert.equal(store.step(), false);
});

test('what is held back is bounded: then everything is asked for again', () => {
  const { store } = setUp();
  let resyncs = 0;
  store.attach({ send: () => Promise.reject(new Error('not used')), resync: () => { resyncs++; } });
  store.setPaused(true);
  for (let from = 1; from <= MAX_EVENTS + 20_000; from += 10_000) assert.equal(store.receive(notices(from, from + 9_999)), true);
  assert.equal(store.waiting, MAX_EVENTS + 20_000);
  store.setPaused(false);
  assert.equal(resyncs, 1);
});

test('the return of a call is known whether it came before the question or after, and also while paused', async () => {
  const { store } = setUp();
  /** @param {number} seq @param {number} call @returns {PlaygroundEvent} */
  const returned = (seq, call) => ({ seq, at_ns: seq, type: 'call_returned', call, op: 'Dial', started_ns: 0, result: 'nil' });
  store.receive([returned(1, 7)]);
  assert.equal((await store.returned(7)).seq, 1);
  store.setPaused(true);
  const later = store.returned(8);
  store.receive([returned(2, 8)]);
  assert.equal((await later).seq, 2);
  assert.equal((await store.returned(8)).seq, 2);
});

test('a return that a snapshot swallowed is not waited for', async () => {
  const { store } = setUp();
  const lost = store.returned(9);
  store.load({ seq: 10 });
  await assert.rejects(lost, { name: 'CommandError', code: 'lost' });
});

test('selection and pair tell only what changed', () => {
  const { store, changes, frames, draw } = setUp();
  store.select({ kind: 'socket', socket: 'C1' });
  store.setPair('C1', null);
  draw();
  assert.deepEqual([changes[0].selection, changes[0].pair, changes[0].hover], [true, true, false]);
  store.select({ kind: 'socket', socket: 'C1' });
  store.setPair('C1', null);
  assert.equal(frames.length, 0);
});

test('a subscriber leaves with its signal', () => {
  const { store, draw } = setUp();
  const life = new AbortController();
  let calls = 0;
  store.subscribe(() => { calls++; }, { signal: life.signal });
  store.receive(notices(1, 1));
  draw();
  life.abort();
  store.receive(notices(2, 2));
  draw();
  assert.equal(calls, 1);
});

test('without a server a command is refused at once', async () => {
  const { store } = setUp();
  await assert.rejects(store.send({ type: 'listen', address: ':1' }), { name: 'CommandError', code: 'lost' });
});

test('nothing lasts longer while the server is lost', async () => {
  const { store } = setUp();
  const hello = { session: '0', started_at: new Date().toISOString(), now_ns: 5e9 };
  store.welcome(/** @type {any} */ (hello));
  assert.ok(store.now() >= 5e9);
  store.setConnection('lost');
  const at = store.now();
  const before = performance.now();
  while (performance.now() - before < 2);
  assert.equal(store.now(), at);
  store.setConnection('connecting');
  assert.equal(store.now(), at);
  store.welcome(/** @type {any} */ ({ ...hello, now_ns: 9e9 }));
  assert.ok(store.now() >= 9e9);
});
