// The drawing of the state diagram: where the states stand and how the edges run.
// States and transitions are those of RFC 9293 §3.3.2, figure 5; CLOSED stands twice, as it does there.

/** @import {TcpState} from '../types.js' */

import { texts } from '../i18n.js';

export const MAP_WIDTH = 864;
export const MAP_HEIGHT = 630;
const NODE_WIDTH = 132;
export const NODE_HEIGHT = 38;

/** Where a state stands; START is the CLOSED that a connection comes from, CLOSED the one that it ends in. @typedef {Exclude<TcpState, 'CLOSED'> | 'START' | 'CLOSED'} Place */

/**
 * @typedef {object} Node
 * @property {Place} place
 * @property {TcpState} state
 * @property {number} x  left edge
 * @property {number} y  top edge
 * @property {number} width
 * @property {{left: 'before' | 'after', right: 'before' | 'after'}} beside  where the time of each end stands
 */

const before = { left: 'before', right: 'before' };
const after = { left: 'after', right: 'after' };

/** @type {Node[]} */
export const NODES = /** @type {Omit<Node, 'width'>[]} */ ([
  { place: 'START', state: 'CLOSED', x: 366, y: 13, beside: after },
  { place: 'SYN_SENT', state: 'SYN_SENT', x: 124, y: 103, beside: before },
  { place: 'LISTEN', state: 'LISTEN', x: 608, y: 103, beside: after },
  { place: 'SYN_RCVD', state: 'SYN_RCVD', x: 608, y: 195, beside: after },
  { place: 'ESTABLISHED', state: 'ESTABLISHED', x: 366, y: 283, beside: { left: 'before', right: 'after' } },
  { place: 'FIN_WAIT_1', state: 'FIN_WAIT_1', x: 124, y: 387, beside: before },
  { place: 'CLOSING', state: 'CLOSING', x: 366, y: 387, beside: after },
  { place: 'CLOSE_WAIT', state: 'CLOSE_WAIT', x: 608, y: 387, beside: after },
  { place: 'FIN_WAIT_2', state: 'FIN_WAIT_2', x: 124, y: 479, beside: before },
  { place: 'TIME_WAIT', state: 'TIME_WAIT', x: 366, y: 479, beside: after },
  { place: 'LAST_ACK', state: 'LAST_ACK', x: 608, y: 479, beside: after },
  { place: 'CLOSED', state: 'CLOSED', x: 366, y: 559, beside: before },
]).map((node) => ({ ...node, width: NODE_WIDTH }));

/** @typedef {'left' | 'right' | 'up' | 'down'} Direction */

/**
 * @typedef {object} Edge
 * @property {Place} from
 * @property {Place} to
 * @property {string} line              path, ending 6 before the point of the arrow
 * @property {[number, number, Direction]} tip
 * @property {string[]} label           event / action, in lines
 * @property {[number, number, 'start' | 'middle' | 'end']} at  where the label stands
 * @property {[number, number]} no      where the number of the step stands
 * @property {'across' | 'along'} more  a second number stands beside it (across) or further down (along)
 * @property {boolean} [reset]          taken by a RST: not drawn until it is
 */

