// Facts to grid: the rows of a stretch of the ladder, the bands of state, the calls that wait, the arrows. Pure.
//
// Everything begins and ends on a grid line; `line` counts lines. A segment owns two tracks, its label and its drop: it
// leaves on the line between them. It lands on the line below its drop, or, where something else happened first, further
// down, on a line of its own. So the order of all leavings and landings is true; distance says nothing.

/** @import {PlaygroundEvent, SegmentRecord, SegmentsSummarised, Source, StateChanged, TcpState} from '../types.js' */
/** @import {KeepAlives} from './ladder-fold.js' */
/** @import {CallInfo, Fact, LadderModel, Side} from './ladder-model.js' */

import { isInstant } from '../segments.js';
import { otherSide } from './ladder-model.js';
import { BEGUN_BY, isLate, isPassedThrough } from './ladder-passed.js';

/**
 * @typedef {object} RowCall
 * @property {CallInfo} info
 * @property {'whole' | 'begin' | 'answer'} part  what of the call stands here
 * @property {boolean} arrival                    level with a landing, not with a leaving
 */

/**
 * @typedef {object} Row
 * @property {string} key
 * @property {'segment' | 'land' | 'event' | 'summary' | 'keepalives' | 'gap'} kind
 * @property {number} line            grid line on which it begins
 * @property {number} lines           how many tracks it owns
 * @property {number} seq             the event to select for it; 0: none
 * @property {number[]} seqs          all events that it shows
 * @property {number} at              session clock, ns
 * @property {number} silence         gap only: how long nothing happened, ns
 * @property {Side | null} side       whose it is; of a segment, where it left; null: between them
 * @property {SegmentRecord | null} segment
 * @property {RowCall[]} calls
 * @property {StateChanged[]} states
 * @property {PlaygroundEvent | null} note  anything else that is worth a line
 * @property {KeepAlives | null} fold       the run of keep-alives that it stands for
 */

/** @typedef {{key: string, side: Side, from: number, to: number | null, state: TcpState, source: Source, event: StateChanged | null}} Band */
/** @typedef {{key: string, side: Side, from: number, fromDrop: boolean, to: number | null, toDrop: boolean, lane: number, info: CallInfo}} Wait */
/** @typedef {{key: string, segment: SegmentRecord, from: number, to: number, leaves: Side}} Arrow */

/** Silence that is worth a row of its own. */
const SILENCE_NS = 1e9;
/** A wait shorter than this is not worth a line. */
const WAIT_NS = 0.02e6;

export class Layout {
  /** @type {Row[]} */ rows = [];
  /** @type {{client: Band[], server: Band[]}} */ bands = { client: [], server: [] };
  /** @type {Wait[]} */ waits = [];
  /** @type {Arrow[]} */ arrows = [];
  /** The line after the last row. */ end = 1;
  /** The line of the tools of a segment that is on the wire; 0: they stand nowhere here. */ tools = 0;

  #model;
  #tooled;
  #facts;
  #passed;
  #from;
  /** @type {Map<number, Row>} */ #bySeq = new Map();
  /** The rows of segments, of those with a landing of its own, and of calls. @type {Map<number, Row>} */ #leaving = new Map();
  /** @type {Map<number, {row: Row, line: number}>} */ #landing = new Map();
  /** @type {Map<number, Row>} */ #begun = new Map();
  /** @type {Map<number, Row>} */ #ended = new Map();
  /** Where a call that waits began: the row before it. @type {Map<number, Row | null>} */ #waitsFrom = new Map();
  /** The last row, if nothing has landed at its bottom yet. @type {Row | null} */ #open = null;
  #last = -Infinity;

