import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runsOf } from '../js/views/segments-bytes.js';
import { CallSpans, Direction, MAX_ROWS, streamCalls, streamRows, unread, wholeOf } from '../js/views/segments-stream-model.js';
import { record } from './segments-records.js';

/** @import {CallReturned, CallsSummarised} from '../js/types.js' */

/** @param {number[]} lengths @param {number} [before] */
function calls(lengths, before = 0) {
  const spans = new CallSpans(before);
  for (const [i, n] of lengths.entries()) spans.add(/** @type {CallReturned} */ ({ seq: i + 1, type: 'call_returned', op: 'Write', n }));
  return spans;
}

const NONE = { writes: calls([]), reads: calls([]) };

/** @param {Direction} direction */
function placed(direction) {
  return direction.pieces.map(({ from, to, record: { number } }) => [from, to, number]);
}

describe('a direction', () => {
  it('has each byte once', () => {
    assert.deepEqual(placed(new Direction([record(1, { seq_rel: 1, len: 10 }), record(2, { seq_rel: 11, len: 5 }), record(3, { seq_rel: 1, len: 15, marks: ['retransmission'] })])), [[0, 10, 1], [10, 15, 2]]);
  });

  it('takes the segment that landed, and one that did not only where none did', () => {
    const sent = [record(1, { seq_rel: 1, len: 10, dropped: true }), record(2, { seq_rel: 11, len: 5 }), record(3, { seq_rel: 1, len: 10, marks: ['retransmission'], of: 1 }), record(4, { seq_rel: 16, len: 4, dropped: true })];
    assert.deepEqual(placed(new Direction(sent)), [[0, 10, 3], [10, 15, 2], [15, 19, 4]]);
  });

  it('fills a hole with what is left of a longer segment', () => {
    const direction = new Direction([record(1, { seq_rel: 5, len: 2 }), record(2, { seq_rel: 1, len: 10 })]);
    assert.deepEqual(placed(direction), [[0, 4, 2], [4, 6, 1], [6, 10, 2]]);
    assert.deepEqual(direction.pieces.map(({ start }) => start), [0, 4, 0]);
  });

  it('counts from the first segment where no SYN was seen, past the SYN where it carried data', () => {
    assert.deepEqual(placed(new Direction([record(1, { seq_rel: 0, len: 3 }), record(2, { seq_rel: 3, len: 3 })])), [[0, 3, 1], [3, 6, 2]]);
    assert.deepEqual(placed(new Direction([record(1, { seq_rel: 0, len: 3, flags: 'SYN' }), record(2, { seq_rel: 4, len: 3 })])), [[0, 3, 1], [3, 6, 2]]);
  });

  it('goes on after 4 GiB', () => {
    assert.deepEqual(placed(new Direction([record(1, { seq_rel: 2 ** 32 - 9, len: 10 }), record(2, { seq_rel: 1, len: 5 })])), [[2 ** 32 - 10, 2 ** 32, 1], [2 ** 32, 2 ** 32 + 5, 2]]);
  });

  it('leaves out keep-alives and copies', () => {
    assert.deepEqual(placed(new Direction([record(1, { seq_rel: 1, len: 4 }), record(2, { seq_rel: 4, len: 1, marks: ['keepalive'] }), { ...record(3, { seq_rel: 1, len: 4 }), copyOf: 1 }])), [[0, 4, 1]]);
  });
});

