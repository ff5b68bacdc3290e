// The emblem on a demo's card: a ladder in small, drawn from the list in its file. It is a sign, not data. Pure.

/** @import {Phase} from '../types.js' */

/** @typedef {{phase: Phase|null, from: [number, number], to: [number, number], thin: boolean, dropped: boolean, loop: boolean}} Line */
/** @typedef {{side: 'client'|'server', phase: Phase, top: number, bottom: number}} Rail */

/** Its size; the rails stand at both edges. */
export const WIDTH = 160;
export const HEIGHT = 40;
const RAIL = 4;
/** How much lower a segment lands than it leaves. */
const DROP = 5;
const GAP = 1;

const SHAPE = /^(?:(<)\s*(.+)|(.+?)\s*(>x|x>|>|~))$/;

/**
 * @param {string[]} picture `SYN>` to the server, `<SYN+ACK` back, `SYN>x` dropped, `SYN~` comes back on its own side
 * @returns {{lines: Line[], rails: Rail[]}}
 */
export function emblem(picture) {
  const marks = picture.slice(0, 8).map(parse).filter((mark) => mark !== null);
  const pitch = (HEIGHT - 4) / Math.max(1, marks.length);
  const client = new Side('client', marks[0]?.flags);
  const server = new Side('server', marks[0]?.flags);
  const lines = marks.map((mark, i) => {
    const y = 2 + i * pitch + Math.max(0, (pitch - DROP) / 2);
    const phase = phaseOf(mark.flags);
    const [here, there] = mark.toServer ? [client, server] : [server, client];
    here.sends(mark.flags, y);
    if (!mark.dropped && !mark.loop) there.receives(mark.flags, y + DROP);
    if (mark.loop) here.receives(mark.flags, y + DROP);
    const [left, right] = [RAIL + 2, WIDTH - RAIL - 2];
    const [x, end] = mark.toServer ? [left, right] : [right, left];
    /** @type {Line} */
    const line = { phase, from: [x, y], to: [mark.dropped ? WIDTH / 2 : end, y + (mark.dropped ? DROP / 2 : DROP)], thin: phase === null, dropped: mark.dropped, loop: mark.loop };
    return line;
  });
  return { lines, rails: [...client.end(), ...(marks.some((mark) => mark.loop) ? [] : server.end())] };
}

/** @param {string} text @returns {{flags: string, toServer: boolean, dropped: boolean, loop: boolean}|null} */
function parse(text) {
  const [, back, answer, ask, end] = SHAPE.exec(text.trim()) ?? [];
  if (back) {
    const dropped = /x$/.test(answer) && answer.length > 1;
    return { flags: dropped ? answer.slice(0, -1).trim() : answer, toServer: false, dropped, loop: false };
  }
  return ask ? { flags: ask, toServer: true, dropped: end.includes('x'), loop: end === '~' } : null;
}

/** The phase that a segment belongs to; a bare ACK belongs to none. @param {string} flags @returns {Phase|null} */
function phaseOf(flags) {
  if (/RST/.test(flags)) return 'error';
  if (/SYN/.test(flags)) return 'opening';
  if (/FIN/.test(flags)) return 'closing';
  return /^ACK$/.test(flags) ? null : 'open';
}

/** One end: which phase it is in, as segments leave and arrive. */
class Side {
  #side;
  /** @type {Phase} */ #phase;
  #top = 0;
  #sentFin = false;
  #gotFin = false;
  /** @type {Rail[]} */ #rails = [];

  /** @param {'client'|'server'} side @param {string} [first] a ladder that begins with a SYN begins with no connection */
  constructor(side, first = '') {
    this.#side = side;
    this.#phase = /SYN/.test(first) ? 'idle' : 'open';
  }

  /** @param {string} flags @param {number} y */
  sends(flags, y) {
    if (/RST/.test(flags)) this.#turn('idle', y);
    else if (/SYN/.test(flags)) this.#turn('opening', y);
    else if (/FIN/.test(flags)) {
      this.#sentFin = true;
      this.#turn('closing', y);
    } else if (/^ACK$/.test(flags) && this.#phase === 'opening') this.#turn('open', y);
  }

  /** @param {string} flags @param {number} y */
  receives(flags, y) {
    if (/RST/.test(flags)) this.#turn(this.#phase === 'opening' ? 'idle' : 'error', y);
    else if (/SYN/.test(flags)) this.#turn(this.#phase === 'opening' && /ACK/.test(flags) ? 'open' : 'opening', y);
    else if (/FIN/.test(flags)) {
      this.#turn(this.#sentFin ? 'wait' : 'closing', y);
      this.#gotFin = true;
    } else if (this.#phase === 'opening') this.#turn('open', y);
    else if (this.#phase === 'closing' && this.#sentFin && this.#gotFin) this.#turn('idle', y);
  }

  /** @returns {Rail[]} */
  end() {
    this.#turn('idle', HEIGHT, true);
    return this.#rails;
  }

  /** @param {Phase} phase @param {number} y */
  #turn(phase, y, last = false) {
    if (!last && phase === this.#phase) return;
    if (y - GAP > this.#top) this.#rails.push({ side: this.#side, phase: this.#phase, top: this.#top, bottom: last ? y : y - GAP });
    this.#phase = phase;
    this.#top = y;
  }
}
