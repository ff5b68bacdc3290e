// The switch "This machine | Lab" in the top bar, what it asks before it leaves open sockets behind, and the wire's speed.

/** @import {Desk} from './desk.js' */
/** @import {NetworkName} from './network.js' */

import { el, setText } from './dom.js';
import { segmented } from './hosts/form.js';
import { NETWORKS, WHERE, backendText, namesOf, openOn } from './network.js';

export class NetworkSwitch {
  #desk;
  #network = segmented({
    label: 'Network the sockets live in', value: 'machine', class: 'segmented', onchange: (v) => this.#asked(/** @type {NetworkName} */ (v)),
    options: [[...NETWORKS[0], 'Sockets of this machine, on its loopback'], NETWORKS[1]],
  });
  #speed = segmented({
    label: 'Speed', value: '1', onchange: (v) => this.setSlow(v === 'slow'),
    options: [['1', '1×', 'The wire as it is'], ['slow', 'Slow motion', 'The wire is so slow that one can watch; the kernels’ timers are not']],
  });
  #text = el('p');
  #go = el('button', { class: 'btn btn-sm btn-primary', type: 'button', onclick: () => this.#answer() });
  #stay = el('button', { class: 'btn btn-sm', type: 'button', onclick: () => this.#ask.hidePopover() });
  #ask = el('div', { class: 'ask', popover: 'auto', role: 'dialog', 'aria-label': 'Switch the network' }, this.#text, el('p', { class: 'ask-actions' }, this.#go, this.#stay));
  /** @type {NetworkName} */ #wanted = 'machine';

  /** @param {Desk} desk @param {{network: HTMLElement, speed: HTMLElement}} places */
  constructor(desk, { network, speed }) {
    this.#desk = desk;
    network.append(this.#network.element, this.#ask);
    speed.append(this.#speed.element);
    this.#ask.addEventListener('toggle', (e) => {
      if (/** @type {ToggleEvent} */ (e).newState === 'open') this.#go.focus();
      else if (this.#ask.contains(document.activeElement) || document.activeElement === document.body) this.#focus();
    });
    desk.network.watch(() => {
      desk.voice.say(desk.network.chosen === 'lab' ? 'The Lab: new sockets live in two hosts of their own.' : 'This machine: new sockets live here.');
      this.#update();
    });
    desk.store.subscribe(() => this.#update());
    this.#update();
  }

  /** As the switch does: asks first where sockets stay open. @param {NetworkName} network */
  choose(network) {
    if (network !== this.#desk.network.chosen) this.#asked(network);
  }

  /** @param {boolean} slow */
  setSlow(slow) {
    void this.#desk.run({ type: 'set_wire', preset: slow ? 'slow_motion' : 'off' }).then(() => this.#update());
  }

  get slow() {
    return this.#desk.network.lab?.wire?.preset === 'slow_motion';
  }

  /** @param {NetworkName} wanted */
  #asked(wanted) {
    const { network, store } = this.#desk;
    const open = openOn(store.state, network.chosen);
    if (open.length === 0) {
      network.choose(wanted);
      return;
    }
    this.#network.value = network.chosen;
    this.#wanted = wanted;
    const [, here] = NETWORKS.find(([name]) => name === network.chosen) ?? NETWORKS[0];
    const stay = open.length === 1 ? 'stays open' : 'stay open';
    setText(this.#text, `${namesOf(open)} ${stay} ${WHERE[network.chosen]}. New sockets will live ${WHERE[wanted]}, and the columns show those there.`);
    setText(this.#go, wanted === 'lab' ? 'Switch to the Lab' : 'Switch to this machine');
    setText(this.#stay, network.chosen === 'lab' ? 'Stay in the Lab' : `Stay on ${here.toLowerCase()}`);
    this.#ask.showPopover();
  }

  #answer() {
    this.#ask.hidePopover();
    this.#desk.network.choose(this.#wanted);
    this.#focus();
  }

  #focus() {
    const checked = this.#network.element.querySelector(':checked');
    if (checked instanceof HTMLElement) checked.focus();
  }

  #update() {
    const { network } = this.#desk;
    const { lab } = network;
    this.#network.value = network.chosen;
    this.#network.disable('lab', network.whyNoLab, lab ? backendText(lab) : 'Two hosts of this session alone, with a wire between them');
    this.#speed.element.hidden = network.chosen !== 'lab';
    this.#speed.value = this.slow ? 'slow' : '1';
  }
}
