// The card of a listener: what it does with each connection, and who waits to be accepted.

/** @import {Socket} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { behaviors, whyNot } from '../desk.js';
import { el, kbd, setAttr, setText, shapeOf } from '../dom.js';
import * as explain from '../explain.js';
import { count, endpoint, phaseOf } from '../format.js';
import { t } from '../i18n.js';
import { BehaviorSettingsForm } from './behavior.js';
import { WaitingCalls } from './calls.js';
import { Meter } from './meter.js';

export class ListenerCard {
  visible = false;
  #desk;
  #id;
  #chipText = el('span', null);
  #chipShape = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  #address = el('code', { class: 'card-tuple' });
  #behavior;
  #settings;
  #queue = new Meter(t('Accept queue'));
  #note = el('p', { class: 'card-note' });
  #accept;
  #close;
  #remove;
  #waiting;

  /** @param {Desk} desk @param {Socket} socket */
  constructor(desk, socket) {
    const id = this.#id = socket.socket;
    this.#desk = desk;
    this.#waiting = new WaitingCalls(desk, id);
    this.#settings = new BehaviorSettingsForm(id, () => this.#setBehavior());
    this.#behavior = el('select', { class: 'field field-sm', 'aria-label': t('Behaviour of {id}', { id }), title: t('What it does with connections accepted from now on'), 'data-acts': true },
      behaviors().map(([value, label, title]) => el('option', { value, title }, label)));
    this.#behavior.addEventListener('change', () => this.#setBehavior());
    this.#accept = el('button', { class: 'btn', type: 'button', 'data-acts': true, onclick: () => desk.act('accept', id) }, t('Accept'));
    this.#close = el('button', { class: 'btn push', type: 'button', 'aria-keyshortcuts': 'X', 'data-acts': true, onclick: () => desk.act('close', id) }, t('Close'), kbd('X'));
    this.#remove = el('button', { class: 'btn push', type: 'button', 'data-acts': true, onclick: () => desk.act('remove', id) }, t('Remove'));
    const shape = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    shape.setAttribute('aria-hidden', 'true');
    shape.append(this.#chipShape);
    const name = el('button', { class: 'card-name', type: 'button', 'aria-label': t('Inspect {id}', { id }), title: t('Show in the inspector'), onclick: () => desk.store.select({ kind: 'socket', socket: id }) }, id);
    this.element = el('article', { class: 'card', 'aria-label': t('Listener {id}', { id }), dataset: { socket: id } },
      el('div', { class: 'card-head' }, el('h3', { 'aria-label': socket.socket }, name), el('span', { class: 'chip' }, shape, this.#chipText)),
      el('div', { class: 'card-row card-where' }, this.#address, this.#behavior),
      this.#settings.element, this.#queue.element, this.#note, this.#waiting.element,
      el('div', { class: 'card-row' }, this.#accept, this.#close, this.#remove));
  }

  /** @param {boolean} on */
  set active(on) {
    this.element.toggleAttribute('data-active', on);
  }

  /** @param {Socket} socket */
  runs(socket) {
    return socket.descriptor === 'open' && (!this.#waiting.element.hidden || [...this.#desk.store.state.calls.values()].some((c) => c.socket === this.#id));
  }

  /** @param {Socket} socket */
  update(socket) {
    const open = socket.descriptor === 'open';
    setAttr(this.element, 'data-phase', phaseOf(socket.state, socket.reason));
    this.element.classList.toggle('card-closed', !open);
    setText(this.#chipText, socket.state);
    setAttr(this.#chipShape, 'href', `#${shapeOf(socket.state, socket.reason)}`);
    setText(this.#address, endpoint(socket.local));
    setAttr(this.#address, 'title', endpoint(socket.local));

    const behavior = socket.behavior ?? 'manual';
    if (document.activeElement !== this.#behavior) this.#behavior.value = behavior;
    this.#behavior.disabled = !open;
    this.#settings.show(this.#behavior.value);
    this.#settings.fill(socket.settings);

    this.#queue.element.hidden = !open;
    const waiting = socket.metrics?.recv_q;
    const backlog = socket.metrics?.send_q ?? socket.backlog;
    // The kernel lets one more in than the backlog says (sk_acceptq_is_full, include/net/sock.h).
    const full = waiting !== undefined && backlog !== undefined && waiting > backlog;
    if (waiting === undefined || backlog === undefined) this.#queue.unknown();
    else this.#queue.set(waiting, backlog, `${count(waiting)} / ${count(backlog)}`, { full });
    const note = explain.acceptQueue(full, socket.metrics?.drops ?? 0);
    setText(this.#note, note);
    this.#note.hidden = note === '' || !open;
    this.#waiting.update();

    const reason = whyNot('accept', socket);
    this.#accept.disabled = reason !== '';
    setAttr(this.#accept, 'title', reason || (waiting ? t('Take the connection that waits longest') : t('Nobody waits: Accept blocks until somebody connects')));
    this.#accept.hidden = !open;
    this.#close.hidden = !open;
    this.#remove.hidden = open;
  }

  #setBehavior() {
    this.#settings.show(this.#behavior.value);
    void this.#desk.run({ type: 'set_behavior', socket: this.#id, behavior: this.#behavior.value, settings: this.#settings.value });
  }
}
