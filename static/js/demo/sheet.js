// A demo that was opened: what it is, what it would touch and where, before anything is sent. Only Run acts.

/** @import {Demo, DemoStep, Network} from '../types.js' */
/** @import {Catalog, Opened} from './catalog.js' */
/** @import {Desk} from '../desk.js' */
/** @import {Runner} from './run.js' */
/** @import {Touch} from './touches.js' */

import { el, icon, setText } from '../dom.js';
import { segmented } from '../hosts/form.js';
import { language, localise, pieces, server, t } from '../i18n.js';
import { NETWORKS } from '../network.js';
import { predictsFirst, setPredictsFirst, setStepsByHand, stepsByHand } from '../prefs.js';
import { drawEmblem } from './emblem-draw.js';
import { closeButton, otherTitle, timeText } from './gallery.js';
import { copyLink, saveFile } from './keep.js';
import { stepsOn } from './on-kernel.js';
import { paragraphs } from './story-model.js';
import { touches } from './touches.js';

export class Sheet {
  element = el('section', { class: 'demos', 'aria-label': t('Opened demo') });
  #desk;
  #catalog;
  #runner;
  #back;
  #close;
  #run = el('button', { class: 'btn btn-primary', type: 'button', 'data-acts': true });
  #title = el('h2', { tabindex: '-1' });

