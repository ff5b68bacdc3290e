// Quiet lines in a host's column: what is open in the other network, and how to run a program in this host of the Lab.

/** @import {Host} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { copyButton } from '../copy.js';
import { el, setAttr, setText } from '../dom.js';
import { t } from '../i18n.js';
import { WHERE, execCommand, namesOf, openOn } from '../network.js';
import { rememberNetwork } from '../prefs.js';

/** A program worth running there. @type {Record<Host, string>} */
const PROGRAMS = { client: 'curl http://192.0.2.2:8330/', server: 'ss -tan' };

/** The address of a host in its head; the second one, of IPv6, is in the tooltip. @param {Desk} desk @param {Host} host */
export function hostAddress(desk, host) {
  const element = el('code');
  const update = () => {
    const [first, ...others] = desk.network.addresses(host);
    setText(element, first);
    setAttr(element, 'title', [first, ...others].join(', '));
  };
  desk.network.watch(update);
  desk.store.subscribe((change) => { if (change.reset || change.events.some((e) => e.type === 'lab_opened')) update(); });
  update();
  return element;
}

/** @param {Desk} desk @param {Host} host */
export function elsewhere(desk, host) {
  const text = el('span');
  const show = el('button', { class: 'link', type: 'button', onclick: () => desk.network.choose(other()) }, t('Show'));
  const element = el('p', { class: 'elsewhere', hidden: true }, text, ' ', show);
  const other = () => (desk.network.chosen === 'lab' ? 'machine' : 'lab');
  const update = () => {
    const there = openOn(desk.store.state, other(), host);
    element.hidden = there.length === 0;
    if (there.length === 0) return;
    const values = { names: namesOf(there), where: t(WHERE[other()]) };
    setText(text, there.length === 1 ? t('{names} is open {where}.', values) : t('{names} are open {where}.', values));
    setAttr(show, 'aria-label', other() === 'lab' ? t('Show the Lab') : t('Show this machine'));
  };
  desk.network.watch(update);
  desk.store.subscribe((change) => {
    if (change.reset || change.events.some((e) => e.type === 'socket_opened' || e.type === 'state_changed' || e.type === 'descriptor_closed' || e.type === 'socket_removed')) update();
  });
  return element;
}

/** Who is asked to listen in the Lab learns that a terminal beside it will not see it. @param {Desk} desk @param {() => void} listen */
export function listenOutside(desk, listen) {
  const instead = () => {
    rememberNetwork('machine');
    desk.network.choose('machine');
    listen();
  };
  const element = el('p', { class: 'elsewhere listen-outside', hidden: true }, t('Programs outside the Lab, such as nc or curl in a terminal, do not see this listener.'), ' ',
    el('button', { class: 'link', type: 'button', 'data-acts': true, onclick: instead }, t('Listen on this machine instead')));
  const update = () => { element.hidden = desk.network.chosen !== 'lab'; };
  desk.network.watch(update);
  update();
  return element;
}

/** @param {Desk} desk @param {Host} host */
export function runHere(desk, host) {
  const command = el('code');
  const ipv6 = el('span', { class: 'muted' });
  const copy = copyButton(() => command.textContent ?? '', host === 'client' ? t('Copy the command that runs a program in the client host') : t('Copy the command that runs a program in the server host'));
  const element = el('div', { class: 'run-here', hidden: true }, el('p', null, t('Run a program here'), ipv6), el('div', null, command, copy));
  const update = () => {
    const { network, store } = desk;
    const exec = store.capabilities?.exec;
    element.hidden = network.chosen !== 'lab' || !network.lab || !exec?.available || !exec.command;
    if (element.hidden) return;
    // A word is not broken, least of all at its hyphen.
    command.replaceChildren(...execCommand(exec?.command ?? '', host, PROGRAMS[host]).split(' ').flatMap((word, i) => [i ? ' ' : '', el('span', null, word)]));
    setText(ipv6, network.addresses(host)[1] ? t('also {address}', { address: network.addresses(host)[1] }) : '');
  };
  desk.network.watch(update);
  desk.store.subscribe((change) => { if (change.reset || change.connection || change.events.some((e) => e.type === 'lab_opened' || e.type === 'lab_closed')) update(); });
  return element;
}
