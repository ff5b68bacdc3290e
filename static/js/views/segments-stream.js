// Follow stream: the bytes of the connection on the stage, with the calls that wrote and read them at their sides.

/** @import {CallReturned, CallsSummarised, Change, PlaygroundEvent, SegmentRecord} from '../types.js' */
/** @import {Store} from '../store.js' */
/** @import {Format} from './segments-bytes.js' */
/** @import {Side, StreamCall, StreamRow} from './segments-stream-model.js' */

import { copyText } from '../copy.js';
import { el, icon, setAttr, setText } from '../dom.js';
import { saveBlob } from '../download.js';
import { bytes, count } from '../format.js';
import { segmented } from '../hosts/form.js';
import { pieces, t } from '../i18n.js';
import { menuButton } from '../menu.js';
import { pairName } from '../pairs.js';
import * as prefs from '../prefs.js';
import { FORMATS, runsOf } from './segments-bytes.js';
import { keptOf } from './segments-kept.js';
import { CallSpans, Direction, other, streamCalls, streamRows, unread, wholeOf } from './segments-stream-model.js';
import { payloadOf } from './segment-words.js';

/** How much of a row is shown at first, and how much when asked for all of it. */
const PREVIEW = 256;
const MOST = 64 * 1024;
/** Segments with payload that are looked at; of more, the newest. */
const MAX_SEGMENTS = 5_000;
const DRAW_EVERY_MS = 200;

