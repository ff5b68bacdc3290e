// Every action by its name and key: one list for the keyboard, the command palette and the help.

/** @import {Desk} from './desk.js' */

import { whyNot } from './desk.js';
import { count, endpoint } from './format.js';
import { TABS } from './url.js';
import { PRESETS, TRIES } from './wire/model.js';

/**
 * @typedef {{
 *   name: string, key?: string, hint?: string, group: 'Sockets'|'Network'|'View'|'Go to',
 *   why?: () => string, act: () => void, mono?: boolean,
 * }} Action `why` says why it cannot be done now
 */

/**
 * What the actions need of the page.
 * @typedef {{
 *   desk: Desk, player: import('./player.js').Player, stage: import('./stage.js').Stage,
 *   networkSwitch: import('./network-switch.js').NetworkSwitch, wire: import('./wire/dialog.js').WireDialog, watchPort: () => void,
 *   listen: () => void, connect: () => void, send: () => void, fold: (part: 'client'|'server'|'inspector') => void,
 *   toggleScale: () => void, help: () => void, palette: () => void, escape: () => void,
 * }} Page
 */

/** The names of the tabs on screen. */
const TAB_NAMES = { ladder: 'Ladder', states: 'States', segments: 'Segments', netstat: 'netstat', log: 'Log' };

/**
 * @param {Page} page
 * @returns {Action[]}
 */
export function fixedActions(page) {
  const { desk, player, stage, networkSwitch, wire } = page;
  const offline = () => (desk.store.connection === 'live' ? '' : 'The server is not connected.');
  /** @param {import('./desk.js').Action} action */
  const why = (action) => () => offline() || whyNot(action, desk.socket());
  const nothing = () => (desk.store.events.length ? '' : 'Nothing has happened yet.');
  return [
    { name: 'Listen', key: 'L', group: 'Sockets', why: offline, act: page.listen },
    { name: 'Connect', key: 'C', group: 'Sockets', why: offline, act: page.connect },
    { name: 'Send', key: 'S', hint: 'what is in the box of the active card', group: 'Sockets', why: why('send'), act: page.send },
    { name: 'Half-close', key: 'W', hint: 'sends FIN, still reads', group: 'Sockets', why: why('half_close'), act: () => desk.act('half_close') },
    { name: 'Close', key: 'X', hint: 'sends FIN', group: 'Sockets', why: why('close'), act: () => desk.act('close') },
    { name: 'Reset', key: 'R', hint: 'sends RST', group: 'Sockets', why: why('reset'), act: () => desk.act('reset') },
    { name: 'Read', hint: 'once, where reads are manual', group: 'Sockets', why: why('read'), act: () => desk.act('read') },
    { name: 'Accept', group: 'Sockets', why: why('accept'), act: () => desk.act('accept') },
    { name: 'Redial', group: 'Sockets', why: why('redial'), act: () => desk.act('redial') },
    { name: 'Skip TIME_WAIT', hint: 'of a socket in the Lab: the kernel destroys it', group: 'Sockets', why: why('skip_time_wait'), act: () => desk.act('skip_time_wait') },
    { name: 'Close all sockets', hint: 'every one of this session', group: 'Sockets', why: offline, act: () => desk.run({ type: 'close', all: true }) },
    { name: 'Remove all closed sockets', group: 'Sockets', why: offline, act: () => desk.run({ type: 'remove', all_closed: true }) },

    { name: 'New sockets on this machine', group: 'Network', why: offline, act: () => networkSwitch.choose('machine') },
    { name: 'New sockets in the Lab', hint: 'two hosts of their own, and a wire', group: 'Network', why: () => offline() || desk.network.whyNoLab, act: () => networkSwitch.choose('lab') },
    { name: 'Close the Lab', hint: 'with all sockets in it', group: 'Network', why: () => offline() || (desk.network.lab ? '' : 'No Lab is open.'), act: () => { desk.network.choose('machine'); void desk.run({ type: 'close_lab' }); } },
    { name: 'The wire', key: 'D', hint: 'delay, loss, rules, step mode, kernel settings', group: 'Network', why: () => wire.why, act: () => wire.toggle(null) },
    { name: 'Deliver the oldest held segment', key: '.', hint: 'while one is held', group: 'Network', why: () => offline() || wire.whyNoDelivery, act: () => wire.deliverOldest() },
    ...wireActions(page, offline),
    { name: 'Watch a port', hint: 'sockets of other programs, on this machine', group: 'Network', why: offline, act: page.watchPort },

    { name: 'Pause or play', key: 'Space', group: 'View', why: nothing, act: () => player.togglePause() },
    { name: 'Step forward', key: '.', group: 'View', why: nothing, act: () => player.step(1) },
    { name: 'Step back', key: ',', group: 'View', why: nothing, act: () => player.step(-1) },
    { name: 'Previous event of this connection', key: '↑', group: 'View', why: nothing, act: () => player.move(-1) },
    { name: 'Next event of this connection', key: '↓', group: 'View', why: nothing, act: () => player.move(1) },
    { name: 'Follow live', key: 'F', group: 'View', act: () => { player.goLive(); stage.view.goLive?.(); } },
    ...TABS.map((tab, i) => ({ name: TAB_NAMES[tab], key: String(i + 1), hint: 'view', group: /** @type {const} */ ('View'), act: () => stage.open(tab) })),
    { name: 'Pause netstat', key: 'V', group: 'View', why: () => (stage.view.togglePause ? '' : 'Only netstat can be paused alone; open it with 3.'), act: () => stage.view.togglePause?.() },
    { name: 'Fold the client column', key: '[', group: 'View', act: () => page.fold('client') },
    { name: 'Fold the server column', key: ']', group: 'View', act: () => page.fold('server') },
    { name: 'Fold the inspector', key: 'I', group: 'View', act: () => page.fold('inspector') },
    { name: 'Projector size', key: 'P', group: 'View', act: page.toggleScale },
    { name: 'Commands', key: 'Ctrl K', group: 'View', act: page.palette },
    { name: 'Shortcuts', key: '?', group: 'View', act: page.help },
    { name: 'Leave the field, close the menu, clear the selection', key: 'Esc', group: 'View', act: page.escape },
  ];
}