describe('the rows of the stream', () => {
  it('end where a call ends, and begin anew where the other side speaks', () => {
    const directions = {
      client: new Direction([record(1, { seq_rel: 1, len: 32 }), record(2, { seq_rel: 33, len: 96 }), record(5, { seq_rel: 129, len: 8 })]),
      server: new Direction([record(3, { from: 'server', seq_rel: 1, len: 4 }), record(4, { from: 'server', seq_rel: 5, len: 4 })]),
    };
    const by = { client: { writes: calls([32, 96, 8]), reads: calls([]) }, server: { writes: calls([8]), reads: calls([128]) } };
    const { rows, earlier } = streamRows(directions, by, 'both');
    assert.equal(earlier, 0);
    assert.deepEqual(rows.map(({ side, from, to, pieces }) => [side, from, to, pieces.length]), [['client', 0, 32, 1], ['client', 32, 128, 1], ['server', 0, 8, 2], ['client', 128, 136, 1]]);
    assert.deepEqual(streamRows(directions, by, 'server').rows.map(({ side }) => side), ['server']);
    const beside = streamCalls(rows, directions, by, (column) => (column === 'client' ? { note: '8 B wait here', closed: '' } : null));
    assert.deepEqual(beside.map(({ column, from, to, call, notes }) => [column, from, to, call?.to ?? null, notes.join()]), [
      ['client', 0, 1, 32, ''], ['client', 1, 2, 128, ''], ['client', 2, 3, null, '8 B wait here'], ['client', 3, 4, 136, ''],
      ['server', 0, 2, 128, 'one Read took both Writes'], ['server', 2, 3, 8, ''],
    ]);
  });

  it('cut a segment that two calls filled', () => {
    const directions = { client: new Direction([record(1, { seq_rel: 1, len: 10 })]), server: new Direction([]) };
    const { rows } = streamRows(directions, { client: { writes: calls([4, 6]), reads: calls([]) }, server: NONE }, 'both');
    assert.deepEqual(rows.map(({ from, to }) => [from, to]), [[0, 4], [4, 10]]);
  });

  it('say what no segment of the list has, and what was not sent yet', () => {
    const directions = { client: new Direction([record(1, { seq_rel: 1, len: 10 }), record(9, { seq_rel: 101, len: 10 })]), server: new Direction([]) };
    const by = { client: { writes: calls([2048]), reads: calls([]) }, server: NONE };
    const { rows } = streamRows(directions, by, 'both');
    assert.deepEqual(rows.map(({ from, to, gap }) => [from, to, gap]), [[0, 10, false], [10, 100, true], [100, 110, false]]);
    assert.deepEqual(streamCalls(rows, directions, by, () => null).map(({ from, to, notes }) => [from, to, notes]), [[0, 3, ['1.9 KiB not sent yet']]]);
  });

  it('say of unread bytes that they wait, or that they are gone with the descriptor', () => {
    const direction = new Direction([record(1, { seq_rel: 1, len: 10 })]);
    assert.deepEqual(unread({ socket: 'S1.1', descriptor: 'open' }, direction, 0), { note: '10 B wait here', closed: '' });
    assert.deepEqual(unread({ socket: 'S1.1', descriptor: 'none' }, direction, 0), { note: '10 B wait here', closed: '' });
    const gone = unread({ socket: 'S1.1', descriptor: 'closed' }, direction, 4);
    assert.deepEqual(gone, { note: '6 B thrown away', closed: 'S1.1' });
    const directions = { client: direction, server: new Direction([]) };
    const { rows } = streamRows(directions, { client: NONE, server: NONE }, 'both');
    assert.deepEqual(streamCalls(rows, directions, { client: NONE, server: NONE }, (column) => (column === 'server' ? gone : null)).map(({ column, call, notes, closed }) => [column, call, notes, closed]),
      [['server', null, ['6 B thrown away'], 'S1.1']]);
    assert.deepEqual(unread({ socket: 'S1.1', descriptor: 'closed' }, new Direction([record(1, { seq_rel: 1, len: 10, dropped: true })]), 0), { note: 'still on the way', closed: '' });
  });

  it('are the newest of a long stream', () => {
    const many = Array.from({ length: MAX_ROWS + 50 }, (_, i) => record(i + 1, { seq_rel: 1 + i * 10, len: 10 }));
    const { rows, earlier } = streamRows({ client: new Direction(many), server: new Direction([]) }, { client: { writes: calls(many.map(() => 10)), reads: calls([]) }, server: NONE }, 'both');
    assert.deepEqual([rows.length, earlier, rows[0].from], [MAX_ROWS, 500, 500]);
  });

  it('count calls that the log no longer has', () => {
    const spans = calls([5], 100);
    assert.deepEqual([spans.at(99), spans.at(100)?.to, spans.at(104)?.from, spans.at(105)], [null, 105, 100, null]);
    spans.add(/** @type {CallsSummarised} */ ({ type: 'calls_summarised', op: 'Write', calls: 3, bytes: 30 }));
    assert.equal(spans.total, 135);
  });
});

describe('bytes', () => {
  const data = new TextEncoder().encode('a\r\né中');

  it('are text with escapes', () => {
    assert.deepEqual(runsOf(data, 'text'), [{ text: 'a', escaped: false }, { text: '\\r\\n', escaped: true }, { text: 'é中', escaped: false }]);
    assert.deepEqual(runsOf(new Uint8Array([0xff, 0x41, 0, 0xe4, 0xb8]), 'text').map(({ text }) => text).join(''), '\\xffA\\0\\xe4\\xb8');
  });

  it('cannot turn the line around', () => {
    assert.deepEqual(runsOf(new TextEncoder().encode('\u202ex'), 'text'), [{ text: '\\u{202e}', escaped: true }, { text: 'x', escaped: false }]);
  });

  it('are hex, C and base64', () => {
    const three = new Uint8Array([0, 15, 255]);
    assert.deepEqual(/** @type {const} */ (['hex', 'c', 'base64']).map((format) => runsOf(three, format)[0].text), ['00 0f ff', '0x00, 0x0f, 0xff', 'AA//']);
  });
});

describe('a direction as a file', () => {
  const direction = new Direction([record(1, { seq_rel: 1, len: 3 }), record(2, { seq_rel: 6, len: 4 }), record(3, { seq_rel: 1, len: 3, marks: ['retransmission'] })]);
  /** @param {Record<number, string>} known */
  const whole = (known) => wholeOf(direction.pieces, ({ number }) => new TextEncoder().encode(known[number] ?? ''));

  it('has its bytes once, and says how many no segment listed has', () => {
    const { data, missing } = whole({ 1: 'abc', 2: 'fghi', 3: 'abc' });
    assert.deepEqual([new TextDecoder().decode(data), missing], ['abcfghi', 2]);
  });

  it('counts what is not kept', () => {
    const { data, missing } = whole({ 1: 'abc', 2: 'f' });
    assert.deepEqual([new TextDecoder().decode(data), missing], ['abcf', 5]);
  });
});
