// The pieces of the state diagram as SVG: an edge with its label and numbers, a state with the times spent in it.

/** @import {Phase, Source} from '../types.js' */
/** @import {End, Taken} from './states.js' */
/** @import {Drawing} from './states-drawing.js' */
/** @import {Edge, Node} from './states-map.js' */
/** @import {Stay} from './states-model.js' */

import { svg } from '../dom.js';
import { sourceName } from '../explain.js';
import { columns, phaseOf } from '../format.js';
import { t } from '../i18n.js';
import { NODE_HEIGHT, tipPath } from './states-map.js';
import { eventOnly } from './states-short.js';
import { causeWords } from './words.js';

/** What stands beside a state for one end. @typedef {{end: End, side: 'before' | 'after', text: string, source: Source, stays: Stay[], prefix: string}} Entry */

const ENTRY_HEIGHT = 32;
const ENTRY_GAP = 6;
/** Width of a character of the tags' type, and of the pins', in the drawing's units. */
const TAG_CHAR = 6.6;
const NUMBER_GAP = 21;

/**
 * @param {Edge} edge
 * @param {Taken[]} taken
 * @param {(end: End) => string} socketOf
 * @param {Drawing} drawing
 * @returns {SVGGElement}
 */
export function edgeItem(edge, taken, socketOf, { brief, times }) {
  const last = taken.at(-1)?.step;
  const ends = new Set(taken.map(({ end }) => end));
  const failed = last !== undefined && phaseOf(last.to, last.event.reason) === 'error';
  // Two ends may have failed differently; then the edge keeps its own name.
  const reasons = new Set(taken.map(({ step }) => step.event.reason));
  const segments = [...new Set(taken.flatMap(({ step }) => step.event.segment ?? []))];
  const whole = edge.label.map((line) => t(line));
  const label = withSegments((failed && reasons.size === 1 && failedLabel(last.event.reason)) || (brief ? eventOnly(edge.label) : whole), times ? segments : []);
  const [x, y, anchor] = edge.at;
  const phase = last ? (failed ? 'error' : phaseOf(last.to)) : null;
  const steps = taken.map(({ end, step }) => t('{socket}, step {step}, {known}{cause}', { socket: socketOf(end), step: step.no, known: sourceName(step.event.source ?? 'inferred'), cause: causeWords(step.event) }));
  return svg('g', {
    class: 'st-edge', role: last ? 'button' : 'img', 'data-taken': ends.size === 2 ? 'both' : [...ends][0] ?? null, 'data-phase': phase, 'data-seq': last?.event.seq,
    'aria-label': [t('{from} to {to}: {how}', { from: stateName(edge.from), to: stateName(edge.to), how: [...label, ...taken.map(({ step }) => step.no)].join(' ') }), ...(label.join(' ').startsWith(whole.join(' ')) ? [] : [whole.join(' ')]), ...steps].join('. '),
  },
  (brief || steps.length > 0) && svg('title', null, [...(brief ? [whole.join(' ')] : []), ...steps].join('\n')),
  svg('path', { class: 'st-under', d: edge.line }),
  svg('path', { class: 'st-line', d: edge.line }),
  svg('path', { class: 'st-tip', d: tipPath(edge.tip, last ? 11 : 9) }),
  label.map((line, index) => svg('text', { class: 'st-halo', x, y: y + index * 14, 'text-anchor': anchor }, `${line} `)),
  taken.map(({ end, step }, index) => numberItem(edge, end, step.no, index)));
}

/** The segments that took the edge stand behind its label. @param {string[]} label @param {number[]} segments */
function withSegments(label, segments) {
  const shown = segments.slice(-2).map((number) => `#${number}`).join(' ');
  return shown === '' ? label : [...label.slice(0, -1), `${label.at(-1)} ${shown}`];
}

