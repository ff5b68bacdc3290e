import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bitRate, bytes, bytesOf, clock, decodeBase64, duration, goString, hostOf, phaseOf, portOf } from '../js/format.js';

/** @type {[number, string][]} */
const BYTES = [[0, '0 B'], [5, '5 B'], [1023, '1023 B'], [1024, '1.0 KiB'], [65536, '64.0 KiB'], [282624, '276 KiB'],
  [1023 * 1024, '1023 KiB'], [1023.6 * 1024, '1.0 MiB'], [1024 ** 2 - 1, '1.0 MiB'], [2 ** 30, '1.0 GiB'], [-5, '−5 B'], [-2048, '−2.0 KiB'], [-512 * 1024, '−512 KiB']];
for (const [n, want] of BYTES) test(`${n} bytes are written ${want}`, () => assert.equal(bytes(n), want));

test('an amount of a whole is in the unit of the whole', () => {
  assert.equal(bytesOf(65536, 65536), '64.0 / 64.0 KiB');
  assert.equal(bytesOf(0, 131072), '0 / 128 KiB');
  assert.equal(bytesOf(217088, 262144), '212 / 256 KiB');
});

test('an amount that is small beside the whole has a unit of its own', () => {
  assert.equal(bytesOf(6, 131072), '6 B / 128 KiB');
  assert.equal(bytesOf(1, 6 * 1024 ** 2), '1 B / 6.0 MiB');
  assert.equal(bytesOf(1023, 131072), '1023 B / 128 KiB');
  assert.equal(bytesOf(1024, 131072), '1.0 / 128 KiB');
  assert.equal(bytesOf(6, 512), '6 / 512 B');
  assert.equal(bytesOf(2048, 2 ** 21), '2.0 KiB / 2.0 MiB');
  assert.equal(bytesOf(200_000, 131072), '195 / 128 KiB');
});

/** @type {[number, string][]} */
const RATES = [[0, '0 bit/s'], [7, '7 bit/s'], [999, '999 bit/s'], [1000, '1.0 kbit/s'], [999_400, '999 kbit/s'], [999_600, '1.0 Mbit/s'], [1.5e6, '1.5 Mbit/s'], [320e6, '320 Mbit/s'], [2.5e12, '2.5 Tbit/s']];
for (const [bps, want] of RATES) test(`${bps} bits a second are written ${want}`, () => assert.equal(bitRate(bps), want));

/** @type {[number, string][]} */
const DURATIONS = [[0, '0 ms'], [1, '1 ns'], [400, '400 ns'], [999.6, '0.001 ms'], [1_000, '0.001 ms'], [999_400, '0.999 ms'], [999_600, '1.0 ms'], [99.96e6, '100 ms'], [-400, '−400 ns'],
  [83_000, '0.083 ms'], [1_100_000, '1.1 ms'], [470e6, '470 ms'], [999.7e6, '1.0 s'], [3.2e9, '3.2 s'], [47e9, '47 s'], [59.6e9, '1 min 0 s'], [123e9, '2 min 3 s'], [7_300e9, '2 h 1 min'], [-8.4e9, '−8.4 s']];
for (const [ns, want] of DURATIONS) test(`${ns} ns last ${want}`, () => assert.equal(duration(ns), want));

test('the session’s clock', () => assert.equal(clock(18_204e6), '0:18.204'));
test('the wall clock', () => {
  const start = new Date(2026, 10, 22, 8, 34, 16, 0);
  assert.equal(clock(204e6, start), '08:34:16.204');
});

test('parts of an address', () => {
  assert.deepEqual([hostOf('127.0.0.1:80'), portOf('127.0.0.1:80')], ['127.0.0.1', '80']);
  assert.deepEqual([hostOf('[::1]:80'), portOf('[::1]:80')], ['::1', '80']);
  assert.deepEqual([hostOf('2001:db8::1'), portOf('2001:db8::1')], ['2001:db8::1', '']);
  assert.deepEqual([hostOf(undefined), portOf(undefined)], ['', '']);
});

test('a failed end is an error, a finished one is not', () => {
  assert.equal(phaseOf('CLOSED', 'refused'), 'error');
  assert.equal(phaseOf('CLOSED', 'acknowledged'), 'idle');
  assert.equal(phaseOf('TIME_WAIT'), 'wait');
});

/** @param {...number} data */
const quote = (...data) => goString(Uint8Array.from(data));

test('bytes are quoted as Go quotes them', () => {
  assert.equal(goString(new TextEncoder().encode('hello\n\t"\\')), '"hello\\n\\t\\"\\\\"');
  assert.equal(goString(new TextEncoder().encode('中文 é')), '"中文 é"');
  assert.equal(quote(0, 7, 8, 11, 12, 13, 0x7f), '"\\x00\\a\\b\\v\\f\\r\\x7f"');
  assert.equal(goString(new TextEncoder().encode('\u200b\u{e0001}')), '"\\u200b\\U000e0001"');
});

test('what is no UTF-8 is written byte by byte', () => {
  assert.equal(quote(0xff, 0x41), '"\\xffA"');
  assert.equal(quote(0xc0, 0x80), '"\\xc0\\x80"', 'an overlong form');
  assert.equal(quote(0xed, 0xa0, 0x80), '"\\xed\\xa0\\x80"', 'a surrogate');
  assert.equal(quote(0xe4, 0xb8), '"\\xe4\\xb8"', 'the end is missing');
});

test('markup in bytes stays text', () => assert.equal(goString(new TextEncoder().encode('<img onerror=x>')), '"<img onerror=x>"'));

test('a preview never cuts a rune in two', () => {
  const data = new TextEncoder().encode('a中b');
  assert.equal(goString(data, 2), '"a"…');
  assert.equal(goString(data, 4), '"a中"…');
});

test('every byte survives base64', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(decodeBase64(btoa(String.fromCharCode(...all))), all);
});
