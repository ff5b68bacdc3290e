import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { changedSettings, kernelSummary, shortName } from '../js/wire/kernel-model.js';
import { ruleForCopies } from '../js/wire/copies.js';
import { FIELDS, FLAGS, TRIES, heldOn, hits, isSet, isSpent, noWire, ordinal, parseField, shown, spoken } from '../js/wire/model.js';

/** @import {WireRule} from '../js/types.js' */

/** @param {string} name */
function field(name) {
  const found = FIELDS.find((f) => f.name === name);
  assert.ok(found);
  return found;
}

describe('copies of what is held', () => {
  const wire = (/** @type {object[]} */ rules, step = false) => /** @type {any} */ ({ rules, step });
  const held = (/** @type {object} */ sent) => /** @type {any} */ ({ held: { by: 'rule', rule: 1, at_ns: 1 }, sent: { from: 'server', len: 0, ...sent } });
  const next = { rule: 1, on: false, action: 'hold', flags: 'SYN,ACK', next: 1, direction: 'both' };

  it('are held by a rule of their own, unless one holds them', () => {
    const rule = { action: 'hold', flags: 'SYN,ACK', direction: 'to_client' };
    assert.deepEqual(ruleForCopies(held({ flags: 'SYN, ACK' }), wire([next])), rule);
    assert.equal(ruleForCopies(held({ flags: 'SYN, ACK' }), wire([next, { ...rule, on: true }])), null);
    assert.equal(ruleForCopies(held({ flags: 'SYN, ACK' }), wire([{ ...next, next: 0, on: true }])), null);
    assert.deepEqual(ruleForCopies(held({ flags: 'PSH, ACK', len: 3, from: 'client' }), wire([])), { action: 'hold', flags: 'DATA', direction: 'to_server' });
  });

  it('do not come of an ACK, nor past step mode', () => {
    assert.equal(ruleForCopies(held({ flags: 'ACK' }), wire([])), null);
    assert.equal(ruleForCopies(held({ flags: 'FIN, ACK' }), wire([], true)), null);
  });
});

describe('a field of the wire', () => {
  it('shows the rate in Mbit/s, and takes it so', () => {
    const rate = field('rate_kbps');
    assert.equal(shown(rate, 10_000), '10');
    assert.equal(shown(rate, 56), '0.056');
    assert.equal(shown(rate, 0), '');
    assert.equal(parseField(rate, '0.3'), 300);
    assert.equal(parseField(rate, ''), 0);
  });

  it('reads numbers as people write them', () => {
    const delay = field('delay_ms');
    for (const [text, want] of /** @type {const} */ ([['20', 20], [' 1.5 ', 1.5], ['1,5', 1.5], ['.5', 0.5], ['', 0], ['20 ms', null], ['-1', null], ['1e3', null], ['x', null]])) {
      assert.equal(parseField(delay, text), want, text);
    }
    assert.equal(parseField(field('mtu'), ''), 1500);
  });

  it('is set where it differs from no wire at all', () => {
    assert.equal(isSet(field('delay_ms'), 0), false);
    assert.equal(isSet(field('queue'), 1000), false);
    assert.equal(isSet(field('mtu'), 576), true);
    assert.equal(isSet(field('loss_pct'), undefined), false);
    const off = noWire();
    for (const f of FIELDS) assert.equal(isSet(f, off.to_client[f.name]), false, f.name);
  });
});

