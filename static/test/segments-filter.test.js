import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { segmentFacts, summaryFacts } from '../js/views/segments-cells.js';
import { MAX_LENGTH, parseFilter } from '../js/views/segments-filter.js';
import { record, summary } from './segments-records.js';

const SYN = record(1, { flags: 'SYN', seq_rel: 0, ack_rel: undefined, options: [{ kind: 2, name: 'mss', value: '1460' }] });
const DATA = record(4, { flags: 'PSH, ACK', len: 5, payload: 'he"lo' });
const AGAIN = record(9, { flags: 'PSH, ACK', len: 5, seq_rel: 33, socket: 'C2', peer: 'S1.2', marks: ['retransmission'], of: 8 });
const BACK = record(10, { from: 'server', socket: 'S1.2', peer: 'C2', src: '192.0.2.2:8330', dst: '192.0.2.1:40000', win: 0, marks: ['zero_window'] });
const ALL = [SYN, DATA, AGAIN, BACK];

/** The numbers of the segments that pass. @param {string} text */
function passing(text) {
  const { test, error } = parseFilter(text);
  assert.equal(error, null, `${text}: ${error?.message}`);
  return ALL.filter((r) => test === null || test(segmentFacts(r)) === true).map((r) => r.number);
}

describe('the filter', () => {
  it('lets everything through where nothing is asked', () => {
    for (const text of ['', '   ']) assert.deepEqual(parseFilter(text), { test: null, error: null });
  });

  it('compares fields', () => {
    /** @type {[string, number[]][]} */
    const table = [
      ['len>0', [4, 9]], ['len > 0', [4, 9]], ['len = 0', [1, 10]], ['len==5', [4, 9]], ['len != 5', [1, 10]], ['seq>=33', [9]], ['seq>32 seq<34', [9]],
      ['win:0', [10]], ['no<=4', [1, 4]], ['port:8330', [1, 4, 9, 10]], ['port:40001', []], ['port!=8330', []], ['bytes>10,000', []], ['ttl:64', [1, 4, 9, 10]], ['LEN>0', [4, 9]],
    ];
    for (const [text, want] of table) assert.deepEqual(passing(text), want, text);
  });

  it('knows flags and directions', () => {
    assert.deepEqual(passing('flags:syn'), [1]);
    assert.deepEqual(passing('flags=PSH,ack'), [4, 9]);
    assert.deepEqual(passing('flags!=ack'), [1]);
    assert.deepEqual(passing('dir:in'), [10]);
    assert.deepEqual(passing('dir=client'), [1, 4, 9]);
  });

  it('finds sockets, words, and text in the payload', () => {
    assert.deepEqual(passing('C2'), [9, 10]);
    assert.deepEqual(passing('c1'), [1, 4]);
    assert.deepEqual(passing('S1'), []);
    assert.deepEqual(passing('zero'), [10]);
    assert.deepEqual(passing('mss'), [1]);
    assert.deepEqual(passing('he'), [4]); // what stands under Info
    assert.deepEqual(passing('retrans'), [9]);
    assert.deepEqual(passing('"he\\"lo"'), [4]);
    assert.deepEqual(passing('192.0.2.2:8330'.split(':')[0]), [1, 4, 9, 10]);
  });

  it('takes a flag\'s name for the flag', () => {
    /** @type {[string, number[]][]} */
    const table = [
      ['syn', [1]], ['SYN', [1]], ['ack', [4, 9, 10]], ['!ack', [1]], ['not ack', [1]], ['syn and !ack', [1]], ['psh+ack', [4, 9]], ['syn,ack', []],
      ['rst', []], ['sack', [12]], ['fin', []],
    ];
    const sack = record(12, { flags: 'RST', options: [{ kind: 4, name: 'sack_permitted' }] });
    for (const [text, want] of table) {
      const { test, error } = parseFilter(text);
      assert.equal(error, null, text);
      const pass = [...ALL, ...(want.includes(12) ? [sack] : [])].filter((r) => test?.(segmentFacts(r)) === true).map((r) => r.number);
      assert.deepEqual(pass, want, text);
    }
    assert.equal(parseFilter('ack').test?.(segmentFacts(sack)), false, 'SACK permitted is no ACK');
    assert.equal(parseFilter('ack').test?.(summaryFacts(summary(20, 30))), null);
  });

  it('takes &&, ||, ==, a field with its value after it, and the wide signs of an input method', () => {
    /** @type {[string, number[]][]} */
    const table = [
      ['len>0 && C2', [9]], ['len>0&&C2', [9]], ['flags:syn || dir:in', [1, 10]], ['flags:syn||dir:in', [1, 10]], ['len==5', [4, 9]],
      ['port 8330', [1, 4, 9, 10]], ['port 80', []], ['len 5 C2', [9]], ['ack 1', [4, 9, 10]], ['dir in', [10]], ['flags syn', [1]],
      ['len＞0', [4, 9]], ['len＝５', [4, 9]], ['ｓｙｎ　or　（dir：in）', [1, 10]], ['！C2', [1, 4]], ['len≥1', [4, 9]], ['len≠0', [4, 9]], ['len≤4', [1, 10]], ['len ≧ 5', [4, 9]], ['len≦4', [1, 10]], ['psh∧ack', [4, 9]], ['syn∨dir:in', [1, 10]], ['¬C2', [1, 4]],
      ['ｐｏｒｔ：８３３０', [1, 4, 9, 10]],
    ];
    for (const [text, want] of table) assert.deepEqual(passing(text), want, text);
  });

  it('takes addresses, as tcpdump does and as src and dst are written', () => {
    /** @type {[string, number[]][]} */
    const table = [
      ['src 192.0.2.1', [1, 4, 9]], ['dst 192.0.2.1', [10]], ['host 192.0.2.1', [1, 4, 9, 10]], ['host 192.0.2.9', []], ['src host 192.0.2.2', [10]], ['src=192.0.2.2:8330', [10]],
      ['dst:192.0.2.2:8330', [1, 4, 9]], ['src != 192.0.2.2', [1, 4, 9]], ['not src 192.0.2.2', [1, 4, 9]], ['192.0.2.2:8330', [1, 4, 9, 10]], ['192.0.2.2:833', []], ['192.0.2.1:40000&&C2', [9, 10]],
      ['(192.0.2.1:40000) syn', [1]], ['-192.0.2.1:40000', []], ['host ::1', []],
    ];
    for (const [text, want] of table) assert.deepEqual(passing(text), want, text);
    const six = segmentFacts(record(30, { src: '[::1]:40000', dst: '[fe80::1%lo]:8330' }));
    for (const text of ['src ::1', 'src [::1]', '[::1]:40000', 'dst fe80::1%lo', '[fe80::1%lo]:8330', '::1', 'src [::1]:40000']) assert.equal(parseFilter(text).test?.(six), true, text);
    for (const text of ['dst ::1', '[::1]:4000', 'src 127.0.0.1', 'fe80::1']) assert.equal(parseFilter(text).test?.(six), false, text);
    assert.equal(parseFilter('src ::1').test?.(summaryFacts(summary(20, 30))), null);
  });

  it('looks for a text as the bytes that it is', () => {
    const bytes = (/** @type {string} */ payload) => record(20, { flags: 'PSH, ACK', payload });
    const utf8 = (/** @type {string} */ text) => String.fromCharCode(...new TextEncoder().encode(text));
    /** @type {[string, string, boolean][]} */
    const table = [
      ['"中文"', utf8('你好，中文。'), true], ['"中文"', utf8('英文'), false], ['“中文”', utf8('中文'), true], ['「中文」', utf8('中文'), true], ['『a』', 'xay', true], ['‘a’', 'xay', true], ["'a'", 'xay', true], ["'b'", 'xay', false], ['"é"', utf8('café'), true], ['"é"', '\xe9', false],
      ['"：）"', utf8('：）'), true], ['":)"', utf8('：）'), false], ['"😀"', utf8('x😀y'), true],
      ['"\\x00\\x01"', 'a\x00\x01b', true], ['"\\x00\\x01"', 'a\x01\x00b', false], ['"\\0"', '\x00', true], ['"\\u4e2d"', utf8('中'), true], ['"\\r\\n"', 'a\r\n', true],
      ['"\\"q\\""', 'a "q" b', true], ['"\\\\"', 'a\\b', true], ['"&&"', 'a && b', true],
    ];
    for (const [text, payload, want] of table) {
      const { test, error } = parseFilter(text);
      assert.equal(error, null, text);
      assert.equal(test?.(segmentFacts(bytes(payload))), want, `${text} in ${JSON.stringify(payload)}`);
    }
  });

  it('cannot know what stands behind the bytes that a row has', () => {
    const part = segmentFacts(record(21, { flags: 'PSH, ACK', payload: 'the beginning', len: 1448 }));
    /** @type {[string, boolean|null][]} */
    const table = [['"begin"', true], ['"at byte 600"', null], ['-"at byte 600"', null], ['"at byte 600" and syn', false], ['"at byte 600" or ack', true]];
    for (const [text, want] of table) assert.equal(parseFilter(text).test?.(part), want, text);
    const short = segmentFacts(record(22, { flags: 'PSH, ACK', payload: '', len: 3 }));
    assert.equal(parseFilter('"four"').test?.(short), false, 'it has no room for that');
  });

  it('joins with and, or, minus and brackets', () => {
    assert.deepEqual(passing('len>0 C2'), [9]);
    assert.deepEqual(passing('len>0 and C2'), [9]);
    assert.deepEqual(passing('flags:syn or dir:in'), [1, 10]);
    assert.deepEqual(passing('-C2'), [1, 4]);
    assert.deepEqual(passing('not C2 -flags:syn'), [4]);
    assert.deepEqual(passing('(flags:syn or retrans) C2'), [9]);
    assert.deepEqual(passing('-(flags:syn or retrans)'), [4, 10]);
    assert.deepEqual(passing('flags:syn or len>0 C2'), [1, 9]);
    assert.deepEqual(passing('--C2'), [9, 10]);
  });

  it('says what is wrong, and where', () => {
    /** @type {[string, RegExp, number][]} */
    const table = [
      ['len>', /^len > needs a number after it/, 3], ['len > x', /compared with a number, not with “x”/, 6], ['len>-1', /not with “-1”/, 4],
      ['foo:1', /no field “foo”/, 0], ['flags:foo', /no flag “foo”/, 6], ['flags>fin', /flags takes : or =/, 5], ['flags:', /flags : needs a flag/, 5], ['dir:up', /dir is out .* or in .*“up”/, 4],
      ['(len>0', /opens here and does not close/, 0], ['len>0)', /closes here and none is open/, 5], ['()', /nothing between the brackets/, 1], ['(', /opens here/, 0], [')', /none is open/, 0],
      ['"abc', /quotation mark opens/, 0], ['or C1', /“or” needs something on both sides/, 0], ['C1 or', /“or” needs/, 3], ['C1 and', /“and” needs something after it/, 3], ['-', /“-” needs something after it/, 0],
      ['a & b', /“&” is written &&, or and/, 2], ['a | b', /“\|” is written \|\|, or or/, 2], ['a &&', /“and” needs something after it/, 2], ['|| a', /“or” needs something/, 0],
      ['port', /“port” is a field: compare it with something, such as port = 8330/, 0], ['len and syn', /“len” is a field.*len > 0/, 0], ['dir', /such as dir = out/, 0],
      ['port abc', /“port” is a field/, 0], ['tcp.port==80', /no field “tcp.port”/, 0], ['"\\q"', /no escape of Go/, 1], ['"\\x0"', /no escape of Go/, 1],
      ['“abc', /quotation mark opens/, 0], ['「abc', /quotation mark opens/, 0], ['‘abc\'', /quotation mark opens/, 0], ['len≥', /^len >= needs a number/, 3], ['syn∧', /“and” needs something after it/, 3],
      ['syn xor fin', /“xor” is no word of this filter: write and, or, not/, 4], ['xor fin', /“xor” is no word/, 0], ['syn + fin', /“\+” is no word/, 4], ['tcp port 80', /“tcp” is no word/, 0],
      ['src', /such as src = 127.0.0.1/, 0], ['host server', /host takes an address, such as host 127.0.0.1 or host 127.0.0.1:8330, not “server”/, 5], ['src port 80', /src takes an address/, 4],
      ['dst:', /^dst : needs an address/, 3], ['src > 127.0.0.1', /src takes : or =/, 4],
      ['> 5', /needs a field before it/, 0], ['not', /“not” needs something after it/, 0], ['dir:constructor', /dir is out/, 4], ['constructor:1', /no field/, 0],
    ];
    for (const [text, message, at] of table) {
      const { test, error } = parseFilter(text);
      assert.equal(test, null, text);
      assert.ok(error, text);
      assert.match(error.message, message);
      assert.equal(error.at, at, text);
    }
  });

  it('has an end for what is pasted', () => {
    assert.match(parseFilter('x'.repeat(MAX_LENGTH + 1)).error?.message ?? '', /at most 500/);
    assert.match(parseFilter('('.repeat(200)).error?.message ?? '', /too many brackets/);
    assert.match(parseFilter('-'.repeat(200)).error?.message ?? '', /too many brackets/);
  });

  it('takes whatever else is typed for words', () => {
    for (const text of ['<b>', '*', '$', 'a{2}', '[x', '\\', 'toString', '__proto__', '\u202e', 'x'.repeat(400)]) {
      const { test, error } = parseFilter(text);
      if (text.includes('<')) assert.ok(error, text);
      else assert.equal(test?.(segmentFacts(SYN)), false, text);
    }
  });

  it('keeps a summary that may hide one', () => {
    const facts = summaryFacts(summary(20, 30, { bytes: 100, data_segments: 3, socket: 'C1', peer: 'S1.1' }));
    /** @type {[string, boolean|null][]} */
    const table = [['len>0', null], ['-len>0', null], ['C1', true], ['C2', false], ['-C2', true], ['C2 len>0', false], ['C1 or len>0', true], ['retrans', false], ['word', null], ['flags:syn or C2', null]];
    for (const [text, want] of table) assert.equal(parseFilter(text).test?.(facts), want, text);
    assert.equal(parseFilter('len>0').test?.(summaryFacts(summary(20, 30, { bytes: 0, data_segments: 0 }))), false);
  });
});
