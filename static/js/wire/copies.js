// A kernel sends again what is not acknowledged: who holds one segment and not its copies has it for a second. Pure.

/** @import {SegmentRecord, Wire, WireRule} from '../types.js' */

/**
 * The rule that would hold the copies of a held segment too; null where they are held, or none will come.
 * @param {SegmentRecord} record
 * @param {Wire | undefined} wire
 * @returns {Partial<WireRule> | null}
 */
export function ruleForCopies({ held, sent }, wire) {
  const flags = kind(sent.flags ?? '', sent.len ?? 0);
  if (!held || !wire || wire.step || flags === null) return null;
  const direction = sent.from === 'client' ? 'to_server' : 'to_client';
  const holds = wire.rules.some((rule) =>
    rule.on && rule.action === 'hold' && !rule.next && !rule.every && (!rule.flags || rule.flags === flags) && (rule.direction ?? 'both') !== opposite(direction)
    && rule.min_len === undefined && rule.max_len === undefined && !rule.text && rule.retransmission !== false && (!rule.socket || rule.socket === sent.socket));
  return holds ? null : { action: 'hold', flags, direction };
}

/** What takes a sequence number, and so is sent again, by the protocol's word. @param {string} flags @param {number} len */
function kind(flags, len) {
  const set = flags.split(', ');
  if (set.includes('SYN')) return set.includes('ACK') ? 'SYN,ACK' : 'SYN';
  if (set.includes('FIN')) return 'FIN';
  return len > 0 ? 'DATA' : null;
}

/** @param {'to_server' | 'to_client'} direction */
function opposite(direction) {
  return direction === 'to_server' ? 'to_client' : 'to_server';
}
