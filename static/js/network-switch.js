// The switch "This machine | Lab" in the top bar, what it asks before it leaves open sockets behind, and the wire's speed.

/** @import {Desk} from './desk.js' */
/** @import {NetworkName} from './network.js' */

import { el, setText } from './dom.js';
import { segmented } from './hosts/form.js';
import { t } from './i18n.js';
import { WHERE, backendText, namesOf, openOn } from './network.js';
import { rememberNetwork } from './prefs.js';

/** The delay of the preset slow_motion, each way. */
const SLOW_MS = 300;

export class NetworkSwitch {
  #desk;
  #network = segmented({
    label: t('Network the sockets live in'), value: 'machine', class: 'segmented', onchange: (v) => this.#asked(/** @type {NetworkName} */ (v)),
    options: [['machine', t('This machine'), t('Sockets of this machine, on its loopback')], ['lab', t('Lab')]],
  });
  #speed = segmented({
    label: t('Speed'), value: '1', acts: true, onchange: (v) => this.setSlow(v === 'slow'),
    options: [['1', '1×', t('The wire as it is')], ['slow', t('Slow motion'), t('The wire is so slow that one can watch; the kernels’ timers are not')]],
  });
  #text = el('p');
  #go = el('button', { class: 'btn btn-sm btn-primary', type: 'button', onclick: () => this.#answer() });
  #stay = el('button', { class: 'btn btn-sm', type: 'button', onclick: () => this.#ask.hidePopover() });
  #ask = el('div', { class: 'ask', popover: 'auto', role: 'dialog', 'aria-label': t('Switch the network') }, this.#text, el('p', { class: 'ask-actions' }, this.#go, this.#stay));
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
      desk.voice.say(desk.network.chosen === 'lab' ? t('The Lab: new sockets live in two hosts of their own.') : t('This machine: new sockets live here.'));
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
    // The delay and nothing else: what is held stays held, and a wire with losses keeps them.
    const way = { delay_ms: slow ? SLOW_MS : 0 };
    void this.#desk.run({ type: 'set_wire', to_server: way, to_client: way }).then(() => this.#update());
  }

  get slow() {
    const wire = this.#desk.network.lab?.wire;
    return wire?.to_server.delay_ms === SLOW_MS && wire.to_client.delay_ms === SLOW_MS;
  }

  /** @param {NetworkName} wanted */
  #asked(wanted) {
    const { network, store } = this.#desk;
    const open = openOn(store.state, network.chosen);
    if (open.length === 0) return this.#decided(wanted);
    this.#network.value = network.chosen;
    this.#wanted = wanted;
    const values = { names: namesOf(open), here: t(WHERE[network.chosen]), there: t(WHERE[wanted]) };
    setText(this.#text, open.length === 1
      ? t('{names} stays open {here}. New sockets will live {there}, and the columns show those there.', values)
      : t('{names} stay open {here}. New sockets will live {there}, and the columns show those there.', values));
    setText(this.#go, wanted === 'lab' ? t('Switch to the Lab') : t('Switch to this machine'));
    setText(this.#stay, network.chosen === 'lab' ? t('Stay in the Lab') : t('Stay on this machine'));
    this.#ask.showPopover();
  }

  #answer() {
    this.#ask.hidePopover();
    this.#decided(this.#wanted);
    this.#focus();
  }

  /** @param {NetworkName} wanted */
  #decided(wanted) {
    rememberNetwork(wanted);
    this.#desk.network.choose(wanted);
  }

  #focus() {
    const checked = this.#network.element.querySelector(':checked');
    if (checked instanceof HTMLElement) checked.focus();
  }

  #update() {
    const { network } = this.#desk;
    const { lab } = network;
    this.#network.value = network.chosen;
    const { kernel } = this.#desk.store;
    const on = (/** @type {string} */ text) => (kernel ? t('{text} (kernel: {kernel})', { text, kernel }) : text);
    this.#network.disable('machine', '', on(t('Sockets of this machine, on its loopback')));
    this.#network.disable('lab', network.whyNoLab, on(lab ? backendText(lab) : t('Two hosts of this session alone, with a wire between them')));
    this.#speed.element.hidden = network.chosen !== 'lab';
    this.#speed.value = this.slow ? 'slow' : '1';
  }
}
