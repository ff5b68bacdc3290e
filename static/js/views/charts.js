// <socket-charts socket="C1">: round-trip time, congestion window and queues of a socket over time.

/** @import {Change} from '../types.js' */
/** @import {Series} from './charts-model.js' */

import { el, setAttr, setText, svg } from '../dom.js';
import { bytes, count, duration } from '../format.js';
import { t } from '../i18n.js';
import { Samples, axisEnd, stepPath } from './charts-model.js';
import { View } from './view.js';

/** @typedef {{series: Series, name: string, write: (value: number) => string, binary: boolean}} ChartKind */

/** @type {ChartKind[]} */
const KINDS = [
  { series: 'rtt', name: 'RTT', write: (us) => (us < 1000 ? `${us} µs` : duration(us * 1000)), binary: false },
  { series: 'cwnd', name: 'cwnd', write: (segments) => segments === 1 ? t('1 segment') : t('{n} segments', { n: count(segments) }), binary: false },
  { series: 'recvQ', name: 'Recv-Q', write: bytes, binary: true },
  { series: 'sendQ', name: 'Send-Q', write: bytes, binary: true },
];

const HEIGHT = 44;

class Chart {
  #line = svg('path', { class: 'chart-line' });
  #cursor = svg('path', { class: 'chart-cursor' });
  #top = el('span', { class: 'chart-top' });
  #value = el('b');
  #since = el('span');
  svg = svg('svg', { role: 'img', height: HEIGHT, preserveAspectRatio: 'none' }, svg('path', { class: 'chart-base', d: `M0 ${HEIGHT - 0.5}H10000` }), this.#line, this.#cursor);
  element;

  /** @param {ChartKind} kind */
  constructor(kind) {
    this.kind = kind;
    this.element = el('figure', { class: 'chart' }, el('figcaption', null, kind.name, this.#value),
      el('div', { class: 'chart-plot' }, this.svg, this.#top), el('div', { class: 'chart-axis', 'aria-hidden': 'true' }, this.#since, el('span', null, t('now'))));
  }

  /**
   * @param {Samples} samples
   * @param {number} from
   * @param {number} to
   * @param {number | null} pointer  session clock under the pointer
   */
  draw(samples, from, to, pointer) {
    const { series, name, write, binary } = this.kind;
    const points = samples.line(series);
    const width = this.svg.clientWidth;
    const values = points.map(({ value }) => value);
    const highest = Math.max(0, ...values);
    const top = axisEnd(highest, binary);
    setAttr(this.svg, 'viewBox', `0 0 ${Math.max(1, width)} ${HEIGHT}`);
    setAttr(this.#line, 'd', stepPath(points, { from, to, top, width, height: HEIGHT - 2 }));
    const last = points.at(-1)?.value;
    const shown = pointer === null ? last : samples.at(pointer)?.values[series];
    setText(this.#value, shown === undefined ? t('not available') : pointer === null ? write(shown) : t('{value}, {time} ago', { value: write(shown), time: duration(to - pointer) }));
    setText(this.#top, highest > 0 ? write(top) : '');
    setText(this.#since, t('{time} ago', { time: duration(to - from) }));
    setAttr(this.#cursor, 'd', pointer === null ? '' : `M${(((pointer - from) / Math.max(1, to - from)) * width).toFixed(1)} 0V${HEIGHT}`);
    setAttr(this.svg, 'aria-label', last === undefined ? t('{name} of {socket}: not available', { name, socket: samples.socket })
      : t('{name} of {socket}: now {now}, lowest {low}, highest {high}, in {time}', { name, socket: samples.socket, now: write(last), low: write(Math.min(...values)), high: write(highest), time: duration(to - from) }));
  }
}

export class SocketCharts extends View {
  static observedAttributes = ['socket'];

  /** @override */
  tickEvery = 500;

  /** @type {Samples | null} */ #samples = null;
  /** Where the pointer is, as a part of the width. @type {number | null} */ #pointer = null;

  #charts = KINDS.map((kind) => new Chart(kind));
  #grid = el('div', { class: 'charts' }, ...this.#charts.map(({ element }) => element));
  #empty = el('p', { class: 'muted' }, t('No samples yet.'));

  /** The socket's id; '' for none. */
  get socket() {
    return this.getAttribute('socket') ?? '';
  }

  set socket(id) {
    setAttr(this, 'socket', id);
  }

  attributeChangedCallback() {
    this.#samples = null;
    if (this.active && this.isConnected) this.draw();
  }

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    this.replaceChildren(this.#grid, this.#empty);
    this.#grid.addEventListener('pointermove', (event) => this.#point(event), { signal });
    this.#grid.addEventListener('pointerleave', () => this.#point(null), { signal });
    const resize = new ResizeObserver(() => {
      if (this.active) this.draw();
    });
    resize.observe(this);
    signal.addEventListener('abort', () => resize.disconnect(), { once: true });
  }

  /** @override @param {Change} change */
  take(change) {
    if (change.reset) this.#samples = null;
    if (this.#samples) for (const event of change.events) this.#samples.add(event);
  }

  /** @override @param {Change} [change] */
  draw(change) {
    if (change && !change.reset && !change.events.some((event) => event.type === 'metrics_sampled' && event.socket === this.socket)) return;
    this.#samples ??= new Samples(this.socket, this.store.events);
    const first = this.#samples.list[0];
    setAttr(this.#grid, 'hidden', first ? null : '');
    setAttr(this.#empty, 'hidden', first ? '' : null);
    if (!first) return;
    const to = Math.max(this.store.now(), this.#samples.list[this.#samples.list.length - 1].at);
    const pointer = this.#pointer === null ? null : first.at + (to - first.at) * this.#pointer;
    for (const chart of this.#charts) chart.draw(this.#samples, first.at, to, pointer);
  }

  /** @override */
  tick() {
    this.draw();
  }

  /** @param {PointerEvent | null} event */
  #point(event) {
    const plot = event?.target instanceof Element ? event.target.closest('.chart')?.querySelector('svg') : null;
    const box = plot?.getBoundingClientRect();
    this.#pointer = event && box && box.width > 0 ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) : null;
    this.draw();
  }
}

customElements.define('socket-charts', SocketCharts);
