// The rows of the segment list: what the log lists, what was fetched of summaries, and what a filter leaves of both. Pure.

/** @import {SegmentEntry} from '../segments.js' */
/** @import {SegmentRecord, SegmentsSummarised} from '../types.js' */
/** @import {Facts} from './segments-cells.js' */
/** @import {Test} from './segments-filter.js' */

import { segmentFacts, summaryFacts } from './segments-cells.js';
import { Stretch } from './segments-stretch.js';

/**
 * A row: a segment, a summary that was not opened, or the part of a stretch that was not fetched.
 * `unsure`: it may pass the filter, and nobody can know.
 * @typedef {{segment: SegmentRecord|null, summary: SegmentsSummarised|null, rest?: {stretch: Stretch, side: 'before'|'after'}, seq: number, unsure?: boolean}} Row
 */

export class SegmentRows {
  /** What the filter leaves, in the order of the list. @type {Row[]} */ rows = [];
  /** Segments, those behind summaries included. */ total = 0;
  /** Of these, the ones that surely pass. */ matched = 0;
  /** Whether a row stays in the list because it may pass: a summary that may hide one, a segment of which a part is known. */ unsure = false;
  /** @type {Test|null} */ #test = null;
  /** @type {SegmentEntry[]} */ #entries = [];
  #next = 0;
  /** By their summary. @type {Map<SegmentsSummarised, Stretch>} */ #opened = new Map();
  /** What is older than the log. @type {Stretch|null} */ #older = null;

  /** @param {Test|null} test */
  set test(test) {
    this.#test = test;
    this.rebuild();
  }

  get filtered() {
    return this.#test !== null;
  }

  /** Everything is looked at again. */
  rebuild() {
    this.#next = 0;
    this.rows = [];
    this.total = 0;
    this.matched = 0;
    this.unsure = false;
    if (this.#older) this.#addStretch(this.#older, 0);
  }

  /**
   * Looks at entries not looked at yet, at most so many.
   * @param {SegmentEntry[]} entries of the index, which makes a new list where it forgets some
   * @param {number} most
   * @returns {boolean} whether all have been looked at
   */
  scan(entries, most) {
    if (entries !== this.#entries) {
      this.#entries = entries;
      // What was fetched from before the log has a hole after it now.
      this.#older = olderThan(entries);
      const kept = new Set(entries.map(({ summary }) => summary));
      for (const summary of this.#opened.keys()) if (!kept.has(summary)) this.#opened.delete(summary);
      this.rebuild();
    } else if (!this.#older && this.#next === 0 && entries.length > 0) {
      this.#older = olderThan(entries);
      if (this.#older) this.#addStretch(this.#older, 0);
    }
    const end = Math.min(entries.length, this.#next + most);
    for (; this.#next < end; this.#next++) {
      const entry = entries[this.#next];
      const stretch = entry.summary && this.#opened.get(entry.summary);
      if (stretch) this.#addStretch(stretch, entry.seq, entry.summary?.count);
      else this.#add(entry);
    }
    return end === entries.length;
  }

  /** @param {Row} row */
  #add(row) {
    const { segment, summary } = row;
    this.total += summary ? summary.count : 1;
    const passes = this.#passes(row);
    if (passes === false) return;
    this.rows.push(passes === null ? { ...row, unsure: true } : row);
    if (segment && passes) this.matched++;
    else if (summary && passes && this.#test === null) this.matched += summary.count;
    else this.unsure = true;
  }

  /** @param {Stretch} stretch @param {number} seq @param {number} [count] */
  #addStretch(stretch, seq, count) {
    if (stretch.before >= 0) this.rows.push({ segment: null, summary: null, rest: { stretch, side: 'before' }, seq });
    let fetched = 0;
    for (const segment of stretch.records()) {
      fetched++;
      this.#add({ segment, summary: null, seq });
    }
    if (stretch.after >= 0) this.rows.push({ segment: null, summary: null, rest: { stretch, side: 'after' }, seq });
    if (count !== undefined && fetched < count) this.total += count - fetched;
    if (stretch.after >= 0 || stretch.before >= 0) this.unsure ||= this.#test !== null;
  }

  /** @param {{segment: SegmentRecord|null, summary: SegmentsSummarised|null}} row */
  #passes({ segment, summary }) {
    if (!this.#test) return true;
    /** @type {Facts|null} */
    const facts = segment ? segmentFacts(segment) : summary ? summaryFacts(summary) : null;
    return facts ? this.#test(facts) : null;
  }

  /** More became known of a segment that was looked at before: it may pass now, or no longer. @param {SegmentRecord} record */
  again(record) {
    if (!this.#test || record.seq === 0) return;
    const last = this.#entries[this.#next - 1];
    if (!last || record.seq > last.seq) return;
    const at = this.#lowerBound(record.seq);
    const index = this.rows[at]?.segment === record ? at : -1;
    const passes = this.#passes({ segment: record, summary: null });
    const unsure = passes === null;
    if (index >= 0 ? passes !== false && unsure === (this.rows[index].unsure === true) : passes === false) return;
    if (index >= 0) {
      if (!this.rows[index].unsure) this.matched--;
      this.rows.splice(index, 1);
    }
    if (passes === false) return;
    this.rows.splice(at, 0, { segment: record, summary: null, seq: record.seq, unsure });
    if (passes) this.matched++;
    else this.unsure = true;
  }

  /** The row of a segment, −1 where it is not in the list. @param {SegmentRecord|undefined} record @param {number} number */
  indexOf(record, number) {
    if (record) {
      const at = this.#lowerBound(record.seq);
      if (this.rows[at]?.segment === record) return at;
    }
    return this.rows.findIndex(({ segment }) => segment?.number === number);
  }

  /** The first row that became known with or after an event. @param {number} seq */
  #lowerBound(seq) {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {SegmentsSummarised} summary @returns {Stretch} */
  open(summary) {
    let stretch = this.#opened.get(summary);
    if (!stretch) this.#opened.set(summary, stretch = new Stretch(summary.first, summary.last, { socket: summary.socket ?? summary.peer }));
    return stretch;
  }

  /** Segments that were fetched. */
  *fetched() {
    for (const stretch of this.#opened.values()) yield* stretch.records();
    if (this.#older) yield* this.#older.records();
  }
}

/** The segments that were there before the oldest of the log. @param {SegmentEntry[]} entries */
function olderThan(entries) {
  // What a snapshot says is on the wire has no event of its own (0), and is older than the log too.
  let first = Infinity;
  for (const { segment, summary, seq } of entries) {
    if (seq > 0) first = Math.min(first, segment?.number ?? summary?.first ?? Infinity);
  }
  return Number.isFinite(first) && first > 1 ? new Stretch(1, first - 1, { backwards: true }) : null;
}
