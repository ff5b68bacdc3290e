// The diagram beside the ladder, and on a telephone: three columns closer together, in type that can be read there. Edges
// that hardly any connection takes are drawn once one does, and times are left to the strip and to who asks.

/** @import {Edge, Node, Place} from './states-map.js' */

import { directEdge, nodeAt } from './states-map.js';

export const CLOSE_WIDTH = 610;
export const CLOSE_HEIGHT = 462;
const WIDTH = 150;

/** @type {Record<Place, [x: number, y: number]>} */
const AT = {
  START: [215, 8], SYN_SENT: [0, 62], LISTEN: [430, 62], SYN_RCVD: [430, 150], ESTABLISHED: [215, 206],
  FIN_WAIT_1: [0, 274], CLOSING: [215, 274], CLOSE_WAIT: [430, 274], FIN_WAIT_2: [0, 350], TIME_WAIT: [215, 350], LAST_ACK: [430, 350], CLOSED: [215, 418],
};

/** @typedef {Pick<Edge, 'line' | 'tip' | 'at' | 'no'> & {rare?: boolean}} Way `rare`: not drawn until it is taken */

/** @type {Record<string, Way>} */
const WAYS = {
  'START SYN_SENT': { line: 'M215 27 H84 Q75 27 75 36 V53', tip: [75, 62, 'down'], at: [92, 20, 'start'], no: [192, 27] },
  'START LISTEN': { line: 'M365 27 H496 Q505 27 505 36 V53', tip: [505, 62, 'down'], at: [488, 20, 'end'], no: [392, 27] },
  'LISTEN SYN_RCVD': { line: 'M465 100 V141', tip: [465, 150, 'down'], at: [450, 129, 'end'], no: [465, 120] },
  'SYN_SENT ESTABLISHED': { line: 'M75 100 V216 Q75 225 84 225 H206', tip: [215, 225, 'right'], at: [90, 166, 'start'], no: [75, 150] },
  'SYN_RCVD ESTABLISHED': { line: 'M505 188 V216 Q505 225 496 225 H374', tip: [365, 225, 'left'], at: [432, 217, 'middle'], no: [480, 225] },
  'ESTABLISHED FIN_WAIT_1': { line: 'M260 244 V250 Q260 259 251 259 H84 Q75 259 75 265', tip: [75, 274, 'down'], at: [165, 253, 'middle'], no: [110, 259] },
  'ESTABLISHED CLOSE_WAIT': { line: 'M320 244 V250 Q320 259 329 259 H496 Q505 259 505 265', tip: [505, 274, 'down'], at: [438, 253, 'middle'], no: [480, 259] },
  'FIN_WAIT_1 CLOSING': { line: 'M150 293 H206', tip: [215, 293, 'right'], at: [182, 286, 'middle'], no: [165, 293] },
  'FIN_WAIT_1 FIN_WAIT_2': { line: 'M75 312 V341', tip: [75, 350, 'down'], at: [90, 336, 'start'], no: [75, 327] },
  'CLOSING TIME_WAIT': { line: 'M290 312 V341', tip: [290, 350, 'down'], at: [305, 336, 'start'], no: [290, 327] },
  'CLOSE_WAIT LAST_ACK': { line: 'M505 312 V341', tip: [505, 350, 'down'], at: [520, 336, 'start'], no: [505, 327] },
  'FIN_WAIT_2 TIME_WAIT': { line: 'M150 372 H206', tip: [215, 372, 'right'], at: [182, 391, 'middle'], no: [168, 372] },
  'TIME_WAIT CLOSED': { line: 'M290 388 V409', tip: [290, 418, 'down'], at: [305, 408, 'start'], no: [290, 398] },
  'LAST_ACK CLOSED': { line: 'M505 388 V428 Q505 437 496 437 H374', tip: [365, 437, 'left'], at: [440, 430, 'middle'], no: [490, 437] },
  'SYN_SENT START': { line: 'M130 62 V49 Q130 40 139 40 H206', tip: [215, 40, 'right'], at: [146, 57, 'start'], no: [130, 51], rare: true },
  'LISTEN START': { line: 'M450 62 V49 Q450 40 441 40 H374', tip: [365, 40, 'left'], at: [434, 57, 'end'], no: [450, 51], rare: true },
  'LISTEN SYN_SENT': { line: 'M430 76 H159', tip: [150, 76, 'left'], at: [290, 71, 'middle'], no: [400, 76], rare: true },
  'SYN_SENT SYN_RCVD': { line: 'M150 92 H361 Q370 92 370 101 V160 Q370 169 379 169 H421', tip: [430, 169, 'right'], at: [260, 110, 'middle'], no: [370, 130], rare: true },
  'SYN_RCVD LISTEN': { line: 'M505 150 V109', tip: [505, 100, 'up'], at: [520, 129, 'start'], no: [505, 127], rare: true },
  'SYN_RCVD FIN_WAIT_1': { line: 'M430 180 H44 Q35 180 35 189 V265', tip: [35, 274, 'down'], at: [240, 174, 'middle'], no: [150, 180], rare: true },
  'FIN_WAIT_1 TIME_WAIT': { line: 'M150 304 H173 Q182 304 182 313 V349 Q182 358 191 358 H206', tip: [215, 358, 'right'], at: [197, 336, 'start'], no: [182, 330], rare: true },
  // Of those that RST ends, beside the states below them.
  'SYN_RCVD CLOSED': { line: 'M580 172 Q588 172 588 181 V441 Q588 450 579 450 H374', tip: [365, 450, 'left'], at: [578, 216, 'end'], no: [588, 240] },
  'ESTABLISHED CLOSED': { line: 'M365 237 H388 Q397 237 397 246 V441 Q397 450 388 450 H374', tip: [365, 450, 'left'], at: [410, 336, 'start'], no: [397, 330] },
  'FIN_WAIT_1 CLOSED': { line: 'M150 304 H156 Q165 304 165 313 V441 Q165 450 174 450 H206', tip: [215, 450, 'right'], at: [152, 410, 'end'], no: [165, 420] },
  'FIN_WAIT_2 CLOSED': { line: 'M75 388 V441 Q75 450 84 450 H206', tip: [215, 450, 'right'], at: [92, 442, 'start'], no: [75, 414] },
  'CLOSING CLOSED': { line: 'M365 300 H376 Q385 300 385 309 V441 Q385 450 376 450 H374', tip: [365, 450, 'left'], at: [398, 336, 'start'], no: [385, 330] },
  'CLOSE_WAIT CLOSED': { line: 'M580 293 Q588 293 588 302 V441 Q588 450 579 450 H374', tip: [365, 450, 'left'], at: [578, 410, 'end'], no: [588, 330] },
};

/** @param {Node} node @returns {Node} */
export function closeNode(node) {
  const [x, y] = AT[node.place];
  return { ...node, x, y, width: WIDTH };
}

/** @param {Edge} edge @returns {Edge} */
export function closeEdge(edge) {
  const { from, to } = edge;
  const way = WAYS[`${from} ${to}`];
  return way ? { ...edge, ...way } : directEdge(closeNode(nodeAt(from)), closeNode(nodeAt(to)));
}

/** Whether an edge is worth a line before it is taken. @param {Edge} edge */
export function isCommon({ from, to }) {
  return !WAYS[`${from} ${to}`]?.rare;
}
