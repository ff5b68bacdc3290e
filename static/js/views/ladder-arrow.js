// An arrow of the ladder: from where a segment left to where it landed, or as far as it came.

/** @import {Impairment, SegmentRecord, Wire} from '../types.js' */
/** @import {Arrow} from './ladder-layout.js' */

import { el, setAttr, setText, svg } from '../dom.js';
import { isFlying } from '../segments.js';
import { dropTag, segmentPhase } from './segment-words.js';

/** @param {Arrow} arrow */
export function arrowItem({ segment, leaves }) {
  const line = () => svg('svg', { class: 'seg-line', viewBox: '0 0 100 100', preserveAspectRatio: 'none' }, svg('path', { d: 'M0 0 100 100' }));
  return el('span', { class: 'seg-arrow', 'data-leaves': leaves, 'data-phase': segmentPhase(segment.sent) },
    el('span', { class: 'seg-way' },
      el('span', { class: 'seg-behind' }, line()), el('span', { class: 'seg-ahead' }, line()),
      svg('svg', { class: 'seg-tip', viewBox: '0 0 11 10' }, svg('path', { d: 'M0 0 11 5 0 10z' })),
      el('span', { class: 'seg-packet' })),
    el('span', { class: 'seg-dropped' },
      svg('svg', { class: 'seg-cross', viewBox: '0 0 12 12' }, svg('path', { d: 'm1 1 10 10M11 1 1 11' })), el('b', null)));
}

/**
 * Brings an arrow up to date with what has become of its segment.
 * @param {HTMLElement} item
 * @param {Arrow} arrow
 * @param {{now: number, wire?: Wire}} world
 */
export function updateArrow(item, { segment, from, to }, { now, wire }) {
  const flying = isFlying(segment);
  const fate = segment.dropped ? 'dropped' : segment.held ? 'held' : flying ? 'flying' : segment.ended ? 'ended' : 'landed';
  setAttr(item, 'data-long', to - from > 1 ? '' : null);
  if (item.dataset.fate === fate) return;
  item.dataset.fate = fate;
  if (segment.dropped) setText(/** @type {Element} */ (item.querySelector('.seg-dropped b')), dropTag(segment.dropped));
  if (fate !== 'flying') return;
  // The way takes as long as the wire delays it; what it has behind it already is not shown again.
  const ms = Math.max(1, delayOf(segment, wire));
  item.style.setProperty('--way-time', `${ms}ms`);
  item.style.setProperty('--way-gone', `${-Math.min(ms, Math.max(0, (now - segment.left_ns) / 1e6))}ms`);
}

/**
 * How long the wire keeps a segment, as far as its settings tell.
 * @param {SegmentRecord} segment
 * @param {Wire} [wire]
 */
export function delayOf(segment, wire) {
  /** @type {Impairment | undefined} */
  const way = segment.sent.from === 'client' ? wire?.to_server : wire?.to_client;
  const own = segment.interventions.reduce((sum, event) => sum + (event.action === 'delayed' ? event.delay_ms ?? 0 : 0), 0);
  const serialised = way && way.rate_kbps > 0 ? (segment.sent.bytes * 8) / way.rate_kbps : 0;
  return (way?.delay_ms ?? 0) + own + serialised;
}
