// <event-inspector>: what is selected, taken apart.

/** @import {Change} from '../types.js' */
/** @import {Desk} from '../desk.js' */
/** @import {Player} from '../player.js' */
/** @import {Tab} from '../url.js' */

import { chip, el, icon, setAttr, setText } from '../dom.js';
import { duration } from '../format.js';
import { t } from '../i18n.js';
import { keptOf } from '../views/segments-kept.js';
import { eventPanes, eventTitle } from './inspect-event.js';
import { segmentPanes, segmentTitle } from './inspect-segment.js';
import { SocketPanes } from './inspect-socket.js';

export class Inspector extends HTMLElement {
  #desk = /** @type {Desk} */ (/** @type {unknown} */ (null));
  #kind = el('span', { class: 'muted' });
  #title = el('h2', { class: 'mono' });
  #about = el('span', { class: 'muted inspector-size' });
  #state = el('span', null);
  #body = el('div', { class: 'inspector-body' });
  #foldButton = el('button', { class: 'btn btn-icon btn-quiet', type: 'button', 'aria-keyshortcuts': 'I' });
  #tools = el('div', { class: 'tools' });
  #back = el('button', null);
  #forward = el('button', null);
  /** @type {SocketPanes|null} */ #panes = null;
  #paneOf = '';
  /** The segment that the server was asked for. */ #asked = 0;
  /** Each tab remembers, and two beside each other; the diagram of the states and the programs need the height. @type {Map<Tab|'beside', boolean>} */ #foldedOn = new Map([['states', true], ['code', true], ['beside', true]]);
  /** @type {Tab|'beside'} */ #tab = 'ladder';
  #abort = new AbortController();

  /** @param {{desk: Desk, player: Player}} parts */
  set parts({ desk, player }) {
    this.#desk = desk;
    const tool = (/** @type {string} */ name, /** @type {string} */ id, /** @type {() => void} */ act) =>
      el('button', { class: 'btn btn-icon btn-quiet', type: 'button', 'aria-label': name, title: name, onclick: act }, icon(id));
    this.#foldButton.addEventListener('click', () => this.fold());
    this.#tools.append(
      this.#back = tool(t('Previous event'), 'i-prev', () => this.#move(player, -1)),
      this.#forward = tool(t('Next event'), 'i-next', () => this.#move(player, 1)),
      this.#foldButton,
      tool(t('Clear the selection'), 'i-close', () => desk.store.select(null)));
    this.append(el('header', { class: 'inspector-head' }, this.#kind, this.#title, this.#state, this.#about, this.#tools), this.#body);
    desk.store.subscribe((change) => this.#changed(change), { signal: this.#abort.signal });
    document.addEventListener('openinspector', () => this.#open(), { signal: this.#abort.signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#abort.abort();
  }

  fold() {
    this.#foldedOn.set(this.#tab, !this.#folded);
    this.#desk.voice.say(this.#folded ? t('The inspector is folded.') : t('The inspector is open.'));
    this.#show();
  }

  /** Unfolds it, and takes the focus into what it shows. */
  #open() {
    if (this.#folded) this.fold();
    const first = this.#body.querySelector('[tabindex], button');
    if (first instanceof HTMLElement) first.focus();
  }

  /** @param {Player} player @param {1|-1} direction */
  #move(player, direction) {
    const { store } = this.#desk;
    const number = store.segmentOf(store.selection);
    if (number === null) {
      player.move(direction);
      return;
    }
    const next = this.#neighbour(number, direction);
    if (next === null) this.#desk.voice.say(direction === 1 ? t('This is the newest segment of its connection.') : t('This is the oldest segment of its connection.'));
    else store.select(store.selectionOf(next));
  }

  /** The next segment of the same connection. @param {number} number @param {1|-1} direction @returns {number|null} */
  #neighbour(number, direction) {
    const { store } = this.#desk;
    const record = keptOf(store).get(number);
    if (!record) return null;
    const { src, dst } = record.sent;
    /** @type {number|null} */
    let best = null;
    for (const { segment } of store.segments.entries) {
      if (!segment || (segment.sent.src !== src || segment.sent.dst !== dst) && (segment.sent.src !== dst || segment.sent.dst !== src)) continue;
      const ahead = (segment.number - number) * direction;
      if (ahead > 0 && (best === null || ahead < (best - number) * direction)) best = segment.number;
    }
    return best;
  }

  /** @param {Tab|'beside'} tab */
  set tab(tab) {
    this.#tab = tab;
    this.#show();
  }

  get #folded() {
    return this.#foldedOn.get(this.#tab) ?? false;
  }

