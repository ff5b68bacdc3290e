// The wire between the Lab's hosts, docked to the view on the stage: below it, or beside it where both have room.

/** @import {Desk} from '../desk.js' */

import { ask } from '../ask.js';
import { el, icon, kbd, setAttr, setText } from '../dom.js';
import { count } from '../format.js';
import { segmented } from '../hosts/form.js';
import { t } from '../i18n.js';
import { WireFields } from './fields.js';
import { KernelSettings } from './kernel.js';
import { PRESETS, heldOn, noWire } from './model.js';
import { WireRules } from './rules.js';

/** What a view beside it keeps at least, and what it takes itself (wire.css), rem. */
const VIEW_REM = 32;
const WIRE_REM = 25;

export class WireDialog {
  #dialog;
  #desk;
  #presets = segmented({ label: t('Presets'), value: 'off', options: PRESETS.map(([id, name, title]) => [id, t(name), t(title)]), onchange: (preset) => this.#set({ preset }) });
  #cut = el('button', { class: 'btn btn-sm', type: 'button', 'aria-pressed': 'false', title: t('Nothing passes while it is cut'), 'data-acts': true, onclick: () => this.#set({ cut: !this.#wire.cut }) }, t('Cut the cable'));
  #step = el('input', { class: 'sr-only', type: 'checkbox', role: 'switch', 'aria-label': t('Step mode') });
  #deliverText = el('span');
  #deliver = el('button', { class: 'btn btn-sm push', type: 'button', 'aria-keyshortcuts': '.', 'data-acts': true, onclick: () => this.deliverOldest() }, this.#deliverText, kbd('.'));
  #fields;
  #rules;
  #kernel;
  /** What opened it, and gets the focus back. @type {HTMLElement|null} */ #opener = null;

  /** @param {HTMLDialogElement} dialog @param {Desk} desk */
  constructor(dialog, desk) {
    this.#dialog = dialog;
    this.#desk = desk;
    this.#fields = new WireFields(desk);
    this.#rules = new WireRules(desk);
    this.#kernel = new KernelSettings(desk);
    this.#step.addEventListener('change', () => void this.setStep(this.#step.checked));
    dialog.append(
      el('header', { class: 'wire-head' }, el('h2', { id: 'wire-title' }, t('The wire')), this.#presets.element, this.#cut,
        el('button', { class: 'btn btn-sm btn-quiet', type: 'button', title: t('No impairment, no step mode, no rule on'), 'data-acts': true, onclick: () => void this.allOff() }, t('All off')),
        el('button', { class: 'btn btn-icon btn-quiet', type: 'button', 'aria-label': t('Close the wire'), title: t('Close (Esc)'), onclick: () => this.close() }, icon('i-close'))),
      el('div', { class: 'wire-body' }, this.#fields.element, this.#rules.element),
      el('div', { class: 'wire-step' },
        el('label', { class: 'switch' }, this.#step, el('i'), el('b', null, t('Step mode:')), t('every segment waits for you')),
        el('span', { class: 'muted' }, t('the kernel’s timers do not wait')), this.#deliver),
      this.#kernel.element);
    dialog.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || e.defaultPrevented) return;
      e.preventDefault();
      this.close();
    });
    new ResizeObserver(() => { if (this.open) this.#dock(); }).observe(/** @type {Element} */ (dialog.parentElement));
    desk.network.watch(() => { if (this.why) this.close(); });
    desk.store.subscribe(() => { if (this.open) this.#update(); });
  }

  get open() {
    return this.#dialog.open;
  }

  /** Why there is no wire to change now; '' when there is one. */
  get why() {
    const { network, store } = this.#desk;
    if (store.connection !== 'live') return t('The server is not connected.');
    if (network.chosen === 'machine') return network.whyNoLab || t('The wire of this machine is the kernel’s own loopback, not ours. Choose the Lab, which has one to change.');
    return network.lab ? '' : t('The Lab is not open yet.');
  }

  get whyNoDelivery() {
    return this.#held > 0 ? '' : t('No segment is held.');
  }

  get #wire() {
    return this.#desk.network.lab?.wire ?? noWire();
  }

  /** How many segments wait on the wire. */
  get #held() {
    return this.#waiting().length;
  }

  #waiting() {
    return heldOn(this.#desk.network.lab);
  }

  /** @param {HTMLElement|null} opener */
  toggle(opener) {
    if (this.open) {
      this.close();
      return;
    }
    const { why } = this;
    if (why) {
      this.#desk.voice.notice(why, 'info');
      return;
    }
    const focused = document.activeElement;
    this.#opener = opener ?? (focused instanceof HTMLElement && focused !== document.body ? focused : null);
    this.#update();
    this.#dock();
    this.#dialog.show();
    const checked = this.#presets.element.querySelector(':checked');
    if (checked instanceof HTMLElement) checked.focus();
    if (this.#opener?.ariaHasPopup === 'dialog') this.#opener.ariaExpanded = 'true';
  }

  #dock() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const width = (this.#dialog.parentElement?.clientWidth ?? 0) / rem;
    setAttr(this.#dialog, 'data-dock', width >= VIEW_REM + WIRE_REM ? 'side' : 'below');
  }

  close() {
    if (!this.open) return;
    this.#dialog.close();
    if (this.#opener?.ariaHasPopup === 'dialog') this.#opener.ariaExpanded = 'false';
    if (this.#opener?.isConnected) this.#opener.focus();
    this.#opener = null;
  }

  deliverOldest() {
    void this.#desk.run({ type: 'deliver_segment', oldest: true });
  }

  async allOff() {
    if (await this.#letsGo(t('All off?'))) await this.#set({ preset: 'off' });
  }

  /** @param {boolean} on */
  async setStep(on) {
    this.#step.checked = this.#wire.step; // until it is so
    if (on || await this.#letsGo(t('Step mode off?'))) await this.#set({ step: on });
  }

  toggleStep() {
    return this.setStep(!this.#wire.step);
  }

  /** What step mode holds goes on as it ends, and cannot be taken back; what else is held waits on. @param {string} title */
  async #letsGo(title) {
    const held = this.#waiting().filter((segment) => segment.held?.by === 'step').length;
    const text = held === 1 ? t('Step mode holds one segment, and lets it go as it ends.') : t('Step mode holds {n} segments, and lets them go as it ends.', { n: count(held) });
    return held === 0 || await ask(title, [el('p', null, text)], t('Let go'), t('Keep holding')) !== null;
  }

  /** A refused change leaves everything as it was, the switches included. @param {Record<string, unknown>} change */
  async #set(change) {
    await this.#desk.run({ type: 'set_wire', ...change });
    this.#update();
  }

  #update() {
    const wire = this.#wire;
    const { lab } = this.#desk.network;
    const held = this.#held;
    this.#presets.value = wire.preset;
    // Own is what a touched wire is, and nothing that one can press.
    this.#presets.disable('own', wire.preset === 'own' ? '' : t('Change any field, and the wire is your own'), t('Changed by hand'));
    setAttr(this.#cut, 'aria-pressed', String(wire.cut));
    this.#step.checked = wire.step;
    this.#deliver.disabled = held === 0;
    setText(this.#deliverText, held === 0 ? t('Nothing is held') : held === 1 ? t('Deliver the held one') : t('Deliver the oldest of {n}', { n: count(held) }));
    this.#fields.update(wire);
    this.#rules.update(wire);
    if (lab) this.#kernel.update(lab);
  }
}