/** @type {Edge[]} */
export const EDGES = [
  { from: 'SYN_SENT', to: 'START', line: 'M174 103 V34 Q174 24 184 24 H360', tip: [366, 24, 'right'], label: texts(['close, or no answer']), at: [184, 16, 'start'], no: [174, 66], more: 'along' },
  { from: 'LISTEN', to: 'START', line: 'M690 103 V34 Q690 24 680 24 H504', tip: [498, 24, 'left'], label: texts(['close']), at: [680, 16, 'end'], no: [560, 24], more: 'across' },
  { from: 'START', to: 'LISTEN', line: 'M498 42 H648 Q658 42 658 52 V97', tip: [658, 103, 'down'], label: texts(['listen']), at: [580, 58, 'middle'], no: [658, 74], more: 'along' },
  { from: 'START', to: 'SYN_SENT', line: 'M366 42 H216 Q206 42 206 52 V97', tip: [206, 103, 'down'], label: texts(['connect / send SYN']), at: [290, 58, 'middle'], no: [206, 76], more: 'across' },
  { from: 'LISTEN', to: 'SYN_SENT', line: 'M608 114 H262', tip: [256, 114, 'left'], label: texts(['send / send SYN  (sockets have no call for it)']), at: [432, 107, 'middle'], no: [580, 114], more: 'across' },
  { from: 'LISTEN', to: 'SYN_RCVD', line: 'M662 141 V189', tip: [662, 195, 'down'], label: texts(['got SYN /', 'send SYN, ACK']), at: [648, 164, 'end'], no: [662, 164], more: 'across' },
  { from: 'SYN_SENT', to: 'SYN_RCVD', line: 'M256 130 H534 Q544 130 544 140 V196 Q544 206 554 206 H602', tip: [608, 206, 'right'], label: texts(['got SYN / send SYN, ACK']), at: [408, 147, 'middle'], no: [544, 168], more: 'along' },
  { from: 'SYN_RCVD', to: 'LISTEN', line: 'M702 195 V147', tip: [702, 141, 'up'], label: texts(['got RST']), at: [716, 172, 'start'], no: [702, 172], more: 'across' },
  { from: 'SYN_SENT', to: 'ESTABLISHED', line: 'M190 141 V254 Q190 264 200 264 H392 Q402 264 402 271 V277', tip: [402, 283, 'down'], label: texts(['got SYN, ACK /', 'send ACK']), at: [206, 183, 'start'], no: [190, 184], more: 'along' },
  { from: 'SYN_RCVD', to: 'ESTABLISHED', line: 'M674 233 V254 Q674 264 664 264 H472 Q462 264 462 271 V277', tip: [462, 283, 'down'], label: texts(['got ACK']), at: [584, 256, 'middle'], no: [640, 264], more: 'across' },
  { from: 'SYN_RCVD', to: 'FIN_WAIT_1', line: 'M608 222 H160 Q150 222 150 232 V381', tip: [150, 387, 'down'], label: texts(['close / send FIN']), at: [470, 216, 'middle'], no: [340, 222], more: 'across' },
  { from: 'ESTABLISHED', to: 'FIN_WAIT_1', line: 'M402 321 V342 Q402 352 392 352 H200 Q190 352 190 362 V381', tip: [190, 387, 'down'], label: texts(['close / send FIN']), at: [306, 344, 'middle'], no: [226, 352], more: 'across' },
  { from: 'ESTABLISHED', to: 'CLOSE_WAIT', line: 'M462 321 V342 Q462 352 472 352 H664 Q674 352 674 362 V381', tip: [674, 387, 'down'], label: texts(['got FIN / send ACK']), at: [602, 344, 'middle'], no: [640, 352], more: 'across' },
  { from: 'FIN_WAIT_1', to: 'CLOSING', line: 'M256 398 H360', tip: [366, 398, 'right'], label: texts(['got FIN /', 'send ACK']), at: [311, 378, 'middle'], no: [280, 398], more: 'across' },
  { from: 'FIN_WAIT_1', to: 'TIME_WAIT', line: 'M256 416 H290 Q300 416 300 426 V480 Q300 490 310 490 H354', tip: [360, 490, 'right'], label: texts(['got FIN, ACK /', 'send ACK']), at: [314, 450, 'start'], no: [300, 446], more: 'along' },
  { from: 'FIN_WAIT_1', to: 'FIN_WAIT_2', line: 'M190 425 V473', tip: [190, 479, 'down'], label: texts(['got ACK']), at: [206, 454, 'start'], no: [190, 448], more: 'across' },
  { from: 'FIN_WAIT_2', to: 'TIME_WAIT', line: 'M256 506 H354', tip: [360, 506, 'right'], label: texts(['got FIN /', 'send ACK']), at: [308, 530, 'middle'], no: [290, 506], more: 'across' },
  { from: 'CLOSING', to: 'TIME_WAIT', line: 'M432 425 V467', tip: [432, 473, 'down'], label: texts(['got ACK']), at: [446, 455, 'start'], no: [432, 446], more: 'across' },
  { from: 'CLOSE_WAIT', to: 'LAST_ACK', line: 'M674 425 V473', tip: [674, 479, 'down'], label: texts(['close /', 'send FIN']), at: [660, 447, 'end'], no: [674, 448], more: 'across' },
  { from: 'LAST_ACK', to: 'CLOSED', line: 'M674 517 V568 Q674 578 664 578 H510', tip: [504, 578, 'left'], label: texts(['got ACK']), at: [588, 571, 'middle'], no: [646, 578], more: 'across' },
  { from: 'TIME_WAIT', to: 'CLOSED', line: 'M432 517 V547', tip: [432, 553, 'down'], label: texts(['after 60 s']), at: [446, 540, 'start'], no: [432, 534], more: 'across' },
  // A RST ends a connection from wherever it is (RFC 9293 §3.10.7.4); figure 5 leaves it out. Its line goes around the states below.
  { from: 'SYN_RCVD', to: 'CLOSED', line: 'M740 227 Q746 227 746 235 V608 Q746 618 736 618 H474 Q464 618 464 608', tip: [464, 602, 'up'], label: ['RST'], at: [762, 362, 'start'], no: [746, 358], more: 'along', reset: true },
  { from: 'ESTABLISHED', to: 'CLOSED', line: 'M484 321 V326 Q484 334 494 334 H516 Q526 334 526 344 V580 Q526 590 516 590 H510', tip: [504, 590, 'left'], label: ['RST'], at: [542, 450, 'start'], no: [526, 446], more: 'along', reset: true },
  { from: 'FIN_WAIT_1', to: 'CLOSED', line: 'M124 417 Q118 417 118 425 V608 Q118 618 128 618 H390 Q400 618 400 608', tip: [400, 602, 'up'], label: ['RST'], at: [102, 456, 'end'], no: [118, 452], more: 'along', reset: true },
  { from: 'FIN_WAIT_2', to: 'CLOSED', line: 'M190 517 V608 Q190 618 200 618 H390 Q400 618 400 608', tip: [400, 602, 'up'], label: ['RST'], at: [176, 560, 'end'], no: [190, 556], more: 'along', reset: true },
  { from: 'CLOSING', to: 'CLOSED', line: 'M498 412 H516 Q526 412 526 422 V580 Q526 590 516 590 H510', tip: [504, 590, 'left'], label: ['RST'], at: [542, 450, 'start'], no: [526, 446], more: 'along', reset: true },
  { from: 'CLOSE_WAIT', to: 'CLOSED', line: 'M740 417 Q746 417 746 425 V608 Q746 618 736 618 H474 Q464 618 464 608', tip: [464, 602, 'up'], label: ['RST'], at: [762, 456, 'start'], no: [746, 452], more: 'along', reset: true },
];

