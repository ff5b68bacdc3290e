// "948 more ESTABLISHED": the sockets without a card, by state, with a list on demand.

/** @import {Socket, TcpState} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { el, icon, setText } from '../dom.js';
import { count, endpoint, phaseOf } from '../format.js';
import { t } from '../i18n.js';

/** A list of thousands is no help; the newest are listed, and the palette finds any by name. */
const MAX_ROWS = 200;

export class RestList {
  element = el('div', { class: 'rest', hidden: true });
  #desk;
  #pick;
  /** @type {Map<TcpState, {details: HTMLDetailsElement, label: HTMLElement, list: HTMLElement, sockets: Socket[]}>} */ #groups = new Map();

  /** @param {Desk} desk @param {(id: string) => void} pick */
  constructor(desk, pick) {
    this.#desk = desk;
    this.#pick = pick;
  }

  /** @param {Socket[]} sockets */
  update(sockets) {
    /** @type {Map<TcpState, Socket[]>} */
    const byState = new Map();
    for (const socket of sockets) {
      const list = byState.get(socket.state);
      if (list) list.push(socket);
      else byState.set(socket.state, [socket]);
    }
    this.element.hidden = byState.size === 0;
    for (const [state, group] of this.#groups) {
      if (byState.has(state)) continue;
      group.details.remove();
      this.#groups.delete(state);
    }
    for (const [state, list] of byState) {
      const group = this.#group(state);
      group.sockets = list;
      setText(group.label, t('{n} more {state}', { n: count(list.length), state }));
      if (group.details.open) this.#fill(state);
    }
  }

  /** @param {TcpState} state */
  #group(state) {
    let group = this.#groups.get(state);
    if (group) return group;
    const label = el('span', { class: 'mono' });
    const list = el('ul', { class: 'rest-list' });
    const removeAll = state === 'CLOSED' && el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => this.#desk.run({ type: 'remove', all_closed: true }) }, t('Remove all closed'));
    const details = el('details', { class: 'rest-group', dataset: { phase: phaseOf(state) }, ontoggle: () => { if (details.open) this.#fill(state); } },
      el('summary', null, icon('i-right'), label), removeAll, list);
    group = { details, label, list, sockets: [] };
    this.#groups.set(state, group);
    this.element.append(details);
    return group;
  }

  /** @param {TcpState} state */
  #fill(state) {
    const group = this.#groups.get(state);
    if (!group) return;
    const newest = group.sockets.slice(-MAX_ROWS).reverse();
    group.list.replaceChildren(...newest.map((s) => el('li', null,
      el('button', { type: 'button', onclick: () => this.#pick(s.socket) }, el('b', null, s.socket), el('code', null, endpoint(s.kind === 'conn' && s.listener ? s.remote : s.local))))));
    if (group.sockets.length > MAX_ROWS) group.list.append(el('li', { class: 'muted' }, t('and {n} older', { n: count(group.sockets.length - MAX_ROWS) })));
  }
}
