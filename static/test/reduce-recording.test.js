import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { apply, emptySnapshot, fromJson } from '../js/reduce.js';

// The server and the page reduce the same events to the same snapshot: this test and TestRecording in
// playground/recording_test.go share one recording of a real session and one result.

// The soak (bench) gives recordings of its own, by the folder that they are in.
const folder = process.env.RECORDING ? pathToFileURL(`${process.env.RECORDING}/`) : new URL('../../playground/testdata/', import.meta.url);

/** @param {string} name */
const load = async (name) => JSON.parse(await readFile(new URL(name, folder), 'utf8'));

/**
 * A snapshot as plain JSON: what is undefined is absent, what is a Map is sorted by its key.
 * @param {import('../js/types.js').Snapshot} snapshot
 */
const plain = (snapshot) => JSON.parse(JSON.stringify(snapshot, (_key, value) => (
  value instanceof Map ? [...value].sort(([a], [b]) => (a < b ? -1 : 1)) : value
)));

test('the page reduces a recording to the snapshot that the server has', async () => {
  const events = await load('recording.json');
  const want = fromJson(await load('snapshot.json'));
  const got = emptySnapshot();
  for (const event of events) apply(got, event);
  assert.ok(events.length >= 100);
  assert.deepEqual(plain(got), plain(want));
});

test('a snapshot taken anywhere in a recording, and the events after it, lead to the same end', async () => {
  const events = await load('recording.json');
  const want = plain(events.reduce(apply, emptySnapshot()));
  for (let at = 0; at < events.length; at += 37) {
    const half = events.slice(0, at).reduce(apply, emptySnapshot());
    const json = JSON.parse(JSON.stringify({
      seq: half.seq, at_ns: half.at_ns,
      sockets: [...half.sockets.values()], calls: [...half.calls.values()], transfers: [...half.transfers.values()],
      ports: half.ports, lab: half.lab && { ...half.lab, flying: [...half.lab.flying.values()] },
      demo: half.demo,
    }));
    assert.deepEqual(plain(events.slice(at).reduce(apply, fromJson(json))), want, `from event ${at}`);
  }
});