  /**
   * @param {LadderModel} model
   * @param {number} from  index of the first fact shown
   * @param {number} to    index after the last one
   * @param {number | null} tooled  the segment whose tools have a row of their own below it
   */
  constructor(model, from = 0, to = model.shown.length, tooled = null) {
    this.#tooled = tooled;
    this.#model = model;
    this.#from = from;
    this.#facts = model.shown.slice(from, to);
    this.#passed = this.#facts.filter((fact) => fact.kind === 'state').filter(({ event }) => isPassedThrough(event));
    /** Segments that leave or land here: what goes with them has no row of its own. */
    const leave = new Set();
    const land = new Set();
    for (const fact of this.#facts) {
      if (fact.kind === 'segment') leave.add(fact.record.number);
      if (fact.kind === 'land' || (fact.kind === 'segment' && isInstant(fact.record))) land.add(fact.record.number);
    }
    for (const fact of this.#facts) {
      // A call that stands with the segment that follows it breaks no silence; the segment does.
      if (this.#fact(fact, leave, land)) this.#last = Math.max(this.#last, fact.kind === 'keepalives' && !fact.open ? fact.until : fact.at);
    }
    this.#attach();
    this.#drawBands(leave, land);
    this.#drawWaits();
    this.#drawArrows();
  }

  /** @param {number} seq */
  rowOf(seq) {
    return this.#bySeq.get(seq);
  }

  /** @param {number} segment */
  rowOfSegment(segment) {
    return this.#leaving.get(segment);
  }

  /** Moves everything by some lines, so that rows that stay keep theirs. @param {number} by */
  shift(by) {
    if (by === 0) return;
    for (const row of this.rows) row.line += by;
    for (const span of [...this.bands.client, ...this.bands.server, ...this.waits, ...this.arrows]) {
      span.from += by;
      if (span.to !== null) span.to += by;
    }
    this.end += by;
    if (this.tools > 0) this.tools += by;
  }

  // First the rows.

  /** @param {Fact | KeepAlives} fact @param {Set<number>} leave @param {Set<number>} land @returns {boolean} whether time has come to it here */
  #fact(fact, leave, land) {
    switch (fact.kind) {
      case 'segment': {
        const { record } = fact;
        const row = this.#push(fact, { key: `s${record.number}`, kind: 'segment', lines: 2, segment: record });
        this.#leaving.set(record.number, row);
        if (isInstant(record)) this.#landing.set(record.number, { row, line: this.end });
        else this.#open = row;
        if (record.number === this.#tooled) this.tools = this.end++;
        return true;
      }
      case 'land': {
        const { record } = fact;
        const open = this.#isQuiet(fact) ? null : this.#open;
        const row = open ?? this.#push(fact, { key: `l${record.number}`, kind: 'land', segment: record });
        this.#note(row, fact.seq);
        this.#open = null;
        this.#landing.set(record.number, { row, line: this.end });
        return true;
      }
      case 'call': {
        const { info } = fact;
        if (info.waits) {
          this.#waitsFrom.set(info.call, this.rows.at(-1) ?? null);
          return true;
        }
        const cause = this.#model.causedBy(info);
        if (cause && leave.has(cause.number)) return false;
        this.#begun.set(info.call, this.#push(fact, { key: `c${info.call}`, lines: 1 + this.#passedThrough(info, false) }));
        return true;
      }
      case 'return': {
        const { info } = fact;
        if (!info.waits && !this.#model.answersLater(info)) return true;
        const woke = this.#model.endedBy(info);
        if (woke && land.has(woke.number)) return true;
        const begun = this.#begun.get(info.call);
        // Nothing happened between: one row says it all.
        if (begun && begun === this.rows.at(-1) && info.op !== 'Dial' && !this.#isQuiet(fact)) return true;
        this.#ended.set(info.call, this.#push(fact, { key: `r${info.call}`, lines: 1 + this.#passedThrough(info, true) }));
        return true;
      }
      case 'state': {
        const { event } = fact;
        const at = event.segment === undefined ? null : event.edge === 'left' ? leave : land;
        if (at?.has(event.segment ?? 0) || (event.segment !== undefined && this.#model.has(event.segment))) return true;
        if (this.#goesWithCall(this.#callOf(event, fact.side))) return true;
        this.#push(fact, { key: `e${event.seq}` });
        return true;
      }
      case 'note':
        this.#push(fact, { key: `e${fact.seq}`, note: fact.event });
        return true;
      case 'summary':
        this.#push(fact, { key: `e${fact.seq}`, kind: 'summary', note: fact.event });
        return true;
      case 'keepalives': {
        const row = this.#push(fact, { key: `k${fact.first}`, kind: 'keepalives', fold: fact });
        if (fact.open) return true;
        // Whatever leads to one of them leads here.
        for (const { seq, record } of fact.members) {
          this.#note(row, seq);
          this.#leaving.set(record.number, row);
          this.#landing.set(record.number, { row, line: this.end });
        }
        return true;
      }
    }
  }

  /** Whether the call that made a state stands somewhere here, now or when all is known. @param {CallInfo | undefined} info */
  #goesWithCall(info) {
    if (!info) return false;
    return this.#facts.some((fact) => 'info' in fact && fact.info === info && (fact.kind === 'return' || !info.waits));
  }

  /**
   * The call that brought a state about: as the event says, or, of one that was passed through, the only one that can have.
   * @param {StateChanged} event
   * @param {Side | null} side
   * @returns {CallInfo | undefined}
   */
  #callOf(event, side) {
    if (event.cause !== undefined) return this.#model.calls.get(event.cause);
    const ops = isPassedThrough(event) ? BEGUN_BY[event.to] : undefined;
    return ops && [...this.#model.calls.values()].findLast((info) => info.side === side && ops.includes(info.op) && info.started <= event.at_ns);
  }

  /**
   * How many states of one end stand with a call only because a later one was seen: each has a line of the call's row, so
   * that it can be drawn.
   * @param {CallInfo} info
   * @param {boolean} late  with its return, not with its start
   */
  #passedThrough(info, late) {
    const counts = { client: 0, server: 0 };
    for (const { side, event } of this.#passed) {
      if (side !== null && this.#callOf(event, side) === info && isLate(event, info) === late) counts[side]++;
    }
    // The state in which Dial waits ends with its return.
    return Math.max(counts.client, counts.server) - (info.op === 'Dial' && !late && counts.client > 0 ? 1 : 0);
  }

  /** @param {Fact | KeepAlives} fact */
  #isQuiet(fact) {
    return fact.at - this.#last > SILENCE_NS && this.rows.length > 0;
  }

  /** @param {Fact | KeepAlives} fact @param {Partial<Row> & {key: string}} parts @returns {Row} */
  #push(fact, parts) {
    this.#open = null;
    if (this.#isQuiet(fact)) this.rows.push(this.#row(fact, { key: `g${parts.key}`, kind: 'gap', side: null, silence: fact.at - this.#last }));
    const row = this.#row(fact, parts);
    this.rows.push(row);
    this.#note(row, fact.seq);
    return row;
  }

  /** @param {Fact | KeepAlives} fact @param {Partial<Row> & {key: string}} parts @returns {Row} */
  #row(fact, parts) {
    const lines = parts.lines ?? 1;
    const line = this.end;
    this.end += lines;
    return {
      kind: 'event', line, lines, seq: fact.seq, seqs: [], at: fact.at, silence: 0, side: fact.side,
      segment: null, calls: [], states: [], note: null, fold: null, ...parts,
    };
  }

  /** @param {Row} row @param {number} seq */
  #note(row, seq) {
    if (seq === 0) return;
    row.seqs.push(seq);
    this.#bySeq.set(seq, row);
  }

  // Then what stands on them.

  /** Calls go level with the segment that they caused or waited for. */
  #attach() {
    for (const fact of this.#facts) {
      if (fact.kind !== 'call' && fact.kind !== 'return') continue;
      const { info } = fact;
      if (fact.kind === 'call') {
        if (info.waits) continue;
        const cause = this.#begun.has(info.call) ? null : this.#model.causedBy(info);
        const row = this.#begun.get(info.call) ?? this.#leaving.get(cause?.number ?? 0);
        if (!row) continue;
        this.#begun.set(info.call, row);
        row.calls.push({ info, part: 'whole', arrival: false });
        this.#tell(row, info);
        continue;
      }
      if (!info.waits && !this.#model.answersLater(info)) continue;
      const woke = this.#ended.has(info.call) ? null : this.#model.endedBy(info);
      const row = this.#ended.get(info.call) ?? this.#landing.get(woke?.number ?? 0)?.row;
      const begun = this.#begun.get(info.call);
      if (!row || row === begun) continue;
      this.#ended.set(info.call, row);
      const first = begun?.calls.find((call) => call.info === info);
      if (first) first.part = 'begin';
      row.calls.push({ info, part: first || (!info.waits && info.started < this.#firstAt()) ? 'answer' : 'whole', arrival: woke !== null });
      this.#tell(row, info);
    }
  }

  #firstAt() {
    return this.#facts[0]?.at ?? 0;
  }

  /** The events of a call lead to the row where it returned, or stands. @param {Row} row @param {CallInfo} info */
  #tell(row, { begin, end }) {
    const first = row.calls.at(-1)?.part === 'answer';
    if (begin && !first) this.#note(row, begin.seq);
    if (end) this.#note(row, end.seq);
  }

  /** @param {Set<number>} leave @param {Set<number>} land */
  #drawBands(leave, land) {
    for (const side of /** @type {Side[]} */ (['client', 'server'])) {
      const bands = this.bands[side];
      const known = this.#model.stateBefore(side, this.#from);
      if (known) bands.push({ key: known.event ? `b${known.event.seq}` : `b${side}`, side, from: 1, to: null, ...known });
    }
    for (const fact of this.#facts) {
      if (fact.kind !== 'state' || fact.side === null) continue;
      const { side, event } = fact;
      const place = this.#placeOf(event, side, leave, land);
      if (!place) continue;
      place.row?.states.push(event);
      if (place.row && !place.row.seqs.includes(event.seq)) this.#note(place.row, event.seq);
      const bands = this.bands[side];
      const before = bands.at(-1);
      // A state never begins before the one that it followed, nor where that one has a line of this row.
      const room = before?.event && isPassedThrough(before.event) && place.row !== null && before.from < place.row.line + place.row.lines - 1 ? 1 : 0;
      const line = Math.max(place.line, (before?.from ?? 1) + room);
      if (before) before.to = line;
      bands.push({ key: `b${event.seq}`, side, from: line, to: null, state: event.to, source: event.source ?? 'inferred', event });
    }
  }

  /**
   * Where a state began: as its segment left or landed, with its call, or in a row of its own.
   * @param {StateChanged} event
   * @param {Side} side
   * @param {Set<number>} leave
   * @param {Set<number>} land
   * @returns {{row: Row | null, line: number} | null}
   */
  #placeOf(event, side, leave, land) {
    if (event.segment !== undefined) {
      const row = this.#leaving.get(event.segment);
      if (event.edge === 'left' && leave.has(event.segment) && row) return { row, line: row.line + 1 };
      const landing = land.has(event.segment) ? this.#landing.get(event.segment) : undefined;
      if (landing) return landing;
      // Its segment landed before this stretch, or is not known to have landed yet.
      if (row) return { row, line: row.line + row.lines };
      if (this.#model.has(event.segment)) return { row: null, line: 1 };
    }
    const own = this.#bySeq.get(event.seq);
    if (own) return { row: own, line: own.line };
    const info = this.#callOf(event, side);
    if (!info) return null;
    const begun = this.#begun.get(info.call);
    const ended = this.#ended.get(info.call);
    const late = ended && (!begun || isLate(event, info));
    const row = late ? ended : begun;
    if (!row) return null;
    if (row.kind === 'event') return { row, line: row.line };
    if (!late) return { row, line: row.line + 1 };
    const landing = row.segment ? this.#landing.get(row.segment.number) : undefined;
    return { row, line: landing?.row === row ? landing.line : row.line + row.lines };
  }

  #drawWaits() {
    /** @type {Record<Side, Wait[]>} */
    const open = { client: [], server: [] };
    const first = this.#facts[0]?.at ?? 0;
    const last = this.#facts.at(-1)?.at ?? 0;
    for (const info of this.#model.calls.values()) {
      if (!info.begin || info.started > last || (info.ended !== null && (info.ended < first || info.ended - info.started < WAIT_NS))) continue;
      const begun = this.#begun.get(info.call) ?? this.#waitsFrom.get(info.call);
      const ended = this.#ended.get(info.call) ?? null;
      // It returned where it began, or after this stretch.
      if (begun && begun === ended) continue;
      if (info.ended !== null && !ended && info.ended <= last) continue;
      // Nothing happened while it waited.
      if (begun && ended?.kind === 'event' && ended.line === begun.line + begun.lines) continue;
      const { side } = info;
      const [from, fromDrop] = begun ? dot(begun) : [1, false];
      const [to, toDrop] = ended ? dot(ended) : [null, false];
      if (to !== null && to <= from) continue;
      open[side] = open[side].filter((wait) => wait.to === null || wait.to > from);
      let lane = 0;
      while (open[side].some((wait) => wait.lane === lane)) lane++;
      const wait = { key: `w${info.call}`, side, from, fromDrop, to, toDrop, lane, info };
      open[side].push(wait);
      this.waits.push(wait);
    }
  }

  #drawArrows() {
    for (const fact of this.#facts) {
      if (fact.kind !== 'segment' && fact.kind !== 'land') continue;
      const { record } = fact;
      const row = this.#leaving.get(record.number);
      const landing = this.#landing.get(record.number);
      // A landing whose segment left before this stretch comes in from above.
      if ((fact.kind === 'land' && row) || (!row && !landing)) continue;
      const from = row ? row.line + 1 : 1;
      const to = landing?.line ?? from + 1;
      this.arrows.push({ key: `s${record.number}`, segment: record, from, to: Math.max(to, from + 1), leaves: fact.kind === 'land' && fact.side ? otherSide(fact.side) : fact.side ?? 'client' });
    }
  }
}

/** The track on which the dot of a row's calls stands. @param {Row} row @returns {[line: number, drop: boolean]} */
function dot(row) {
  return row.kind === 'segment' ? [row.line + 1, true] : [row.line, row.kind === 'land'];
}
