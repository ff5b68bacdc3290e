// The head of the ladder: whose rails these are, and what is between them.

/** @import {Network} from '../types.js' */
/** @import {Store} from '../store.js' */

import { el, icon, setAttr, setText } from '../dom.js';
import { server, t } from '../i18n.js';
import { impairmentWords } from './segment-words.js';

export class LadderHead {
  #client = el('b');
  #server = el('b');
  #wire = el('span', { class: 'ladder-wire' }, t('On the wire'));
  #words = el('span', null, t('On the wire'));
  #button = el('button', { class: 'btn btn-sm', type: 'button', 'aria-haspopup': 'dialog', hidden: true }, this.#words, icon('i-down'));
  /** Below the ladder: why there are no segments. */
  note = el('p', { class: 'ladder-foot', hidden: true });
  element = el('div', { class: 'ladder-head' },
    el('span', { class: 'ladder-time', 'aria-hidden': 'true', title: t('Since the first segment of this connection') }, t('Time')), el('span', { class: 'ladder-calls', 'aria-hidden': 'true' }, t('Client calls')), this.#client,
    el('span', { class: 'ladder-between' }, this.#wire, this.#button),
    this.#server, el('span', { class: 'ladder-calls', 'aria-hidden': 'true' }, t('Server calls')));

  constructor() {
    this.#button.addEventListener('click', () => this.#button.dispatchEvent(new CustomEvent('open-wire', { bubbles: true })));
  }

  /** @param {Store} store @param {string | null} listener whom a dial is for */
  update(store, listener) {
    const { pair, state, capabilities } = store;
    setText(this.#client, pair.left ?? '–');
    setText(this.#server, pair.right ?? listener ?? '–');
    const inLab = networkOf(store) === 'lab';
    const capture = capabilities?.capture;
    const blind = !inLab && capture?.available === false;
    this.#button.hidden = !inLab;
    this.#wire.hidden = inLab;
    setText(this.#words, state.lab?.wire ? t('On the wire: {wire}', { wire: impairmentWords(state.lab.wire) }) : t('On the wire'));
    setText(this.#wire, blind ? t('Segments not captured') : t('On the wire'));
    setAttr(this.#wire, 'title', blind ? server(capture?.reason ?? '') || null : null);
    setText(this.note, blind ? t('Segments are not captured: {reason}', { reason: server(capture?.reason ?? '') || t('the server may not.') }) : '');
  }

  /** The end that the pointer is on elsewhere. @param {Store} store */
  mark({ hover, pair }) {
    const socket = hover?.kind === 'socket' ? hover.socket : null;
    setAttr(this.#client, 'data-hover', socket !== null && socket === pair.left ? '' : null);
    setAttr(this.#server, 'data-hover', socket !== null && socket === pair.right ? '' : null);
  }
}

/** Where the connection shown lives; with none, where the next one will. @param {Store} store @returns {Network} */
function networkOf({ pair, state }) {
  const socket = state.sockets.get(pair.left ?? '') ?? state.sockets.get(pair.right ?? '');
  return socket?.network ?? (state.lab ? 'lab' : 'machine');
}