  /** @param {Desk} desk @param {Catalog} catalog @param {Runner} runner @param {{back: () => void, close: () => void}} acts to the gallery, and to the views */
  constructor(desk, catalog, runner, { back, close }) {
    this.#desk = desk;
    this.#catalog = catalog;
    this.#runner = runner;
    this.#back = back;
    this.#close = close;
    runner.watch(() => this.#update());
  }

  focus() {
    this.#title.focus();
  }

  /** Something that cannot be opened. @param {string} sentence */
  showError(sentence) {
    this.#title = el('h2', { tabindex: '-1' }, t('This demo cannot be opened'));
    this.element.replaceChildren(this.#bar([]), el('div', { class: 'sheet' }, this.#title, el('p', { class: 'sheet-error', role: 'alert' }, sentence)));
  }

  /** @param {Opened} opened */
  show(opened) {
    const { demo } = opened;
    const { voice, network } = this.#desk;
    const steps = stepsOn(demo, this.#lacks());
    const where = segmented({
      label: t('Where it runs'), value: this.#runner.place(demo.network), class: 'segmented',
      options: NETWORKS.map(([name, label]) => /** @type {const} */ ([name, t(label)])), onchange: () => this.#showNeeds(needs, opened, /** @type {Network} */ (where.value)),
    });
    if (demo.network === 'lab') where.disable('machine', t('This demo needs the Lab: it changes the wire or the hosts.'));
    if (demo.network === 'machine') where.disable('lab', t('This demo is about this machine.'));
    if (network.whyNoLab) where.disable('lab', server(network.whyNoLab));
    // One that came in a link is not known to the server.
    const takes = opened.takes?.[language()] ?? demo.seconds ?? 0;
    const needs = el('p', { class: 'sheet-needs' });
    const run = el('button', { class: 'btn btn-primary', type: 'button', 'data-acts': true, onclick: () => void this.#runner.start(opened, { network: /** @type {Network} */ (where.value) }) });
    this.#run = run;
    run.disabled = demo.network === 'lab' && network.whyNoLab !== '';
    this.#title = el('h2', { tabindex: '-1' }, localise(demo.title));

    const about = el('div', null, aboutItems(demo, steps));
    const list = el('ol', { class: 'sheet-steps' }, stepItems(steps));
    this.element.replaceChildren(
      this.#bar([
        el('button', { class: 'btn btn-sm btn-quiet', type: 'button', onclick: () => void copyLink(opened, this.#catalog, voice) }, icon('i-copy'), t('Copy link')),
        el('button', { class: 'btn btn-sm btn-quiet', type: 'button', onclick: () => void saveFile(opened, this.#catalog) }, icon('i-save'), t('Save file'))]),
      el('div', { class: 'sheet' },
        el('div', { class: 'sheet-head' },
          el('div', null, this.#title, otherTitle(demo), about),
          demo.picture && drawEmblem(demo.picture)),
        el('div', { class: 'sheet-go' }, run, where.element,
          el('span', { class: 'muted' }, takes ? t('about {time}', { time: timeText(takes) }) : '')),
        el('div', { class: 'sheet-how' },
          toggle(t('Predict first'), t('Before some steps you are asked what will happen'), predictsFirst(), (on) => {
            setPredictsFirst(on);
            about.replaceChildren(...aboutItems(demo, steps));
            list.replaceChildren(...stepItems(steps));
          }),
          toggle(t('Step by step'), t('Each step waits until you press Next'), stepsByHand(), setStepsByHand)),
        el('section', { class: 'sheet-touches', 'aria-label': t('What it will do') },
          el('h3', null, t('What it will do')),
          el('p', { class: 'muted' }, t('Nothing is opened before you press Run. It runs in a session of its own, whose sockets close 60 s after you leave it.')),
          el('ul', null, touches(steps).map(touchItem)), needs),
        el('section', { 'aria-label': t('Steps') },
          el('h3', null, t('Steps')),
          list)));
    this.#showNeeds(needs, opened, /** @type {Network} */ (where.value));
    this.#update();
  }

  /** What it would miss here. @param {HTMLElement} place @param {Opened} opened @param {Network} network */
  #showNeeds(place, { demo }, network) {
    const { capture, states } = this.#desk.store.capabilities ?? {};
    const missing = [
      demo.network === 'lab' && server(this.#desk.network.whyNoLab),
      ...this.#notHere(demo),
      network === 'machine' && capture?.available === false && t('Segments of this machine cannot be seen here, so checks on them will be “not observed”: {reason}', { reason: server(capture.reason ?? '') }),
      states?.available === false && t('States of the kernel cannot be read here, so checks on them may be “not observed”: {reason}', { reason: server(states.reason ?? '') }),
    ].filter(Boolean);
    setText(place, missing.join(' '));
    place.hidden = missing.length === 0;
  }

  /** The kernel settings that are not here, and why. @returns {Record<string, string>} */
  #lacks() {
    return Object.fromEntries((this.#desk.store.capabilities?.lab?.lacks ?? []).map(({ name, reason }) => [name, reason]));
  }

  /** The steps that this kernel cannot do. @param {Demo} demo */
  #notHere(demo) {
    const lacks = this.#lacks();
    return stepsOn(demo, lacks).flatMap((step, i) => (step.if_kernel_has
      ? [t('Step {n} cannot be done on this kernel, so its checks will be “not observed”: {reason}', { n: i + 1, reason: server(lacks[step.if_kernel_has]) })] : []));
  }

  /** @param {HTMLElement[]} tools */
  #bar(tools) {
    return el('div', { class: 'viewbar demos-bar' },
      el('button', { class: 'btn btn-sm btn-quiet', type: 'button', onclick: this.#back }, icon('i-left'), t('Demos')),
      el('span', { class: 'push sheet-tools' }, tools, closeButton(this.#close)));
  }

  #update() {
    setText(this.#run, this.#runner.starting ? t('Starting…') : t('Run'));
    if (this.#runner.starting) this.#run.setAttribute('aria-busy', 'true');
    else this.#run.removeAttribute('aria-busy');
  }
}

/** @param {string} label @param {string} title @param {boolean} on @param {(on: boolean) => void} set */
function toggle(label, title, on, set) {
  const input = el('input', { class: 'sr-only', type: 'checkbox', role: 'switch', onchange: () => set(input.checked) });
  input.checked = on;
  return el('label', { class: 'switch', title }, input, el('i'), label);
}

/** @param {DemoStep[]} steps */
function asksFirst(steps) {
  return predictsFirst() && steps.some((step) => step.predict);
}

/** What it shows and which myth it is against; not where the person is to be asked first, since both give answers away. @param {Demo} demo @param {DemoStep[]} steps */
function aboutItems(demo, steps) {
  if (asksFirst(steps)) return [el('p', { class: 'muted' }, t('Its summary would give answers away: with “Predict first” it is not shown.'))];
  const myth = demo.myth ? [el('p', { class: 'sheet-myth' }, el('span', { class: 'tag' }, t('myth')), ' ', localise(demo.myth))] : [];
  return [el('p', null, localise(demo.summary)), ...myth];
}

/** The steps by their titles; by their numbers alone where the person is to be asked first, since titles give answers away. @param {DemoStep[]} steps */
function stepItems(steps) {
  const asks = asksFirst(steps);
  return steps.map((step, i) => el('li', null, el('b', null, asks ? t('Step {n}', { n: i + 1 }) : localise(step.title)),
    i === 0 && !(asks && step.predict) && paragraphs(localise(step.story)).map((p) => el('p', null, p))));
}

/** @param {Touch} touch */
function touchItem({ kind, what, note }) {
  const code = el('code', null, what);
  const more = note ? el('span', { class: 'muted' }, note) : '';
  switch (kind) {
    case 'listen': return el('li', null, pieces('listens on {address}', { address: code }), ' ', more);
    case 'dial': return el('li', null, pieces('dials {address}', { address: code }), ' ', more);
    case 'kernel': return el('li', null, pieces('sets {name} in the kernel of the Lab’s hosts', { name: code }));
    case 'port': return el('li', null, pieces('watches port {port} for other programs', { port: code }));
    case 'program': return el('li', null, pieces('starts a second process of the playground, which dials {address}', { address: code }));
    case 'wire': return el('li', null, t('changes the Lab’s wire'));
  }
}
