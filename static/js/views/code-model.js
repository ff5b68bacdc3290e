// What the lines of the programs have to do with the session's events: which line an event stands behind, and which
// segments a line sent or waited for, as far as that is known. Pure.

/** @import {CodeFile, CodeLine, Phase, PlaygroundEvent, Selection} from '../types.js' */
/** @import {LadderModel} from './ladder-model.js' */

/** A line's segments are named up to so many; a loop has more. */
const SHOWN = 3;

/** @typedef {{sent: number[], waited: number[], more: number}} Badges */
/** @typedef {'call'|'arrival'} Mark */

/**
 * What a call is coloured by, unless it failed: what it does to TCP. Names of all languages, for programs that nothing
 * was clicked for.
 * @type {[RegExp, Phase][]}
 */
const PHASES = [
  [/^(Listen|ListenTCP|listen|create_server|bind)$/, 'idle'],
  [/^(Dial|DialTCP|connect|create_connection)$/, 'opening'],
  [/^(Close|CloseWrite|CloseRead|close|shutdown|closewrite)$/, 'closing'],
  [/^(SetLinger)$/, 'error'],
  [/^(Accept|AcceptTCP|accept|Read|Write|CopyN|read|write|recv|sendall|printf|head|ncat|nc)$/, 'open'],
];

/** Errors that say how a connection ended as it should, or that a time was up. */
const HARMLESS = new Set(['eof', 'deadline', 'cancelled', 'closed']);

/**
 * @param {string} name the function's
 * @param {PlaygroundEvent[]} events those that its line stands for
 * @returns {Phase}
 */
export function phaseOfCall(name, events) {
  for (const event of events) {
    if (event.type === 'call_returned' && event.error && !HARMLESS.has(event.error.kind)) return 'error';
    if ((event.type === 'call_started' || event.type === 'call_returned') && event.op === 'SetLinger' && event.args === '0') return 'error';
  }
  return PHASES.find(([names]) => names.test(name))?.[1] ?? 'idle';
}

/** What links the lines to a connection's ladder. */
export class CodeLinks {
  /** @type {Map<number, Badges>} by the event of a call */ #badges = new Map();

  /** @param {LadderModel | null} ladder */
  constructor(ladder) {
    for (const info of ladder?.calls.values() ?? []) {
      const sent = ladder?.causedBy(info)?.number;
      const waited = ladder?.endedBy(info)?.number;
      const badges = { sent: sent === undefined ? [] : [sent], waited: waited === undefined ? [] : [waited], more: 0 };
      for (const event of [info.begin, info.end]) if (event) this.#badges.set(event.seq, badges);
    }
  }

  /** @param {CodeLine} line @returns {Badges} */
  badges(line) {
    /** @type {Set<number>} */ const sent = new Set();
    /** @type {Set<number>} */ const waited = new Set();
    for (const seq of line.seqs ?? []) {
      const known = this.#badges.get(seq);
      known?.sent.forEach((n) => sent.add(n));
      known?.waited.forEach((n) => waited.add(n));
    }
    return { sent: [...sent].slice(0, SHOWN), waited: [...waited].slice(0, SHOWN), more: Math.max(0, sent.size - SHOWN) + Math.max(0, waited.size - SHOWN) };
  }

  /**
   * How something selected or hovered marks a line: it is the line's call, or what the line waited for.
   * @param {CodeLine} line
   * @param {{seqs: Set<number>, segment: number | null}} what
   * @returns {Mark | null}
   */
  mark(line, { seqs, segment }) {
    if (line.seqs?.some((seq) => seqs.has(seq))) return 'call';
    if (segment === null) return null;
    let waited = false;
    for (const seq of line.seqs ?? []) {
      const known = this.#badges.get(seq);
      if (known?.sent.includes(segment)) return 'call';
      waited ||= known?.waited.includes(segment) ?? false;
    }
    return waited ? 'arrival' : null;
  }
}

/**
 * The events of the call that something selected is about: its own, or the call that changed a state.
 * @param {Selection} selection
 * @param {(seq: number) => PlaygroundEvent | undefined} event
 * @param {LadderModel | null} ladder
 * @returns {Set<number>}
 */
export function seqsOf(selection, event, ladder) {
  /** @type {Set<number>} */
  const seqs = new Set();
  if (selection?.kind !== 'event') return seqs;
  seqs.add(selection.seq);
  const selected = event(selection.seq);
  const call = selected?.type === 'state_changed' ? selected.cause : selected && 'call' in selected ? selected.call : undefined;
  const info = call === undefined ? undefined : ladder?.calls.get(call);
  for (const part of [info?.begin, info?.end]) if (part) seqs.add(part.seq);
  return seqs;
}

/** @param {CodeFile} file */
export function textOf(file) {
  return file.lines.map((line) => line.tokens.map(([, text]) => text).join('')).join('\n') + '\n';
}

/** Whether an event may change the programs. @param {PlaygroundEvent} event */
export function changesCode({ type }) {
  switch (type) {
    case 'call_started': case 'call_returned': case 'calls_summarised': case 'transfer_started': case 'transfer_finished':
    case 'socket_opened': case 'conn_accepted': case 'peer_found': case 'state_changed': case 'behavior_changed': case 'descriptor_closed':
      return true;
    default:
      return false;
  }
}
