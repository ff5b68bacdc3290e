// The three drawings of the diagram, and which of them a place has room for.

/** @import {Edge, Node} from './states-map.js' */

import { CLOSE_HEIGHT, CLOSE_WIDTH, closeEdge, closeNode, isCommon } from './states-close.js';
import { MAP_HEIGHT, MAP_WIDTH } from './states-map.js';
import { SHORT_HEIGHT, shorterEdge, shorterNode } from './states-short.js';

/**
 * @typedef {object} Drawing
 * @property {'whole' | 'short' | 'close'} name
 * @property {string} viewBox
 * @property {boolean} brief   labels say the event only, in larger type
 * @property {boolean} times   how long each end was in a state stands beside it, and its segment behind a label
 * @property {(node: Node) => Node} node
 * @property {(edge: Edge) => Edge} edge
 * @property {(edge: Edge) => boolean} draws  an edge that nobody took
 */

/** @type {Drawing} */
export const WHOLE = { name: 'whole', viewBox: `0 -6 ${MAP_WIDTH} ${MAP_HEIGHT}`, brief: false, times: true, node: (node) => node, edge: (edge) => edge, draws: (edge) => !edge.reset };
/** @type {Drawing} */
const SHORT = { ...WHOLE, name: 'short', viewBox: `0 -6 ${MAP_WIDTH} ${SHORT_HEIGHT}`, brief: true, node: shorterNode, edge: shorterEdge };
/** @type {Drawing} */
const CLOSE = { name: 'close', viewBox: `-10 0 ${CLOSE_WIDTH} ${CLOSE_HEIGHT}`, brief: true, times: false, node: closeNode, edge: closeEdge, draws: (edge) => !edge.reset && isCommon(edge) };

/** A drawing smaller than this is made for less room; and where even the short one would be smaller than that, it is the close one. */
const ENOUGH = 0.9;
const LITTLE = 0.78;

/** @param {number} width px @param {number} height px; Infinity where the page scrolls @returns {Drawing} */
export function drawingFor(width, height) {
  if (width <= 0 || Math.min(width / MAP_WIDTH, height / MAP_HEIGHT) >= ENOUGH) return WHOLE;
  return width / MAP_WIDTH >= LITTLE ? SHORT : CLOSE;
}