describe('the sentence of a rule', () => {
  it('says what, how often, which and where', () => {
    /** @type {[Partial<WireRule>, string][]} */
    const cases = [
      [{ action: 'hold', flags: 'FIN', direction: 'both' }, 'Hold every FIN, both ways'],
      [{ action: 'drop', flags: 'SYN,ACK', next: 1, direction: 'to_client' }, 'Drop the next SYN, ACK, server to client'],
      [{ action: 'corrupt', flags: 'DATA', every: 10, direction: 'to_client' }, 'Corrupt every 10th segment with data, server to client'],
      [{ action: 'drop', next: 3 }, 'Drop the next 3 segments, both ways'],
      [{ action: 'drop', every: 2, next: 4, flags: 'ACK' }, 'Drop every 2nd ACK, 4 times, both ways'],
      [{ action: 'delay', delay_ms: 500, flags: 'SYN', direction: 'to_server' }, 'Delay every SYN by 500 ms, client to server'],
      [{ action: 'drop', flags: 'DATA', min_len: 100, max_len: 200, text: 'hi', retransmission: true, socket: 'C1' }, 'Drop every segment with data sent again of 100 to 200 bytes with “hi” of C1, both ways'],
      [{ action: 'duplicate', min_len: 1, retransmission: false }, 'Duplicate every segment sent for the first time of 1 byte or more, both ways'],
      [{ action: 'drop', flags: 'PSH,ACK', max_len: 9 }, 'Drop every PSH, ACK of 9 bytes or less, both ways'],
    ];
    for (const [rule, want] of cases) assert.equal(spoken(rule), want);
  });

  it('of the ones to try is what their button says', () => {
    assert.deepEqual(TRIES.map(({ rule }) => spoken(rule)), ['Drop the next ACK, both ways', 'Hold every SYN, ACK, both ways', 'Drop the next FIN, both ways', 'Hold every segment with data, server to client', 'Drop the next SYN, ACK, both ways']);
  });

  it('counts', () => {
    assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal), ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '111th']);
  });
});

describe('the hits of a rule', () => {
  /** @param {Partial<WireRule>} rule */
  const of = (rule) => hits({ rule: 1, action: 'drop', on: true, ...rule });

  it('are counted, and a used-up rule says so', () => {
    assert.equal(of({}), '0 hits');
    assert.equal(of({ hits: 1 }), '1 hit');
    assert.equal(of({ hits: 1200 }), '1,200 hits');
    assert.equal(of({ next: 3, hits: 1 }), '1 of 3');
    assert.equal(of({ next: 1, hits: 1, on: false }), '1 of 1, done');
    assert.equal(isSpent({ next: 3, hits: 1, on: false }), false);
    assert.equal(isSpent({ hits: 5, on: false }), false);
  });
});

describe('kernel settings', () => {
  const settings = ['tcp_congestion_control', 'tcp_syn_retries', 'tcp_sack'].map((name) => ({ name, sentence: '' }));
  const kernel_defaults = { tcp_congestion_control: 'cubic', tcp_syn_retries: '6', tcp_sack: '1' };

  it('that differ at one host are changed', () => {
    const kernel = { client: { ...kernel_defaults }, server: { ...kernel_defaults, tcp_sack: '0' } };
    assert.deepEqual(changedSettings(settings, { kernel, kernel_defaults }), ['tcp_sack']);
    assert.equal(kernelSummary(settings, { kernel, kernel_defaults }), 'cubic, tcp_syn_retries 6, 1 changed');
  });

  it('that were not read are not changed', () => {
    assert.deepEqual(changedSettings(settings, { kernel: {}, kernel_defaults }), []);
    assert.equal(kernelSummary(settings, { kernel: {}, kernel_defaults }), '');
  });

  it('have a short name', () => {
    assert.equal(shortName('net.ipv4.tcp_sack'), 'tcp_sack');
    assert.equal(shortName('tcp_sack'), 'tcp_sack');
  });
});

it('a rule can be made for every flag of a header', () => {
  const offered = new Set(FLAGS.map(([id]) => id));
  for (const flag of ['SYN', 'FIN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE']) assert.ok(offered.has(/** @type {any} */ (flag)), flag);
});

it('what is held longest comes first, and of a batch what left first', () => {
  const held = (/** @type {number} */ segment, /** @type {number} */ at_ns) => [segment, { segment, held: { at_ns, by: 'step' } }];
  const lab = /** @type {any} */ ({ flying: new Map(/** @type {any} */ ([held(3, 20), [4, { segment: 4 }], held(6, 10), held(5, 10)])) });
  assert.deepEqual(heldOn(lab).map(({ segment }) => segment), [5, 6, 3]);
  assert.deepEqual(heldOn(null), []);
});
