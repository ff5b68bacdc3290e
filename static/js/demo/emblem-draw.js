// The emblem as SVG.

import { svg } from '../dom.js';
import { emblem, HEIGHT, WIDTH } from './emblem.js';

const RAIL = 4;

/** @param {string[]} picture */
export function drawEmblem(picture) {
  const { lines, rails } = emblem(picture);
  return svg('svg', { class: 'mini', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    rails.map(({ side, phase, top, bottom }) => svg('rect', { 'data-phase': phase, x: side === 'client' ? 0 : WIDTH - RAIL, y: top, width: RAIL, height: bottom - top })),
    lines.map((line) => svg('g', { 'data-phase': line.phase },
      svg('path', { class: line.thin ? 'thin' : null, d: path(line) }),
      line.dropped && svg('g', { 'data-phase': 'error' }, svg('path', { d: cross(line.to) })))));
}

/** @param {import('./emblem.js').Line} line */
function path({ from: [x, y], to: [end, below], loop }) {
  if (!loop) return `M${x} ${y} ${end} ${below}`;
  const turn = WIDTH * 0.7;
  return `M${x} ${y} H${turn} Q${turn + 12} ${y} ${turn + 12} ${(y + below) / 2} Q${turn + 12} ${below} ${turn} ${below} H${x}`;
}

/** @param {[number, number]} at */
function cross([x, y]) {
  return `m${x - 3} ${y - 3} 6 6m0-6-6 6`;
}
