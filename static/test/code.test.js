import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CodeLinks, changesCode, phaseOfCall, seqsOf, textOf } from '../js/views/code-model.js';
import { buildLadder } from '../js/views/ladder-model.js';
import { Log } from './views-events.js';

/** @import {CodeLine, PlaygroundEvent} from '../js/types.js' */

/** A Dial and a Write in the Lab, 20 ms each way, and the Read that waited for the bytes; with the lines that stand for them. */
function dialAndWrite() {
  const log = new Log();
  log.add(0, { type: 'lab_opened', backend: 'capabilities', hosts: { client: [], server: [] } });
  log.add(1, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', network: 'lab', call: 1 });
  const dial = log.start(1, 'C1', 1, 'Dial');
  const syn = log.sent(1.1, 'client', 'SYN', { seq_rel: 0, peer: undefined });
  const synSent = log.state(1.1, 'C1', 'CLOSED', 'SYN_SENT', { segment: syn, edge: 'left', cause: 1 });
  log.landed(21, syn);
  log.add(21, { type: 'socket_opened', socket: 'S1.1', kind: 'conn', host: 'server', network: 'lab', listener: 'S1', local: '127.0.0.1:8330', remote: '127.0.0.1:50000' });
  const answer = log.sent(21.1, 'server', 'SYN, ACK', { seq_rel: 0, ack_rel: 1 });
  log.landed(41, answer);
  const dialled = log.returned(41.2, 'C1', 1, 'Dial', { result: 'conn, nil', started_ns: 1e6 });
  const reading = log.start(50, 'S1.1', 2, 'Read');
  const wrote = log.returned(60.2, 'C1', 3, 'Write', { n: 5, bytes: 5, result: '5, nil', started_ns: 60e6, returned_ns: 60.2e6 });
  const data = log.sent(60.1, 'client', 'PSH, ACK', { seq_rel: 1, ack_rel: 1, len: 5 });
  log.landed(80, data);
  const read = log.returned(80.1, 'S1.1', 2, 'Read', { n: 5, bytes: 5, result: '5, nil', started_ns: 50e6, returned_ns: 80.1e6 });
  const ladder = buildLadder({ left: 'C1', right: 'S1.1' }, log.sockets, log.events, log.segments);
  const line = (/** @type {PlaygroundEvent[]} */ ...events) => /** @type {CodeLine} */ ({ tokens: [['plain', 'x']], seqs: events.map(({ seq }) => seq) });
  return {
    log, ladder, links: new CodeLinks(ladder), dial, dialled, synSent, reading, read, wrote, syn, answer, data,
    lines: { dial: line(dial, dialled), write: line(wrote), read: line(reading, read) },
  };
}

describe('the lines of the programs', () => {
  it('name the segments that they sent and waited for', () => {
    const { links, lines, syn, answer, data } = dialAndWrite();
    assert.deepEqual(links.badges(lines.dial), { sent: [syn], waited: [answer], more: 0 });
    assert.deepEqual(links.badges(lines.write), { sent: [data], waited: [], more: 0 });
    assert.deepEqual(links.badges(lines.read), { sent: [], waited: [data], more: 0 });
  });

  it('name none where the connection’s segments are not known', () => {
    const { lines } = dialAndWrite();
    assert.deepEqual(new CodeLinks(null).badges(lines.dial), { sent: [], waited: [], more: 0 });
    assert.deepEqual(dialAndWrite().links.badges({ tokens: [] }), { sent: [], waited: [], more: 0 });
  });

  it('are marked by their call, by its segment, and where its bytes arrived', () => {
    const { log, ladder, links, lines, synSent, dialled, data } = dialAndWrite();
    const event = (/** @type {number} */ seq) => log.events[seq - 1];
    const mark = (/** @type {CodeLine} */ line, /** @type {number} */ seq, /** @type {number | null} */ segment = null) => links.mark(line, { seqs: seqsOf({ kind: 'event', seq }, event, ladder), segment });
    assert.equal(mark(lines.dial, dialled.seq), 'call');
    assert.equal(mark(lines.dial, synSent.seq), 'call', 'by the state that the call changed');
    assert.equal(mark(lines.write, dialled.seq), null);
    assert.equal(mark(lines.write, 0, data), 'call');
    assert.equal(mark(lines.read, 0, data), 'arrival');
    assert.equal(mark(lines.dial, 0, data), null);
    assert.equal(seqsOf(null, event, ladder).size, 0);
  });

  it('colour a call by what it does to TCP, in every language', () => {
    for (const [name, phase] of [['ListenTCP', 'idle'], ['create_server', 'idle'], ['DialTCP', 'opening'], ['connect', 'opening'], ['Write', 'open'],
      ['recv', 'open'], ['AcceptTCP', 'open'], ['close', 'closing'], ['shutdown', 'closing'], ['SetLinger', 'error']]) assert.equal(phaseOfCall(name, []), phase, name);
    const { wrote } = dialAndWrite();
    const failed = (/** @type {string} */ kind) => [/** @type {PlaygroundEvent} */ ({ ...wrote, error: { kind, text: '', why: '' } })];
    assert.equal(phaseOfCall('Write', failed('broken_pipe')), 'error');
    assert.equal(phaseOfCall('Read', failed('eof')), 'open');
  });

  it('make a text as it is copied, and change with calls and states alone', () => {
    assert.equal(textOf({ name: 'client.go', host: 'client', run: '', sockets: [], calls: 0, lines: [{ tokens: [['keyword', 'package'], ['plain', ' main']] }, { tokens: [] }] }), 'package main\n\n');
    const { wrote, synSent, log } = dialAndWrite();
    assert.equal(changesCode(wrote), true);
    assert.equal(changesCode(synSent), true);
    assert.equal(changesCode(/** @type {PlaygroundEvent} */ (log.events.find(({ type }) => type === 'segment_sent'))), false);
  });
});
