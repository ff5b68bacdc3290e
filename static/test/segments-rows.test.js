import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { endWords, noteWords, optionWords, stateAfter, summaryWords } from '../js/views/segments-cells.js';
import { parseFilter } from '../js/views/segments-filter.js';
import { SegmentRows } from '../js/views/segments-rows.js';
import { MAX_PAGES, PAGE, Stretch } from '../js/views/segments-stretch.js';
import { record, summary } from './segments-records.js';

/** @import {SegmentEntry} from '../js/segments.js' */
/** @import {SegmentRecord, SegmentsSummarised, StateChanged, WireIntervened} from '../js/types.js' */

/** @param {(SegmentRecord|SegmentsSummarised)[]} list @returns {SegmentEntry[]} */
function entriesOf(...list) {
  return list.map((one) => ('sent' in one ? { segment: one, summary: null, seq: one.seq } : { segment: null, summary: one, seq: one.seq }));
}

/** @param {SegmentRows} rows */
function shown(rows) {
  return rows.rows.map(({ segment, summary: s, rest }) => segment?.number ?? (s ? `${s.first}-${s.last}` : `${rest?.side} ${rest?.stretch.rest(rest.side)?.join('-')}`));
}

describe('the rows', () => {
  it('are looked at a part at a time, and grow', () => {
    const rows = new SegmentRows();
    const entries = entriesOf(record(1), record(2), record(3));
    assert.equal(rows.scan(entries, 2), false);
    assert.deepEqual(shown(rows), [1, 2]);
    assert.equal(rows.scan(entries, 2), true);
    entries.push(...entriesOf(record(4)));
    rows.scan(entries, 2);
    assert.deepEqual([shown(rows), rows.total, rows.matched], [[1, 2, 3, 4], 4, 4]);
  });

  it('count what is behind a summary, and stay unsure about it', () => {
    const rows = new SegmentRows();
    const entries = entriesOf(record(1), record(2), summary(3, 66, { bytes: 900, data_segments: 40 }), record(67, { len: 5 }));
    rows.scan(entries, 100);
    assert.deepEqual([shown(rows), rows.total, rows.matched, rows.unsure], [[1, 2, '3-66', 67], 67, 67, false]);
    rows.test = parseFilter('len>0').test;
    rows.scan(entries, 100);
    assert.deepEqual([shown(rows), rows.total, rows.matched, rows.unsure], [['3-66', 67], 67, 1, true]);
    rows.test = parseFilter('C9').test;
    rows.scan(entries, 100);
    assert.deepEqual([shown(rows), rows.matched, rows.unsure], [[], 0, false]);
  });

  it('open a summary page by page', () => {
    const rows = new SegmentRows();
    const long = summary(2, 1 + 2 * PAGE);
    const entries = entriesOf(record(1), long, record(2 * PAGE + 2));
    const stretch = rows.open(long);
    stretch.add(0, [record(2, { seq: 0 }), record(3, { seq: 0 })]);
    rows.rebuild();
    rows.scan(entries, 100);
    assert.deepEqual(shown(rows), [1, 2, 3, `after ${PAGE + 2}-${2 * PAGE + 1}`, 2 * PAGE + 2]);
    assert.equal(rows.total, 2 * PAGE + 2);
    assert.equal(rows.indexOf(undefined, 3), 2);
    stretch.add(1, [record(PAGE + 2, { seq: 0 })]);
    rows.rebuild();
    rows.scan(entries, 100);
    assert.deepEqual(shown(rows), [1, 2, 3, PAGE + 2, 2 * PAGE + 2]);
  });

  it('say what is older than the log', () => {
    const rows = new SegmentRows();
    rows.scan(entriesOf(record(700, { seq: 0 }), record(601), record(602)), 100);
    assert.deepEqual(shown(rows), ['before 1-600', 700, 601, 602]);
  });

  it('change their mind when more becomes known', () => {
    const rows = new SegmentRows();
    const second = record(2);
    const entries = entriesOf(record(1), second, record(3));
    rows.test = parseFilter('dropped').test;
    rows.scan(entries, 100);
    assert.deepEqual(shown(rows), []);
    second.dropped = /** @type {WireIntervened} */ ({ type: 'wire_intervened', seq: 9, at_ns: 0, segment: 2, action: 'dropped', by: 'rule', rule: 2 });
    rows.again(second);
    rows.again(second);
    assert.deepEqual([shown(rows), rows.matched], [[2], 1]);
    second.dropped = null;
    rows.again(second);
    assert.deepEqual([shown(rows), rows.matched], [[], 0]);
  });

  it('begin again where the log forgot some', () => {
    const rows = new SegmentRows();
    rows.scan(entriesOf(record(1), record(2)), 100);
    rows.scan(entriesOf(record(2), record(3)), 100);
    assert.deepEqual(shown(rows), ['before 1-1', 2, 3]);
  });
});