  /** @param {Change} change */
  #changed(change) {
    const { selection } = this.#desk.store;
    if (change.selection || change.reset) {
      this.#show();
      return;
    }
    const number = this.#desk.store.segmentOf(selection);
    if (number !== null) {
      if (this.#paneOf !== `g${number}`) this.#show();
      else if (change.events.some((e) => 'segment' in e && e.segment === number)) this.#headSegment(number);
      return;
    }
    if (selection?.kind !== 'socket' || this.#folded) {
      // A link may point to an event that is only arriving now.
      if (selection?.kind === 'event' && this.#paneOf === '' && change.events.some((e) => e.seq === selection.seq)) this.#show();
      return;
    }
    if (!change.events.some((e) => e.socket === selection.socket)) return;
    const socket = this.#desk.socket(selection.socket);
    if (!socket || this.#paneOf !== selection.socket) this.#show();
    else {
      this.#panes?.update(socket);
      this.#showState();
    }
  }

  #show() {
    const { selection } = this.#desk.store;
    if (this.#panes) this.#panes.active = false;
    this.#panes = null;
    this.#paneOf = '';
    this.#state.replaceChildren();
    let nothing = selection === null;
    const number = this.#desk.store.segmentOf(selection);
    this.#name(number === null ? 'event' : 'segment');
    if (number !== null) nothing = !this.#showSegment(number);
    else if (selection?.kind === 'socket') {
      const socket = this.#desk.socket(selection.socket);
      this.#head(t('Socket'), selection.socket, socket ? t('open for {time}', { time: duration(this.#desk.store.now() - socket.opened_ns) }) : t('no longer in the session'));
      nothing ||= !socket;
      if (socket && !this.#folded) {
        this.#paneOf = selection.socket;
        this.#panes = new SocketPanes(this.#desk, socket);
        this.#body.replaceChildren(...this.#panes.elements);
        this.#showState();
      }
    } else if (selection?.kind === 'event') {
      const event = this.#desk.store.event(selection.seq);
      if (event) {
        const { kind, title, about } = eventTitle(event);
        this.#head(event.socket ? `${kind}, ${event.socket}` : kind, title, about);
        this.#paneOf = `e${event.seq}`;
        if (!this.#folded) this.#body.replaceChildren(...eventPanes(this.#desk, event));
      } else {
        this.#head(t('Event {n}', { n: selection.seq }), '', t('not in the log any more'));
        nothing = true;
      }
    } else this.#head(t('Select a segment, an event or a socket to look inside it'), '', '');

    const small = nothing || this.#folded;
    if (small) this.#body.replaceChildren();
    this.toggleAttribute('data-folded', small);
    // A demo's story takes the room that is left.
    this.toggleAttribute('data-empty', nothing);
    this.toggleAttribute('data-line', this.#folded);
    this.#body.dataset.of = number === null ? selection?.kind ?? '' : 'segment';
    this.#tools.hidden = selection === null;
    const name = this.#folded ? t('Unfold the inspector') : t('Fold the inspector');
    setAttr(this.#foldButton, 'aria-label', name);
    setAttr(this.#foldButton, 'title', t('{name} (I)', { name }));
    this.#foldButton.replaceChildren(icon(this.#folded ? 'i-unfold' : 'i-fold'));
  }

  /** @param {number} number @returns {boolean} whether there is something to show */
  #showSegment(number) {
    const record = this.#headSegment(number);
    if (!record) {
      this.#head(t('Segment {number}', { number }), '', t('not in the log any more'));
      // The server may have it still; a second look at it is free.
      if (this.#asked !== number) {
        this.#asked = number;
        keptOf(this.#desk.store).fetchOne(number).then((found) => { if (found && this.#desk.store.segmentOf(this.#desk.store.selection) === number) this.#show(); }, () => { this.#asked = 0; });
      }
      return false;
    }
    this.#paneOf = `g${number}`;
    if (!this.#folded) this.#body.replaceChildren(...segmentPanes(this.#desk, record));
    return true;
  }

  /** @param {number} number */
  #headSegment(number) {
    const record = keptOf(this.#desk.store).get(number);
    if (!record) return undefined;
    const { kind, title, ends, about } = segmentTitle(record);
    this.#head(kind, title, about);
    if (this.#state.textContent !== ends) this.#state.replaceChildren(el('span', { class: 'mono' }, ends));
    return record;
  }

  /** What the arrows move to. @param {'event'|'segment'} what */
  #name(what) {
    for (const [button, name] of /** @type {const} */ ([[this.#back, what === 'event' ? t('Previous event') : t('Previous segment')], [this.#forward, what === 'event' ? t('Next event') : t('Next segment')]])) {
      setAttr(button, 'aria-label', name);
      setAttr(button, 'title', name);
    }
  }

  #showState() {
    const socket = this.#desk.socket(this.#paneOf);
    if (!socket) return;
    const text = socket.state;
    if (this.#state.textContent !== text) this.#state.replaceChildren(chip(socket.state, { reason: socket.reason }));
    setText(this.#about, socket.remote ? `${socket.local ?? ''} → ${socket.remote}` : socket.local ?? '');
  }

  /** @param {string} kind @param {string} title @param {string} about */
  #head(kind, title, about) {
    setText(this.#kind, kind);
    setText(this.#title, title);
    setAttr(this.#title, 'title', title);
    this.#title.hidden = title === '';
    setText(this.#about, about);
  }
}

customElements.define('event-inspector', Inspector);
