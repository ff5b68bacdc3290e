import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LogIndex, groupOf, matches, parseFilter } from '../js/views/log-model.js';
import { BRIEF, callWords, errorWords, eventWords } from '../js/views/words.js';
import { Log, openConnection } from './views-events.js';

/** @param {Log} log @param {string} text */
function found(log, text) {
  const filter = parseFilter(text);
  return log.events.filter((event) => matches(event, filter, eventWords)).map(({ seq }) => seq);
}

describe('the filter', () => {
  const log = openConnection();
  log.returned(10_001, 'C1', 4, 'Dial', { error: { text: 'dial tcp 127.0.0.1:9: connect: connection refused', errno: 'ECONNREFUSED', kind: 'refused' } });

  it('takes socket names, in either case, as the socket and nothing else', () => {
    assert.deepEqual(found(log, 's1.1'), log.events.filter(({ socket }) => socket === 'S1.1').map(({ seq }) => seq));
    assert.deepEqual(found(log, 'S1'), log.events.filter(({ socket }) => socket === 'S1').map(({ seq }) => seq));
  });

  it('takes types by a part of their name', () => {
    assert.deepEqual(found(log, 'type:state'), [3, 7, 9, 10, 11]);
    assert.deepEqual(found(log, 'type:state C1'), [7, 11]);
  });

  it('takes errors by their errno, or any', () => {
    assert.deepEqual(found(log, 'errno:'), [15]);
    assert.deepEqual(found(log, 'errno:ECONNREFUSED'), [15]);
    assert.deepEqual(found(log, 'errno:EPIPE'), []);
  });

  it('takes words, all of them', () => {
    assert.deepEqual(found(log, 'established'), [10, 11]);
    assert.deepEqual(found(log, 'established syn_rcvd'), [10]);
    assert.deepEqual(found(log, 'source:inferred'), [7, 9]);
    assert.equal(found(log, '').length, log.events.length);
  });
});

describe('the index', () => {
  it('finds a part at a time, in order, and only what is new', () => {
    const log = openConnection();
    let asked = 0;
    const index = new LogIndex((event) => {
      asked++;
      return groupOf(event) === 'states';
    });
    assert.equal(index.scan(log.events, 5), false);
    assert.equal(index.scan(log.events, 100), true);
    assert.equal(asked, log.events.length);
    const before = [...index.seqs];
    const added = log.state(10_002, 'C1', 'ESTABLISHED', 'FIN_WAIT_1');
    assert.equal(index.scan(log.events, 100), true);
    assert.deepEqual(index.seqs, [...before, added.seq]);
    assert.equal(asked, log.events.length);
  });

  it('forgets what the page no longer has', () => {
    const log = openConnection();
    const index = new LogIndex(() => true);
    index.scan(log.events, 100);
    assert.equal(index.trim(5), 4);
    assert.equal(index.seqs[0], 5);
    assert.equal(index.indexOf(7), 2);
    index.scan(log.events.slice(4), 100);
    assert.equal(index.seqs.at(-1), log.events.length);
  });
});

describe('the words', () => {
  it('say calls as in Go', () => {
    const log = new Log();
    const write = log.returned(1, 'C1', 1, 'Write', { args: '"hello"', n: 5, result: '5, nil' });
    const read = log.returned(2, 'S1.1', 2, 'Read', { n: 5, data: 'aGVsbG8=', result: '5, nil' });
    const close = log.returned(3, 'C1', 3, 'Close');
    assert.equal(eventWords(write), 'Write("hello") → 5');
    assert.equal(eventWords(read), 'Read() → "hello"');
    assert.equal(eventWords(close), 'Close()');
  });

  it('say how much more there was', () => {
    const log = new Log();
    const read = log.returned(2, 'S1.1', 2, 'Read', { n: 65_536, data: btoa('a'.repeat(256)) });
    assert.ok(read.type === 'call_returned');
    assert.equal(callWords(read).result, `"${'a'.repeat(70)}… 64.0\u00a0KiB`);
  });

  it('are brief where there is little room', () => {
    const log = new Log();
    const write = log.returned(1, 'C1', 1, 'Write', { args: `"${'a'.repeat(50)}"`, n: 50, result: '50, nil' });
    assert.ok(write.type === 'call_returned');
    assert.deepEqual(callWords(write, BRIEF), { op: 'Write', args: `"${'a'.repeat(30)}…`, result: '50', failed: false });
  });

  it('take the end of the file for no failure', () => {
    const log = new Log();
    const read = log.returned(2, 'S1.1', 2, 'Read', { n: 0, result: '0, EOF', error: { text: 'EOF', kind: 'eof' } });
    assert.ok(read.type === 'call_returned');
    assert.deepEqual([callWords(read).result, callWords(read).failed], ['io.EOF', false]);
  });

  it('leave out of an error what repeats the call', () => {
    assert.equal(errorWords({ text: 'dial tcp 127.0.0.1:1: connect: connection refused', kind: 'refused' }), 'connect: connection refused');
    assert.equal(errorWords({ text: 'read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer', kind: 'reset' }), 'read: connection reset by peer');
    assert.equal(errorWords({ text: 'use of closed network connection', kind: 'closed' }), 'use of closed network connection');
    assert.equal(errorWords({ text: 'use of closed network connection', kind: 'closed', ended_by: 'user' }), 'ended by your Close');
    assert.equal(errorWords({ text: 'use of closed network connection', kind: 'closed', ended_by: 'demo' }), 'ended by the demo’s Close');
  });

  it('say every kind of event', () => {
    for (const event of openConnection().events) assert.ok(eventWords(event).length > 0, event.type);
  });
});
