// The diagram where there is little room: the same places, with less between the rows, and labels that say the event only,
// in larger type. Who wants to know what the kernel does then finds it in the label that a reader hears, and in the tooltip.

/** @import {Edge, Node} from './states-map.js' */

import { t } from '../i18n.js';
import { MAP_HEIGHT, NODES, NODE_HEIGHT } from './states-map.js';

/** What is left of the room between two rows. */
const LEFT = 0.65;
/** A label that hangs this close below a row, or below a line that leaves it, needs a little more for its larger type. */
const HANGS = 22;
const LOWER = 4;

const ROWS = [...new Set(NODES.map((node) => node.y))].sort((a, b) => a - b);

/** Where a line of the drawing comes to stand. @param {number} y */
export function shorter(y) {
  let gone = 0;
  for (const [index, row] of ROWS.entries()) {
    const end = row + NODE_HEIGHT;
    const next = ROWS[index + 1];
    if (next === undefined || y <= end) break;
    gone += (Math.min(y, next) - end) * (1 - LEFT);
  }
  return Math.round((y - gone) * 10) / 10;
}

export const SHORT_HEIGHT = shorter(MAP_HEIGHT);

/** @param {Node} node @returns {Node} */
export function shorterNode(node) {
  return { ...node, y: shorter(node.y) };
}

/** @param {Edge} edge @returns {Edge} */
export function shorterEdge(edge) {
  return {
    ...edge,
    // Of each command the last of two numbers is a y; H has none, and V nothing else.
    line: edge.line.replace(/(V|[MQL ]+\d+(?:\.\d+)? )(\d+(?:\.\d+)?)/g, (_, before, y) => before + shorter(Number(y))),
    tip: [edge.tip[0], shorter(edge.tip[1]), edge.tip[2]],
    at: [edge.at[0], shorter(edge.at[1]) + (hangs(edge.at[1]) ? LOWER : 0), edge.at[2]],
    no: [edge.no[0], shorter(edge.no[1])],
  };
}

/** @param {number} y */
function hangs(y) {
  return ROWS.some((row) => y > row + NODE_HEIGHT && y <= row + NODE_HEIGHT + HANGS);
}

/** "got SYN" of "got SYN / send SYN, ACK". @param {string[]} label as written, in lines @returns {string[]} in the page's language */
export function eventOnly(label) {
  return [t(label[0]).replace(/\s*\/.*$/, '')];
}
