// A stretch of segments that the log does not list one by one, and the pages of it that were fetched. Pure.

/** @import {SegmentRecord} from '../types.js' */

/** As many numbers as the command `segments` takes at once. */
export const PAGE = 500;
/** Pages kept of one stretch; the ones furthest away go first. */
export const MAX_PAGES = 10;

export class Stretch {
  /** @type {Map<number, SegmentRecord[]>} */ #pages = new Map();
  #low = 0;
  #high = 0;
  /** The page that is on its way, −1: none. */
  loading = -1;
  /** Why the last page did not come. */
  error = '';
  /** The server has no more of it. */
  gone = false;

  /**
   * @param {number} first  number of its first segment
   * @param {number} last
   * @param {{socket?: string, backwards?: boolean}} [options] `socket`: only its connection; `backwards`: it is read from its end
   */
  constructor(first, last, { socket, backwards = false } = {}) {
    this.first = first;
    this.last = last;
    this.socket = socket;
    this.backwards = backwards;
    this.pages = Math.ceil((last - first + 1) / PAGE);
    if (backwards) this.#low = this.#high = this.pages;
  }

  /** The numbers of a page; pages are whole where reading begins. @param {number} page @returns {[first: number, last: number]} */
  bounds(page) {
    if (!this.backwards) return [this.first + page * PAGE, Math.min(this.last, this.first + (page + 1) * PAGE - 1)];
    const last = this.last - (this.pages - 1 - page) * PAGE;
    return [Math.max(this.first, last - PAGE + 1), last];
  }

  /** The page before those fetched, −1 where there is none. */
  get before() {
    return this.#low - 1;
  }

  /** The page after those fetched, −1 where there is none. */
  get after() {
    return this.#high < this.pages ? this.#high : -1;
  }

  /** The numbers that are not fetched, before or after. @param {'before'|'after'} side @returns {[first: number, last: number]|null} */
  rest(side) {
    if (side === 'before') return this.before < 0 ? null : [this.first, this.bounds(this.before)[1]];
    return this.after < 0 ? null : [this.bounds(this.after)[0], this.last];
  }

  /** @param {number} page @param {SegmentRecord[]} records */
  add(page, records) {
    this.loading = -1;
    this.error = '';
    // The server forgets the oldest first: reading backwards, an empty page is the end.
    if (this.backwards && records.length === 0) {
      this.gone = true;
      return;
    }
    if (page !== this.before && page !== this.after) return;
    this.#pages.set(page, records);
    if (page === this.#high) {
      this.#high++;
      if (this.#pages.size > MAX_PAGES) this.#pages.delete(this.#low++);
    } else {
      this.#low--;
      if (this.#pages.size > MAX_PAGES) this.#pages.delete(--this.#high);
    }
  }

  /** Those fetched, in order. */
  *records() {
    for (let page = this.#low; page < this.#high; page++) yield* this.#pages.get(page) ?? [];
  }

  /** How many pages are fetched. */
  get size() {
    return this.#pages.size;
  }
}