const PLACES = new Map(NODES.map((node) => [node.place, node]));

/** @param {Place} place */
export function nodeAt(place) {
  return /** @type {Node} */ (PLACES.get(place));
}

/**
 * Where a step begins and ends in the diagram.
 * @param {TcpState} from
 * @param {TcpState} to
 * @returns {[Place, Place]}
 */
export function places(from, to) {
  const start = from === 'CLOSED' ? 'START' : from;
  // A connection that never opened goes back to where it came from.
  if (to === 'CLOSED') return [start, from === 'SYN_SENT' || from === 'LISTEN' ? 'START' : 'CLOSED'];
  return [start, to];
}

/**
 * A step that is no edge of the figure: states between were too short to be seen. It runs straight.
 * @param {Node} from
 * @param {Node} to
 * @returns {Edge}
 */
export function directEdge(from, to) {
  const a = centre(from);
  const b = centre(to);
  const down = b.y > a.y;
  const level = Math.abs(b.y - a.y) < NODE_HEIGHT;
  const end = level ? { x: b.x + (a.x < b.x ? -1 : 1) * (to.width / 2 + 6), y: b.y } : { x: b.x + (a.x < b.x ? -30 : 30), y: b.y + (down ? -1 : 1) * (NODE_HEIGHT / 2 + 6) };
  /** @type {Direction} */
  const direction = level ? (a.x < b.x ? 'right' : 'left') : down ? 'down' : 'up';
  const middle = { x: Math.round((a.x + end.x) / 2), y: Math.round((a.y + end.y) / 2) };
  return { from: from.place, to: to.place, line: `M${a.x} ${a.y} L${end.x} ${end.y}`, tip: [end.x, end.y, direction], label: texts(['not seen in between']), at: [middle.x + 14, middle.y + 4, 'start'], no: [middle.x, middle.y], more: 'along' };
}

/** @param {Node} node */
function centre({ x, y, width }) {
  return { x: x + width / 2, y: y + NODE_HEIGHT / 2 };
}

/** The arrow's point. @param {Edge['tip']} tip @param {number} length */
export function tipPath([x, y, direction], length) {
  const half = length / 2;
  switch (direction) {
    case 'right': return `M${x} ${y}l${-length} ${-half}v${length}z`;
    case 'left': return `M${x} ${y}l${length} ${-half}v${length}z`;
    case 'down': return `M${x} ${y}l${-half} ${-length}h${length}z`;
    case 'up': return `M${x} ${y}l${-half} ${length}h${length}z`;
  }
}
