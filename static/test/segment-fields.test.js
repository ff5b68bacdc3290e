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

  it('say what the IP header says beside the addresses', () => {
    assert.deepEqual([field({ ...DATA, ttl: 64, df: true, ip_id: 4711 }, 'IPv4')?.value, field({ ...DATA, ttl: 64, df: true, ip_id: 4711 }, 'IPv4')?.small], ['TTL 64', 'DSCP 0, Not-ECT, id 4711, DF']);
    const six = { ...DATA, src: '[2001:db8::1]:40000', ttl: 9, dscp: 46, ecn: /** @type {const} */ ('CE'), flow_label: 0xabcde };
    assert.deepEqual([field(six, 'IPv6')?.value, field(six, 'IPv6')?.small], ['hop limit 9', 'DSCP 46, CE, flow label 0xabcde']);
  });

  it('say what the urgent pointer points at', () => {
    const raw = btoa(`${'\0'.repeat(52)}abcXe`);
    const urgent = { ...DATA, flags: 'PSH, ACK, URG', urgent: 4, seq_rel: 7, ip_header: 20, raw };
    assert.deepEqual([field(urgent, 'Urgent pointer')?.value, field(urgent, 'Urgent pointer')?.small], ['4', 'the last urgent byte is 10 "X"']);
    assert.equal(field({ ...urgent, flags: 'PSH, ACK' }, 'Urgent pointer')?.small, 'says nothing without the URG flag');
    assert.equal(field(DATA, 'Urgent pointer'), undefined);
    assert.equal(field({ ...DATA, ace: 0 }, 'ACE')?.value, '0');
    assert.equal(field({ ...DATA, reserved: 2 }, 'Reserved bits')?.value, '010');
  });

  it('tell of what is no segment', () => {
    const other = record(7, { other: 'broken TCP header: data offset 4, less than 5', flags: undefined, tcp_header: undefined, bytes: 40 }).sent;
    assert.equal(field(other, 'Packet')?.value, 'broken TCP header: data offset 4, less than 5');
    assert.equal(sizeWords(other), '40 bytes');
    assert.equal(rangesOf({ ...other, ip_header: 60 }).at(-1)?.to, 40);
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

  it('say where they are broken', () => {
    /** @type {SegmentOption} */ const wrong = { kind: 2, name: 'broken', value: '01' };
    /** @type {SegmentOption} */ const last = { kind: 8, name: 'broken', value: '000102' };
    const segment = { options: [wrong, last], options_broken: 23 };
    assert.deepEqual(optionText(wrong, segment), { text: 'broken option 2 01', title: 'Option 2 has not the length that it has to have' });
    assert.match(optionText(last, segment)?.title ?? '', /^Options broken here, at byte 23 of the TCP header/);
    assert.equal(optionText({ kind: 172, name: 'accecn0', value: 'EE0B 1 ECEB 2' })?.text, 'AccECN0 EE0B 1 ECEB 2');
    assert.equal(optionText({ kind: 30, name: 'mptcp', value: 'MP_CAPABLE 0181' })?.text, 'MPTCP MP_CAPABLE 0181');
  });

  it('say of a D-SACK what came twice', () => {
    const title = (/** @type {string} */ value, /** @type {import('../js/types.js').SegmentMark[]} */ marks = []) => optionText({ kind: 5, name: 'sack', value }, { marks })?.title;
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
