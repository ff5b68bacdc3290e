import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { rowParts } from '../js/inspector/hex.js';
import { agreedOptions, decode, optionText, rangesOf, sizeWords } from '../js/inspector/segment-fields.js';
import { record } from './segments-records.js';

/** @import {SegmentOption} from '../js/types.js' */

const DATA = record(4, { flags: 'PSH, ACK', bytes: 57, tcp_header: 32, len: 5, seq_abs: 2402950149, ack_abs: 729714898, wscale: 7, checksum: 'valid', checksum_value: 0xbfb4 }).sent;

/** @param {import('../js/types.js').Segment} segment @param {string} name */
function field(segment, name) {
  return decode(segment).find((f) => f.name === name);
}

describe('the fields', () => {
  it('cover the packet without a hole', () => {
    for (const segment of [DATA, record(1, { bytes: 40 }).sent, record(2, { icmp: 'time exceeded', tcp_header: undefined, bytes: 56 }).sent]) {
      const ranges = rangesOf(segment);
      assert.equal(ranges[0].from, 0);
      assert.equal(ranges.at(-1)?.to, segment.bytes);
      for (const [i, range] of ranges.entries()) if (i > 0) assert.equal(range.from, ranges[i - 1].to);
    }
    assert.deepEqual(rangesOf(DATA).map(({ key, from }) => [key, from]), [['ip', 0], ['source', 20], ['destination', 22], ['seq', 24], ['ack', 28], ['flags', 32], ['win', 34], ['sum', 36], ['urgent', 38], ['options', 40], ['payload', 52]]);
  });

  it('say what stands in the header', () => {
    assert.deepEqual([field(DATA, 'Source port')?.value, field(DATA, 'Sequence')?.value, field(DATA, 'Sequence')?.small], ['40000', '1', '2402950149']);
    assert.deepEqual([field(DATA, 'Window')?.value, field(DATA, 'Window')?.title], ['502 × 128', '64,256 bytes, 62.8 KiB']);
    assert.equal(field(DATA, 'Checksum')?.value, '0xbfb4 valid');
    assert.equal(sizeWords(DATA), '57 bytes: 20 IP + 32 TCP + 5 data');
  });

  it('scale no window of a SYN, and read no acknowledgment without ACK', () => {
    const syn = record(1, { flags: 'SYN', win: 64240, wscale: 7 }).sent;
    assert.deepEqual([field(syn, 'Window')?.value, field(syn, 'Acknowledgment')?.value], ['64240', 'none']);
  });

  it('say how the checksum is', () => {
    assert.deepEqual(field({ ...DATA, checksum: 'wrong' }, 'Checksum'), { key: 'sum', tint: 'sum', name: 'Checksum', value: '0xbfb4 wrong', wrong: true, title: 'The receiver’s kernel drops it without a word' });
    assert.equal(field({ ...DATA, checksum: 'offload' }, 'Checksum')?.small, 'not filled in (offload)');
    assert.equal(field({ ...DATA, checksum: 'unknown' }, 'Checksum')?.small, 'not checked');
  });

  it('tell of an ICMP error', () => {
    const error = record(7, { icmp: 'destination unreachable: port', about: ['192.0.2.1:40000', '192.0.2.2:9'], bytes: 68 }).sent;
    assert.equal(field(error, 'About')?.value, '192.0.2.1:40000 → 192.0.2.2:9');
    assert.equal(sizeWords(error), '68 bytes: 20 IP + 48 ICMP');
  });
});

describe('the options', () => {
  it('have the names of the field', () => {
    /** @type {[SegmentOption, string|undefined][]} */
    const table = [
      [{ kind: 2, name: 'mss', value: '1460' }, 'MSS 1460'], [{ kind: 3, name: 'wscale', value: '7' }, 'WS 7'], [{ kind: 4, name: 'sack_permitted' }, 'SACK'], [{ kind: 8, name: 'timestamps', value: '39 72' }, 'TS 39'],
      [{ kind: 5, name: 'sack', value: '1449-2897' }, 'SACK 1449-2897'], [{ kind: 254, name: 'unknown', value: 'f989' }, 'option 254 f989'], [{ kind: 1, name: 'nop' }, undefined],
    ];
    for (const [option, want] of table) assert.equal(optionText(option)?.text, want);
  });

  it('say of a D-SACK what came twice', () => {
    const title = (/** @type {string} */ value, /** @type {import('../js/types.js').SegmentMark[]} */ marks = []) => optionText({ kind: 5, name: 'sack', value }, marks)?.title;
    assert.equal(title('201-301'), 'Has arrived beyond the acknowledgment (selective acknowledgment)');
    assert.equal(title('1-101', ['dsack']), '1-101 came twice (D-SACK)');
    assert.equal(title('1-101 201-301', ['duplicate_ack', 'dsack']), '1-101 came twice (D-SACK); the others have arrived beyond the acknowledgment');
  });

  it('are agreed on only where both SYNs have them', () => {
    const own = record(1, { flags: 'SYN', options: [{ kind: 2, name: 'mss', value: '1460' }, { kind: 4, name: 'sack_permitted' }, { kind: 3, name: 'wscale', value: '7' }] }).sent;
    const other = record(2, { flags: 'SYN, ACK', options: [{ kind: 2, name: 'mss', value: '1400' }, { kind: 4, name: 'sack_permitted' }] }).sent;
    assert.deepEqual(agreedOptions(DATA, own, other).map(({ name, value }) => [name, value]), [['mss', '1460'], ['sack_permitted', undefined]]);
    assert.deepEqual(agreedOptions(own, own, other), []);
    assert.deepEqual(agreedOptions(DATA, own, undefined), []);
  });
});

describe('a row of bytes', () => {
  it('is cut where a field ends', () => {
    const parts = rowParts(new Uint8Array(57), 16, rangesOf(DATA));
    assert.deepEqual(parts.map(({ range, bytes }) => [range?.key, bytes.length]), [['ip', 4], ['source', 2], ['destination', 2], ['seq', 4], ['ack', 4]]);
    assert.deepEqual(rowParts(new Uint8Array(57), 48, rangesOf(DATA)).map(({ range, bytes }) => [range?.key, bytes.length]), [['options', 4], ['payload', 5]]);
  });

  it('ends where the bytes known end', () => {
    assert.deepEqual(rowParts(new Uint8Array(50), 48, rangesOf(DATA)).map(({ bytes }) => bytes.length), [2]);
  });
});
