// A long list in a scrolling box, of which only the rows in sight are in the page. All rows are equally high.

/**
 * @template {HTMLElement} T
 */
export class VirtualRows {
  /** Elements, each showing one row; more than fit by the margin. @type {T[]} */
  #pool = [];
  #rowPx = 0;
  #scroller;
  #body;
  #head;
  #make;
  #show;

  /**
   * @param {object} config
   * @param {HTMLElement} config.scroller
   * @param {HTMLElement} config.body  holds the rows; it gets padding in place of those not drawn
   * @param {HTMLElement} [config.head] stands still above the rows, and covers some of them
   * @param {() => T} config.make      an element for a row
   * @param {(item: T, index: number) => void} config.show  puts a row into an element
   */
  constructor({ scroller, body, head, make, show }) {
    this.#scroller = scroller;
    this.#body = body;
    this.#head = head;
    this.#make = make;
    this.#show = show;
  }

  /** The height of a row; the type's size may change it. */
  get rowPx() {
    return this.#rowPx || this.measure();
  }

  measure() {
    const item = this.#pool[0] ?? this.#grow();
    this.#rowPx = item.getBoundingClientRect().height;
    return this.#rowPx;
  }

  /** The elements in the page, in the order of their rows. */
  get items() {
    return this.#pool;
  }

  /**
   * Draws the rows in sight, and a few more.
   * @param {number} count
   * @param {boolean} [toEnd]  and scrolls to the last one
   */
  draw(count, toEnd = false) {
    const px = this.rowPx;
    if (px === 0) return;
    const { clientHeight } = this.#scroller;
    const offset = this.#offset();
    const scrollTop = toEnd ? offset + count * px - clientHeight : this.#scroller.scrollTop;
    const fits = Math.ceil(clientHeight / px) + 1;
    const margin = Math.ceil(fits / 4);
    // Where the box does not scroll, because the page does, it is as high as all that it holds: keep to a screen's worth.
    const most = Math.min(count, fits + 2 * margin);
    const first = Math.max(0, Math.min(count - most, Math.floor((scrollTop - offset) / px) - margin));
    const last = Math.min(count, first + most);
    while (this.#pool.length > last - first) this.#pool.pop()?.remove();
    while (this.#pool.length < last - first) this.#grow();
    this.#body.style.setProperty('--above', `${first * px}px`);
    this.#body.style.setProperty('--below', `${(count - last) * px}px`);
    for (const [slot, item] of this.#pool.entries()) this.#show(item, first + slot);
    if (toEnd) this.#scroller.scrollTop = offset + count * px;
  }

  /** The first row in sight, and how many fit. @returns {[first: number, count: number]} */
  sight() {
    const px = this.rowPx;
    if (px === 0) return [0, 0];
    const covered = this.#covered;
    const first = Math.max(0, Math.floor((this.#scroller.scrollTop + covered - this.#offset()) / px));
    return [first, Math.ceil((this.#scroller.clientHeight - covered) / px)];
  }

  get #covered() {
    return this.#head?.getBoundingClientRect().height ?? 0;
  }

  /** Where the rows begin in what the box scrolls. */
  #offset() {
    return this.#body.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top + this.#scroller.scrollTop;
  }

  #grow() {
    const item = this.#make();
    this.#pool.push(item);
    this.#body.append(item);
    return item;
  }

  /** Scrolls so that a row is in sight. @param {number} index */
  reveal(index) {
    const top = index * this.rowPx + this.#offset();
    const { scrollTop, clientHeight } = this.#scroller;
    const covered = this.#covered;
    if (top < scrollTop + covered) this.#scroller.scrollTop = top - covered - this.rowPx;
    else if (top + this.rowPx > scrollTop + clientHeight) this.#scroller.scrollTop = top - clientHeight + 2 * this.rowPx;
  }
}
