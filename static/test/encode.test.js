import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encode } from '../js/encode.js';
import { goString } from '../js/format.js';
import { hexDump } from '../js/inspector/hex.js';
import { parseSize } from '../js/hosts/generate.js';

/** @type {[encoding: 'text'|'hex'|'base64', typed: string, want: number[]][]} */
const GOOD = [
  ['text', 'hi\\n', [104, 105, 10]],
  ['text', 'hi\n', [104, 105, 10]],
  ['text', '\\x41\\101\\u4e2d\\U0001f600\\0\\\\', [0x41, 0x41, 0xe4, 0xb8, 0xad, 0xf0, 0x9f, 0x98, 0x80, 0, 0x5c]],
  ['text', '\\xff', [0xff]],
  ['hex', '48 65,6c:6c\n0x6f', [0x48, 0x65, 0x6c, 0x6c, 0x6f]],
  ['hex', '0X4142', [0x41, 0x42]],
  ['base64', 'aGVs\nbG8=', [104, 101, 108, 108, 111]],
];
for (const [encoding, typed, want] of GOOD) {
  test(`${encoding} ${JSON.stringify(typed)}`, () => {
    const got = encode(typed, encoding);
    assert.ok(got.ok);
    assert.deepEqual([...got.bytes], want);
  });
}

/** @type {[encoding: 'text'|'hex'|'base64', typed: string, at: number][]} */
const BAD = [
  ['text', 'ab\\q', 2], ['text', 'a\\', 1], ['text', '\\ud800', 0], ['text', '\\x4', 0],
  ['hex', '48 6g', 4], ['hex', '48 6', 3],
  ['base64', 'ab*d', 2], ['base64', 'abcde', 4],
];
for (const [encoding, typed, at] of BAD) {
  test(`${encoding} ${JSON.stringify(typed)} is wrong at ${at}`, () => {
    const got = encode(typed, encoding);
    assert.ok(!got.ok);
    assert.equal(got.at, at);
    assert.match(got.message, /\.$/);
  });
}

test('what goString shows is what text sends', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const got = encode(goString(all).slice(1, -1), 'text');
  assert.ok(got.ok);
  assert.deepEqual(got.bytes, all);
});

test('a hex dump', () => {
  const dump = hexDump(new TextEncoder().encode('hello, wire 1234\n'));
  assert.equal(dump, '0000  68 65 6c 6c 6f 2c 20 77 69 72 65 20 31 32 33 34  hello, wire 1234\n0010  0a                                               .');
  assert.equal(hexDump(new Uint8Array(100), 2).split('\n').length, 2);
});

/** @type {[string, number|null][]} */
const SIZES = [['5', 5], ['64K', 65536], ['64 KiB', 65536], ['1.5 MiB', 1572864], ['1g', 2 ** 30], ['', null], ['-1', null], ['5 XiB', null]];
for (const [text, want] of SIZES) test(`a size ${JSON.stringify(text)}`, () => assert.equal(parseSize(text), want));

test('what is wrong is told as a whole character', () => {
  for (const { text, encoding, at, length, part } of /** @type {const} */ ([
    { text: 'de 😀', encoding: 'hex', at: 3, length: 2, part: '“😀” at 4' },
    { text: '😀', encoding: 'base64', at: 0, length: 2, part: '“😀” at 1' },
    { text: 'a\\😀', encoding: 'text', at: 1, length: 3, part: '\\😀 is no escape' },
    { text: 'a\\', encoding: 'text', at: 1, length: 1, part: '\\ is no escape' },
  ])) {
    const result = encode(text, encoding);
    assert.equal(result.ok, false, text);
    if (result.ok) continue;
    assert.deepEqual([result.at, result.length], [at, length], text);
    assert.ok(result.message.includes(part), result.message);
  }
});