export class SegmentStream {
  /** Segments that the log does not list and that were loaded. @type {() => Iterable<SegmentRecord>} */ loaded = () => [];
  #store;
  #on = el('input', { class: 'sr-only', type: 'checkbox', role: 'switch' });
  #name = el('code', null);
  #sides = el('span', null);
  #body = el('div', { class: 'stream-body', tabindex: '0', role: 'group', 'aria-label': t('Bytes with the calls that carried them') });
  #tools = el('div', { class: 'stream-tools' });
  element;
  /** @type {Side|'both'} */ #shown = 'both';
  /** @type {Format} */ #format;
  #said = el('span', { class: 'muted', role: 'status' });
  #copy = el('button', { class: 'btn btn-sm btn-quiet', type: 'button', onclick: () => void this.#copyWhole() }, t('Copy stream'));
  #pair = '';
  #stale = true;
  #drawnAt = 0;
  #timer = 0;
  /** By the beginning of the row: those shown whole. @type {Set<string>} */ #whole = new Set();

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    this.#format = prefs.streamFormat();
    const format = segmented({
      label: t('Bytes as'), value: this.#format, options: FORMATS.map(([id, name]) => [id, t(name)]),
      onchange: (value) => {
        this.#format = /** @type {Format} */ (value);
        prefs.setStreamFormat(this.#format);
        this.refresh();
      },
    });
    const label = document.createDocumentFragment();
    label.append(icon('i-save'), el('span', null, t('Save stream')));
    const save = menuButton({ label: t('Save stream'), class: 'btn btn-sm', content: label, items: () => this.#saves() });
    this.#tools.append(this.#sides, format.element, save.button, save.menu, this.#copy, this.#said);
    this.element = el('section', { class: 'stream', 'aria-label': t('Stream') },
      el('header', { class: 'stream-head' }, el('label', { class: 'switch' }, this.#on, el('i', null), el('b', null, t('Follow stream'))), this.#name, this.#tools),
      this.#body);
    this.#on.checked = prefs.followsStream();
    this.#on.addEventListener('change', () => {
      prefs.setFollowsStream(this.#on.checked);
      this.refresh();
    });
    this.#body.addEventListener('click', (e) => this.#click(e.target));
    this.#body.addEventListener('keydown', (e) => this.#key(e));
    this.#body.addEventListener('pointerover', (e) => this.#store.setHover(this.#selectionAt(e.target)));
    this.#body.addEventListener('pointerleave', () => this.#store.setHover(null));
  }

  /** Switches it on, and puts the focus there. */
  open() {
    if (!this.#on.checked) this.#on.click();
    this.#on.focus();
  }

  /** @param {Change} change */
  take(change) {
    if (change.reset) this.#whole.clear();
    const { left, right } = this.#store.pair;
    this.#stale ||= change.reset || change.pair || change.events.some((e) => about(e, left) || about(e, right));
  }

  /** Everything is drawn again. */
  refresh() {
    this.#stale = true;
    this.#drawnAt = 0;
    this.draw();
  }

  /** Brings it up to date, a few times a second at most. */
  draw() {
    const on = this.#on.checked;
    setAttr(this.element, 'data-off', on ? null : '');
    this.#tools.hidden = this.#body.hidden = !on;
    this.#showSides();
    if (!on) return;
    if (this.#stale) {
      const wait = this.#drawnAt + DRAW_EVERY_MS - performance.now();
      if (wait <= 0) this.#build();
      else this.#timer ||= window.setTimeout(() => { this.#timer = 0; if (this.element.isConnected) this.draw(); }, wait);
    }
    this.#mark();
  }

  /** Both, and either end by its name. */
  #showSides() {
    const { pair } = this.#store;
    const name = pairName(pair);
    if (name === this.#pair && this.#sides.firstChild) return;
    this.#pair = name;
    this.#stale = true;
    this.#shown = 'both';
    this.#whole.clear();
    setText(this.#name, name);
    setAttr(this.element, 'aria-label', name ? t('Stream of {name}', { name }) : t('Stream'));
    const sides = segmented({
      label: t('Sides shown'), value: 'both', options: [['both', t('Both')], ['client', pair.left ?? t('client')], ['server', pair.right ?? t('server')]],
      onchange: (value) => {
        this.#shown = /** @type {Side|'both'} */ (value);
        this.refresh();
      },
    });
    this.#sides.replaceChildren(sides.element);
  }

  #build() {
    this.#stale = false;
    this.#drawnAt = performance.now();
    const atEnd = this.#body.scrollTop + this.#body.clientHeight >= this.#body.scrollHeight - 4;
    const { left, right } = this.#store.pair;
    const directions = this.#directions();
    const calls = { client: this.#calls(left), server: this.#calls(right) };
    const { rows, earlier } = streamRows(directions, calls, this.#shown);
    const beside = streamCalls(rows, directions, calls, (column, reads) => this.#waiting(column, reads, directions, calls));
    if (rows.length === 0) {
      this.#body.replaceChildren(el('p', { class: 'stream-empty' }, left || right ? t('No segment with bytes was seen yet.') : t('Connect, and the bytes of the connection stand here.')));
      return;
    }
    const shift = earlier > 0 ? 2 : 1;
    this.#body.replaceChildren(
      ...(earlier > 0 ? [el('p', { class: 'stream-empty', style: { 'grid-row': '1' } }, t('{bytes} came before these.', { bytes: bytes(earlier) }))] : []),
      ...this.#inOrder(rows, beside, shift));
    if (atEnd) this.#body.scrollTop = this.#body.scrollHeight;
  }

  /** For readers, a row's calls stand beside its bytes in the document too. @param {StreamRow[]} rows @param {StreamCall[]} beside @param {number} shift */
  #inOrder(rows, beside, shift) {
    const out = [];
    for (const [i, row] of rows.entries()) {
      const here = beside.filter(({ from }) => from === i);
      out.push(...here.filter((c) => c.column === 'client').map((c) => callElement(c, shift)), this.#rowElement(row, i + shift), ...here.filter((c) => c.column === 'server').map((c) => callElement(c, shift)));
    }
    return out;
  }

  #records() {
    const { left, right } = this.#store.pair;
    /** @param {SegmentRecord} record */
    const wanted = ({ sent }) => (sent.len ?? 0) > 0 && [sent.socket, sent.peer].some((id) => id !== undefined && (id === left || id === right));
    /** @type {SegmentRecord[]} */
    const out = [];
    const { entries } = this.#store.segments;
    for (let i = entries.length - 1; i >= 0 && out.length < MAX_SEGMENTS; i--) {
      const { segment } = entries[i];
      if (segment && wanted(segment)) out.push(segment);
    }
    for (const record of this.loaded()) if (wanted(record)) out.push(record);
    return out.sort((a, b) => a.number - b.number);
  }

  /** @param {string|null} id */
  #calls(id) {
    const socket = id ? this.#store.state.sockets.get(id) : undefined;
    /** @type {(CallReturned|CallsSummarised)[]} */
    const events = [];
    const moved = { Write: 0, Read: 0 };
    for (const e of this.#store.events) {
      if (!id || e.socket !== id || (e.type !== 'call_returned' && e.type !== 'calls_summarised')) continue;
      if (e.op !== 'Write' && e.op !== 'Read') continue;
      events.push(e);
      moved[e.op] += e.type === 'calls_summarised' ? e.bytes : e.n ?? 0;
    }
    const spans = { writes: new CallSpans((socket?.wrote ?? moved.Write) - moved.Write), reads: new CallSpans((socket?.read ?? moved.Read) - moved.Read) };
    for (const e of events) (e.op === 'Write' ? spans.writes : spans.reads).add(e);
    return spans;
  }

  /**
   * What is said beside bytes that no call has taken: only of a socket of ours.
   * @param {Side} column @param {boolean} reads
   * @param {Record<Side, Direction>} directions
   * @param {Record<Side, {writes: CallSpans, reads: CallSpans}>} calls
   */
  #waiting(column, reads, directions, calls) {
    const { left, right } = this.#store.pair;
    const socket = this.#store.state.sockets.get((column === 'client' ? left : right) ?? '');
    if (!reads || !socket || socket.kind === 'other') return null;
    return unread(socket, directions[other(column)], calls[column].reads.total);
  }

  /** @param {StreamRow} row @param {number} at */
  #rowElement(row, at) {
    const key = `${row.side}${row.from}`;
    const box = el('div', { class: 'stream-bytes', dataset: { from: row.side, key }, style: { 'grid-row': String(at) } });
    const total = row.to - row.from;
    if (row.gap) {
      box.append(el('i', null, t('… {n} bytes in segments that are not listed', { n: count(total) })));
      return box;
    }
    const limit = this.#whole.has(key) ? MOST : PREVIEW;
    const kept = keptOf(this.#store);
    let shown = 0;
    const parts = [];
    for (const { from, to, start, record } of row.pieces) {
      const payload = payloadFrom(record, kept.packet(record.number)?.packet);
      const data = payload.subarray(from - start, Math.min(to, from + limit - shown) - start);
      if (data.length > 0) parts.push({ record, data });
      shown += data.length;
      if (data.length < to - from) break;
    }
    if (this.#format === 'base64' && parts.length > 1) {
      // Padding in the middle would be no base64: the row is one piece.
      const whole = new Uint8Array(shown);
      let offset = 0;
      for (const { data } of parts) {
        whole.set(data, offset);
        offset += data.length;
      }
      parts.splice(0, parts.length, { record: parts[0].record, data: whole });
    }
    for (const [i, { record, data }] of parts.entries()) {
      const gap = i > 0 ? { hex: ' ', c: ', ', text: '', base64: '' }[this.#format] : '';
      box.append(gap, el('span', { role: 'button', tabindex: '-1', dataset: { segment: record.number }, 'aria-description': t('Segment {number}, {n} bytes', { number: record.number, n: count(data.length) }) },
        runsOf(data, this.#format).map(({ text, escaped }) => (escaped ? el('i', null, text) : text))));
    }
    if (row.pieces.every(({ record }) => record.dropped)) box.dataset.lost = '';
    if (shown < total) {
      const able = !this.#whole.has(key);
      box.append(el('i', null, row.pieces.some(({ record }) => record.landed_ns === null) ? t(' … {bytes} sent ', { bytes: bytes(total) }) : t(' … {bytes} arrived ', { bytes: bytes(total) })),
        able ? el('button', { class: 'link', type: 'button', tabindex: '-1', onclick: () => void this.#showWhole(row, key) }, total > MOST ? t('Show {bytes}', { bytes: bytes(MOST) }) : t('Show all')) : '');
    }
    return box;
  }

  /** @param {StreamRow} row @param {string} key */
  async #showWhole(row, key) {
    const kept = keptOf(this.#store);
    let known = 0;
    for (const { from, to, record } of row.pieces) {
      if (known >= MOST) break;
      known += to - from;
      if (payloadOf(record.sent).length >= (record.sent.len ?? 0)) continue;
      try {
        await kept.fetchPacket(record.number);
      } catch {
        // What the server no longer has stays as short as it is.
        break;
      }
    }
    this.#whole.add(key);
    this.refresh();
  }

  // All of it, as a file or to be pasted.

  #directions() {
    const records = this.#records();
    return {
      client: new Direction(records.filter(({ sent }) => sent.from === 'client')),
      server: new Direction(records.filter(({ sent }) => sent.from === 'server')),
    };
  }

  #saves() {
    const { left, right } = this.#store.pair;
    const name = pairName(this.#store.pair).replaceAll(/[^A-Za-z0-9.]+/g, '-') || 'stream';
    const directions = this.#directions();
    /** @param {Side} side @param {string} who */
    const raw = (side, who) => ({
      label: t('What {who} sent', { who }), hint: bytes(directions[side].end), disabled: directions[side].end === 0 ? t('No segment with bytes was seen yet.') : undefined,
      act: async () => saveBlob(`${name}-${side}.bin`, new Blob([/** @type {BlobPart} */ (await this.#sentBy(directions[side]))], { type: 'application/octet-stream' })),
    });
    return [raw('client', left ?? t('client')), raw('server', right ?? t('server')), {
      label: t('Both, as shown'), hint: t('text, in the order in which it was sent'),
      act: async () => saveBlob(`${name}.txt`, new Blob([await this.#asText()], { type: 'text/plain' })),
    }];
  }

  /** One direction's bytes; what is missing is said. @param {Direction} direction */
  async #sentBy(direction) {
    const { data, missing } = await this.#fetched(direction.pieces);
    this.#tell(missing);
    return data;
  }

  /** Rows as they stand there, each whole, with who sent it before them. */
  async #asText() {
    const directions = this.#directions();
    const { left, right } = this.#store.pair;
    const calls = { client: this.#calls(left), server: this.#calls(right) };
    const { rows } = streamRows(directions, calls, this.#shown, Infinity);
    const lines = [];
    let lost = 0;
    for (const row of rows) {
      const { data } = await this.#fetched(row.pieces);
      lost += row.gap ? row.to - row.from : Math.max(0, row.to - row.from - data.length);
      const who = row.side === 'client' ? left ?? t('client') : right ?? t('server');
      lines.push(`${row.side === 'client' ? '→' : '←'} ${who}: ${row.gap ? t('… {n} bytes in segments that are not listed', { n: count(row.to - row.from) }) : runsOf(data, this.#format).map(({ text }) => text).join('')}`);
    }
    this.#tell(lost);
    return `${lines.join('\n')}\n`;
  }

  /** The bytes of pieces; packets of which only the beginning is known are asked for. @param {import('./segments-stream-model.js').Piece[]} list */
  async #fetched(list) {
    const kept = keptOf(this.#store);
    /** @type {Map<number, Uint8Array>} */
    const packets = new Map();
    for (const { record } of list) {
      if (packets.has(record.number) || payloadOf(record.sent).length >= (record.sent.len ?? 0)) continue;
      try {
        packets.set(record.number, (await kept.fetchPacket(record.number)).packet);
      } catch {
        continue; // the server no longer has it: it is counted as missing
      }
    }
    return wholeOf(list, (record) => payloadFrom(record, packets.get(record.number)));
  }

  async #copyWhole() {
    if (await copyText(await this.#asText()) && this.#said.textContent === '') setText(this.#said, t('Copied'));
  }

  /** @param {number} missing */
  #tell(missing) {
    setText(this.#said, missing > 0 ? t('{bytes} are missing: the server keeps them no more.', { bytes: bytes(missing) }) : '');
  }

  /** The selection and what is hovered, on what stands there. */
  #mark() {
    const { selection, hovers } = this.#store;
    const selected = this.#store.segmentOf(selection);
    const hovered = hovers.map((hover) => this.#store.segmentOf(hover));
    for (const span of this.#body.querySelectorAll('[data-segment]')) {
      const number = Number(/** @type {HTMLElement} */ (span).dataset.segment);
      setAttr(span, 'data-selected', number === selected ? '' : null);
      setAttr(span, 'data-hover', hovered.includes(number) ? '' : null);
    }
    for (const call of this.#body.querySelectorAll('[data-seq]')) {
      const seq = Number(/** @type {HTMLElement} */ (call).dataset.seq);
      setAttr(call, 'data-selected', selection?.kind === 'event' && selection.seq === seq ? '' : null);
      setAttr(call, 'data-hover', hovers.some((hover) => hover.kind === 'event' && hover.seq === seq) ? '' : null);
    }
  }

  /** @param {EventTarget|null} target */
  #selectionAt(target) {
    const at = target instanceof Element ? target.closest('[data-segment], [data-seq]') : null;
    if (!(at instanceof HTMLElement)) return null;
    return at.dataset.segment ? this.#store.selectionOf(Number(at.dataset.segment)) : { kind: /** @type {const} */ ('event'), seq: Number(at.dataset.seq) };
  }

  /** @param {EventTarget|null} target */
  #click(target) {
    if (target instanceof HTMLElement && target.closest('button.link')) return;
    const selection = this.#selectionAt(target);
    if (selection) this.#store.select(selection);
  }

  /** Arrows move from one to the next, Enter selects. @param {KeyboardEvent} e */
  #key(e) {
    const items = [...this.#body.querySelectorAll('[data-segment], [data-seq], button.link')];
    const at = items.indexOf(/** @type {Element} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[e.key];
    if (to !== undefined && items.length > 0) {
      e.preventDefault();
      /** @type {HTMLElement} */ (items[Math.min(items.length - 1, Math.max(0, to))]).focus();
    } else if ((e.key === 'Enter' || e.key === ' ') && at >= 0 && !items[at].matches('button')) {
      e.preventDefault();
      this.#click(items[at]);
    }
  }
}

/** @param {SegmentRecord} record @param {Uint8Array} [packet] */
function payloadFrom({ sent }, packet) {
  if (!packet) return payloadOf(sent);
  const from = (sent.ip_header ?? 0) + (sent.tcp_header ?? 0);
  return packet.subarray(from, from + (sent.len ?? 0));
}

/** @param {StreamCall} call @param {number} shift */
function callElement({ column, from, to, call, first, notes, closed }, shift) {
  const event = call?.event;
  const several = event?.type === 'calls_summarised' && event.calls > 1;
  const words = !first ? [] : closed ? [el('span', null, t('never read: {socket} was closed', { socket: closed }))]
    : !event ? [el('span', null, pieces('no {call} yet', { call: el('b', null, 'Read()') }))]
    : [el('span', null, several ? `${count(event.calls)} ` : '', el('b', null, several ? `${event.op}s` : event.op), several ? '' : '()', ` → ${call.to - call.from}`)];
  return el('code', {
    class: 'stream-call', style: { 'grid-row': `${from + shift} / ${to + shift}` },
    dataset: { side: column, ...(event ? { seq: event.seq } : { open: '' }) }, role: event ? 'button' : undefined, tabindex: event ? '-1' : undefined,
    'aria-label': event && !first ? t('{op}, continued', { op: event.op }) : undefined,
  }, words, notes.map((note) => el('small', null, note)));
}

/** @param {PlaygroundEvent} event @param {string|null} socket */
function about(event, socket) {
  if (socket === null) return false;
  return event.socket === socket || (event.type === 'segment_sent' && event.peer === socket);
}
