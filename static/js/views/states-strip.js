// The strip under the diagram: the same states in time, to scale where they change, quiet time cut out.

/** @import {Strip, Stay, Trail} from './states-model.js' */

import { el, icon, setAttr, setText } from '../dom.js';
import { sourceName } from '../explain.js';
import { columns, duration, phaseOf } from '../format.js';
import { t } from '../i18n.js';
import { ladderTime } from './ladder-parts.js';
import { CHAR_PX, QUIET_NS, labelAxis, layoutStrip, scaleMark } from './states-model.js';

/** What stands around the text of a band, px. */
const AROUND_PX = 12;

/** The diagram needs this much height, px, before the strip takes any unasked. */
const DIAGRAM_PX = 440;

export class StatesStrip {
  #scale = el('span', { class: 'scale' });
  #lanes = el('div', { class: 'lanes' });
  #axis = el('div', { class: 'axis', 'aria-hidden': 'true' });
  #fold = el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'aria-expanded': 'true', onclick: () => this.#press() }, icon('i-right'), t('In time'));
  element = el('section', { class: 'strip', 'aria-label': t('Timeline of states') },
    el('div', { class: 'strip-head' }, el('h2', null, this.#fold), el('span', { class: 'muted' }, t('to scale where something happens; quiet time is cut out')), this.#scale),
    this.#lanes, this.#axis);

  /** The person said how it is to be. */ #pressed = false;
  /** How high what can be folded was. */ #height = 0;
  #folded = false;
  #onFold;

  /** @param {() => void} onFold called when the person folds or opens it; what was laid out while it was folded has no width */
  constructor(onFold) {
    this.#onFold = onFold;
  }

  #press() {
    this.#pressed = true;
    this.#setFolded(!this.#folded);
    this.#onFold();
  }

  /** @param {boolean} folded */
  #setFolded(folded) {
    if (!this.#folded) this.#height = this.#lanes.offsetHeight + this.#axis.offsetHeight;
    this.#folded = folded;
    setAttr(this.element, 'data-folded', folded ? '' : null);
    setAttr(this.#fold, 'aria-expanded', String(!folded));
  }

  /** Folds where the diagram above has too little room, unless the person said how it is to be. @param {number} above its height now @returns {boolean} whether it opened, and has to be laid out again */
  fit(above) {
    if (this.#pressed || above === 0 || this.element.hidden) return false;
    const whole = above - (this.#folded ? this.#height : 0);
    if (whole < DIAGRAM_PX === this.#folded) return false;
    this.#setFolded(!this.#folded);
    return !this.#folded;
  }

  /** Since when nothing has changed, if the last state still runs. @type {number | null} */
  #quietSince = null;
  #tailCut = false;
  /** @type {HTMLElement | null} */
  #tailLabel = null;

  /**
   * @param {Trail[]} trails
   * @param {number} now
   * @returns {[number, Element][]} which event each band shows
   */
  draw(trails, now) {
    const times = trails.flatMap((trail) => trail.stays.map((stay) => stay.from));
    this.element.hidden = times.length === 0;
    if (times.length === 0) {
      this.#quietSince = null;
      return [];
    }
    const width = this.#axis.clientWidth || this.element.clientWidth;
    const strip = layoutStrip(times, now, width);
    this.#quietSince = Math.max(...times);
    this.#tailCut = now - this.#quietSince >= QUIET_NS;
    /** @type {[number, Element][]} */
    const shown = [];
    this.#lanes.replaceChildren(...trails.flatMap((trail) => [el('h3', null, trail.socket), lane(trail, strip, now, width, shown)]));
    this.#drawAxis(strip, Math.min(...times), width);
    const mark = scaleMark(strip.scale, width);
    this.#scale.replaceChildren(...(mark ? [el('i', { style: { width: `${mark.px}px` } }), roundTime(mark.ns)] : []));
    return shown;
  }

  /** @param {number} now @returns {boolean} whether the strip has to be laid out again */
  runOn(now) {
    if (this.#quietSince === null) return false;
    const quiet = now - this.#quietSince;
    if (this.#tailLabel) setText(this.#tailLabel, t('{time} pass', { time: duration(quiet) }));
    return quiet >= QUIET_NS !== this.#tailCut;
  }

  /** @param {Strip} strip @param {number} origin @param {number} width */
  #drawAxis(strip, origin, width) {
    const marks = strip.cuts.map(({ at }) => el('i', { class: 'cut', style: { '--x': `${at}px` } }));
    const words = {
      cut: (/** @type {number} */ ns) => t('{time} pass', { time: duration(ns) }),
      time: (/** @type {number} */ ns) => ladderTime(ns, origin).join('').replace(/^0\.000 ms$/, '0.000'),
    };
    this.#tailLabel = null;
    const labels = labelAxis(strip, width, words).map(({ x, edge, text, cut }) => {
      const words = cut === null ? text : el('b', null, text);
      if (words instanceof HTMLElement && cut === strip.windows.length - 1) this.#tailLabel = words;
      return el('span', { 'data-edge': edge, style: { '--x': `${x}px` } }, words);
    });
    this.#axis.replaceChildren(...marks, ...labels);
  }
}

/**
 * @param {Trail} trail
 * @param {Strip} strip
 * @param {number} now
 * @param {number} width
 * @param {[number, Element][]} shown
 */
function lane(trail, strip, now, width, shown) {
  const first = strip.x(trail.stays[0]?.from ?? now);
  // Before its first state a dialled socket is CLOSED; one that a listener will make is not there yet.
  const waits = trail.listener !== null || trail.stays[0]?.event === null;
  const lead = el('li', waits ? { class: 'lane-none' } : { 'data-phase': 'idle', title: 'CLOSED' }, waits ? t('not yet') : named('CLOSED', first));
  place(lead, 0, first);
  const bands = trail.stays.map((stay) => {
    const from = strip.x(stay.from);
    const to = stay.until === null ? width : strip.x(stay.until);
    const cuts = strip.cuts.filter(({ at }) => at > from && at < to);
    const item = bandItem(stay, to - from, now, cuts.length > 0);
    place(item, from, to);
    // A name that a cut would hide moves to the longer part.
    if (cuts.length > 0 && to - cuts[cuts.length - 1].at > cuts[0].at - from) item.dataset.align = 'end';
    if (stay.event) {
      item.dataset.seq = String(stay.event.seq);
      shown.push([stay.event.seq, item]);
    }
    return item;
  });
  return el('ol', { class: 'lane', 'aria-label': t('States of {socket} in time', { socket: trail.socket }) }, first > 0 ? lead : null, ...bands);
}

/** @param {Stay} stay @param {number} px @param {number} now @param {boolean} cut */
function bandItem(stay, px, now, cut) {
  const time = stay.source === 'inferred' && stay.until !== null ? t('not seen') : duration(Math.max(0, (stay.until ?? now) - stay.from));
  const name = named(stay.state, px);
  const both = name !== '' && !cut && stay.until !== null && (name.length + columns(time) + 1) * CHAR_PX + AROUND_PX < px;
  return el('li', {
    'data-phase': phaseOf(stay.state, stay.event?.reason), 'data-inferred': stay.source === 'inferred',
    title: `${stay.state}, ${stay.until === null ? t('still') : time}, ${sourceName(stay.source)}`,
  }, name, both && el('small', null, time));
}

/** A name is shown where at least its beginning is readable. @param {string} name @param {number} px */
function named(name, px) {
  return px > 3 * CHAR_PX + AROUND_PX ? name : '';
}

/** @param {HTMLElement} item @param {number} from @param {number} to */
function place(item, from, to) {
  item.style.setProperty('--x', `${from.toFixed(1)}px`);
  item.style.setProperty('--w', `${Math.max(3, to - from).toFixed(1)}px`);
}

/** "0.1 ms", "20 µs", "0.5 s": a round length without trailing zeros. @param {number} ns */
function roundTime(ns) {
  if (ns >= 1e9) return `${+(ns / 1e9).toPrecision(1)} s`;
  return ns >= 1e5 ? `${+(ns / 1e6).toPrecision(1)} ms` : `${+(ns / 1e3).toPrecision(1)} µs`;
}