describe('a stretch', () => {
  it('has whole pages where reading begins', () => {
    assert.deepEqual([0, 1, 2].map((page) => new Stretch(10, 1200).bounds(page)), [[10, 509], [510, 1009], [1010, 1200]]);
    assert.deepEqual([0, 1, 2].map((page) => new Stretch(1, 1200, { backwards: true }).bounds(page)), [[1, 200], [201, 700], [701, 1200]]);
  });

  it('keeps a window of pages', () => {
    const stretch = new Stretch(1, PAGE * (MAX_PAGES + 2));
    for (let page = 0; page <= MAX_PAGES; page++) stretch.add(page, [record(page * PAGE + 1)]);
    assert.deepEqual([stretch.size, stretch.before, stretch.after], [MAX_PAGES, 0, MAX_PAGES + 1]);
    assert.deepEqual(stretch.rest('before'), [1, PAGE]);
    stretch.add(0, [record(1)]);
    assert.deepEqual([stretch.size, stretch.before, stretch.after, [...stretch.records()][0].number], [MAX_PAGES, -1, MAX_PAGES, 1]);
  });

  it('ends where the server has nothing older', () => {
    const stretch = new Stretch(1, PAGE * 3, { backwards: true });
    stretch.add(2, [record(PAGE * 2 + 1)]);
    assert.equal(stretch.gone, false);
    stretch.add(1, []);
    assert.deepEqual([stretch.gone, stretch.rest('before')], [true, [1, PAGE * 2]]);
  });

  it('takes no page twice, and none from elsewhere', () => {
    const stretch = new Stretch(1, PAGE * 4);
    stretch.add(0, [record(1)]);
    stretch.add(0, [record(1)]);
    stretch.add(3, [record(1501)]);
    assert.equal([...stretch.records()].length, 1);
  });
});

describe('the cells', () => {
  it('note what happened to a segment', () => {
    const by = (/** @type {Partial<SegmentRecord>} */ more, /** @type {Parameters<typeof record>[1]} */ sent = {}) => noteWords({ ...record(16, sent), ...more }).join(', ');
    const acted = (/** @type {Partial<WireIntervened>} */ more) => /** @type {WireIntervened} */ ({ type: 'wire_intervened', seq: 1, at_ns: 0, segment: 16, by: 'rule', rule: 2, ...more });
    assert.equal(by({ dropped: acted({ action: 'dropped' }) }), 'dropped by rule 2');
    assert.equal(by({ dropped: acted({ action: 'dropped', by: 'loss', rule: undefined }) }), 'dropped: random loss');
    assert.equal(by({}, { marks: ['retransmission'], of: 15 }), 'retransmission of 15');
    assert.equal(by({}, { marks: ['retransmission', 'spurious_retransmission'], of: 1 }), 'retransmission of 1, not needed');
    assert.equal(by({}, { marks: ['duplicate_ack'], of: 21, dup_acks: 1 }), 'dup ack #1, repeats segment 21');
    assert.equal(by({}, { marks: ['dsack'] }), 'says what came twice');
    assert.equal(by({}, { marks: ['window_full'] }), 'window full');
    assert.equal(by({}, { marks: ['zero_window', 'window_probe'] }), 'zero window, window probe');
    assert.equal(by({ held: { by: 'step', at_ns: 0 } }), 'held: step mode');
    assert.equal(by({ copyOf: 8 }, { marks: ['retransmission'], of: 7 }), 'copy of 8');
    assert.equal(by({ interventions: [acted({ action: 'corrupted' })] }), 'corrupted by rule 2');
    assert.equal(by({}, { icmp: 'destination unreachable: port' }), 'ICMP destination unreachable: port');
  });

  it('say the options shortly', () => {
    assert.equal(optionWords(record(1, { options: [{ kind: 2, name: 'mss' }, { kind: 4, name: 'sack_permitted' }, { kind: 8, name: 'timestamps' }, { kind: 1, name: 'nop' }, { kind: 3, name: 'wscale' }] }).sent), 'mss ws sack ts');
    assert.equal(optionWords(record(1, { options: [{ kind: 1, name: 'nop' }, { kind: 8, name: 'timestamps' }, { kind: 5, name: 'sack' }] }).sent), 'ts sack');
  });

  it('show a state only at the end where it changed', () => {
    const syn = record(1, { flags: 'SYN', peer: undefined });
    syn.states = /** @type {StateChanged[]} */ ([{ type: 'state_changed', socket: 'C1', to: 'SYN_SENT', edge: 'left' }, { type: 'state_changed', socket: 'S1.1', to: 'SYN_RCVD', edge: 'landed' }]);
    assert.deepEqual([stateAfter(syn, 'client')?.to, stateAfter(syn, 'server')?.to], ['SYN_SENT', 'SYN_RCVD']);
    assert.deepEqual(endWords(syn), ['C1', 'S1.1']);
    assert.deepEqual(endWords(record(1, { socket: undefined, peer: undefined })), ['192.0.2.1:40000', '192.0.2.2:8330']);
    assert.deepEqual(endWords(record(1, { icmp: 'time exceeded', socket: undefined, src: '192.0.2.2:0' })), ['192.0.2.2', 'S1.1']);
    assert.equal(stateAfter(record(2), 'client'), undefined);
  });

  it('sum up', () => {
    assert.equal(summaryWords(summary(24, 87, { bytes: 61_192, data_segments: 43 })), '64 segments, 24 to 87: 43 with data, 61,192 bytes, C1 ⇄ S1.1');
  });
});