/** @param {Edge} edge @param {End} end @param {number} no @param {number} index */
function numberItem(edge, end, no, index) {
  // Away from the label.
  const across = edge.at[2] === 'start' ? -NUMBER_GAP : NUMBER_GAP;
  const x = edge.no[0] + (edge.more === 'across' ? index * across : 0);
  const y = edge.no[1] + (edge.more === 'along' ? index * NUMBER_GAP : 0);
  return svg('g', { class: 'st-no', 'data-end': end }, svg('circle', { cx: x, cy: y, r: 9 }), svg('text', { x, y: y + 4 }, `${no} `));
}

/** @param {string | undefined} reason */
function failedLabel(reason) {
  switch (reason) {
    case 'refused': return [t('got RST (refused)')];
    case 'reset_received': return [t('got RST')];
    case 'reset_sent': return [t('send RST')];
    case 'timed_out': return [t('no answer in time')];
    default: return null;
  }
}

/** @param {string} place */
function stateName(place) {
  return place === 'START' ? 'CLOSED' : place;
}

/**
 * @param {{node: Node, phase: Phase, been: boolean, here: {end: End, socket: string}[], entries: Entry[], beside: boolean}} parts `beside`: the entries are drawn, and not said only
 * @returns {{item: SVGGElement, times: SVGTextElement[]}} `times` in the order of `entries`
 */
export function nodeItem({ node, phase, been, here, entries, beside }) {
  const { x, y, width: wide } = node;
  const spoken = [node.state, ...here.map(({ socket }) => t('{socket} is here', { socket })), ...entries.map(({ prefix, text, source }) => `${prefix}${text}, ${sourceName(source)}`)];
  const item = svg('g', { class: 'st-node', role: 'listitem', 'data-phase': phase, 'data-been': been, 'aria-label': spoken.join('. ') },
    !beside && entries.length > 0 && svg('title', null, spoken.slice(1).join('\n')),
    here.length > 0 && svg('rect', { class: 'st-ring', x: x - 5, y: y - 5, width: wide + 10, height: NODE_HEIGHT + 10, rx: 10 }),
    svg('rect', { x, y, width: wide, height: NODE_HEIGHT, rx: 6 }),
    svg('text', { class: 'st-name', x: x + wide / 2, y: y + 24 }, node.state));
  let pinAt = x + 6;
  for (const { end, socket } of here) {
    const width = Math.round(socket.length * TAG_CHAR + 12);
    item.append(svg('g', { class: 'st-pin', 'data-end': end }, svg('rect', { x: pinAt, y: y - 14, width, height: 18, rx: 9 }), svg('text', { x: pinAt + width / 2, y: y - 1 }, socket)));
    pinAt += width + 4;
  }
  const times = (beside ? entries : []).map((entry) => {
    const column = entries.filter(({ side }) => side === entry.side);
    const top = y + NODE_HEIGHT / 2 - (column.length * (ENTRY_HEIGHT + ENTRY_GAP) - ENTRY_GAP) / 2 + column.indexOf(entry) * (ENTRY_HEIGHT + ENTRY_GAP);
    const { group, text } = entryItem(entry, entry.side === 'before' ? x - 10 : x + wide + 12, top);
    item.append(group);
    return text;
  });
  return { item, times };
}

/** @param {Entry} entry @param {number} x @param {number} top */
function entryItem({ side, prefix, text, source }, x, top) {
  const name = sourceName(source);
  const width = Math.round(columns(name) * TAG_CHAR + 9);
  const left = side === 'before' ? x - width : x;
  const time = svg('text', { class: 'st-time st-halo', x, y: top + 12, 'text-anchor': side === 'before' ? 'end' : 'start' }, prefix + text);
  const group = svg('g', null, time,
    svg('g', { class: 'st-tag', 'data-source': source },
      svg('rect', { x: left + 0.5, y: top + 18.5, width, height: 16, rx: 4 }),
      svg('text', { x: left + 0.5 + width / 2, y: top + 30, 'text-anchor': 'middle' }, name)));
  return { group, text: time };
}