/**
 * What the wire's dialog has a button for.
 * @param {Page} page
 * @param {() => string} offline
 * @returns {Action[]}
 */
function wireActions({ desk, wire }, offline) {
  const why = () => offline() || wire.why;
  /** @param {string} name @param {Record<string, unknown>} change @param {string} [hint] @returns {Action} */
  const set = (name, change, hint) => ({ name, hint: hint ?? 'the wire', group: 'Network', why, act: () => void desk.run({ type: 'set_wire', ...change }) });
  /** The wire as it is when the action is chosen. */
  const now = () => desk.network.lab?.wire;
  return [
    ...PRESETS.filter(([id]) => id !== 'own').map(([id, label, title]) => set(`Wire: ${label}`, { preset: id }, title)),
    set('Wire: all off', { preset: 'off' }, 'no delay, no loss, no rule, no step mode'),
    { ...set('Cut the cable, or join it', {}), act: () => void desk.run({ type: 'set_wire', cut: !now()?.cut }) },
    { ...set('Step mode on or off', {}, 'every segment waits for you'), act: () => void desk.run({ type: 'set_wire', step: !now()?.step }) },
    { ...set('QuickACK on or off', {}, 'the hosts acknowledge at once'), act: () => void desk.run({ type: 'set_quick_ack', on: !desk.network.lab?.quick_ack }) },
    ...TRIES.map(({ label, rule }) => ({ ...set(`Wire: ${label}`, {}, 'a new rule'), act: () => void desk.run({ type: 'add_rule', on: true, ...rule }) })),
  ];
}

/**
 * "Watch port 5432", as soon as a port is typed, and the end of each watch.
 * @param {Desk} desk
 * @param {string} typed
 * @returns {Action[]}
 */
export function portActions(desk, typed) {
  const { ports } = desk.store.state;
  const port = Number(/(?:^|\s):?(\d{1,5})$/.exec(typed.trim())?.[1] ?? 0);
  const group = /** @type {const} */ ('Network');
  /** @param {number} port @param {boolean} on */
  const watch = (port, on) => () => void desk.run({ type: 'watch_port', port, on });
  return [
    ...(port > 0 && port < 65536 && !ports.includes(port) ? [{ name: `Watch port ${port}`, hint: 'sockets of other programs, on this machine', group, act: watch(port, true) }] : []),
    ...ports.map((p) => ({ name: `Stop watching port ${p}`, group, act: watch(p, false) })),
  ];
}

/**
 * One for each socket: a palette finds by name what the columns have no room for.
 * @param {Desk} desk
 * @returns {Action[]}
 */
export function socketActions(desk) {
  return [...desk.store.state.sockets.values()].reverse().map((s) => ({
    name: s.socket, mono: true, group: /** @type {const} */ ('Go to'),
    hint: `${s.state} ${s.kind === 'listener' ? endpoint(s.local) : `${endpoint(s.local)} → ${endpoint(s.remote)}`}, ${count(s.wrote)} B written, ${count(s.read)} B read`,
    act: () => {
      desk.activate(s.socket, { reveal: true });
      desk.store.select({ kind: 'socket', socket: s.socket });
    },
  }));
}
