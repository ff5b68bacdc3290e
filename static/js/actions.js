// Every action by its name and key: one list for the keyboard, the command palette and the help.

/** @import {Desk} from './desk.js' */

import { whyNot } from './desk.js';
import { count, endpoint } from './format.js';
import { TABS } from './url.js';

/**
 * @typedef {{
 *   name: string, key?: string, hint?: string, group: 'Sockets'|'View'|'Go to',
 *   why?: () => string, act: () => void, mono?: boolean,
 * }} Action `why` says why it cannot be done now
 */

/**
 * What the actions need of the page.
 * @typedef {{
 *   desk: Desk, player: import('./player.js').Player, stage: import('./stage.js').Stage,
 *   listen: () => void, connect: () => void, send: () => void, fold: (part: 'client'|'server'|'inspector') => void,
 *   toggleScale: () => void, help: () => void, palette: () => void, escape: () => void,
 * }} Page
 */

/** The names of the tabs on screen. */
const TAB_NAMES = { ladder: 'Ladder', states: 'States', netstat: 'netstat', log: 'Log' };

/**
 * @param {Page} page
 * @returns {Action[]}
 */
export function fixedActions(page) {
  const { desk, player, stage } = page;
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
    { name: 'Close all sockets', hint: 'every one of this session', group: 'Sockets', why: offline, act: () => desk.run({ type: 'close', all: true }) },
    { name: 'Remove all closed sockets', group: 'Sockets', why: offline, act: () => desk.run({ type: 'remove', all_closed: true }) },

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
