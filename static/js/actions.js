// Every action by its name and key: one list for the keyboard, the command palette and the help.

/** @import {Desk} from './desk.js' */

import { demoActs } from './demo/story-model.js';
import { whyNot } from './desk.js';
import { count, endpoint } from './format.js';
import { t, texts } from './i18n.js';
import { change, otherLanguage } from './language-switch.js';
import { TABS } from './url.js';
import { PRESETS, TRIES } from './wire/model.js';

/**
 * @typedef {{
 *   name: string, key?: string, hint?: string, group: typeof GROUPS[number],
 *   why?: () => string, act: () => void, mono?: boolean, words?: string,
 * }} Action `why` says why it cannot be done now; `words` are what else people type who look for it, in any language
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

export const GROUPS = texts(/** @type {const} */ (['Sockets', 'Network', 'View', 'Go to', 'Demos']));

/** The names of the tabs on screen. */
const TAB_NAMES = texts({ ladder: 'Ladder', states: 'States', segments: 'Segments', netstat: 'netstat', code: 'Go code', log: 'Log' });

/** What else people call them. @type {Record<keyof typeof TAB_NAMES, string>} */
const TAB_WORDS = {
  ladder: 'sequence, diagram, timeline, 时序', states: 'state, machine, diagram, 状态机', segments: 'packets, capture, wireshark, tcpdump, 数据包, 抓包',
  netstat: 'ss, queues, Recv-Q, Send-Q, 队列', code: 'program, source, Python, C, shell, 代码, 程序', log: 'events, history, 事件',
};

/**
 * @param {Page} page
 * @returns {Action[]}
 */
export function fixedActions(page) {
  const { desk, player, stage, networkSwitch, wire } = page;
  const offline = () => (desk.store.connection === 'live' ? '' : t('The server is not connected.'));
  /** @param {import('./desk.js').Action} action */
  const why = (action) => () => offline() || whyNot(action, desk.socket());
  const nothing = () => (desk.store.events.length ? '' : t('Nothing has happened yet.'));
  return [
    { name: t('Listen'), key: 'L', words: 'server, bind, port, 服务器, 端口', group: 'Sockets', why: offline, act: page.listen },
    { name: t('Connect'), key: 'C', words: 'dial, client, open, 客户端, 发起连接', group: 'Sockets', why: offline, act: page.connect },
    { name: t('Send'), key: 'S', words: 'write, data, 写入, 数据', hint: t('what is in the box of the active card'), group: 'Sockets', why: why('send'), act: page.send },
    { name: t('Half-close'), key: 'W', words: 'shutdown, SHUT_WR, CloseWrite, FIN', hint: t('sends FIN, still reads'), group: 'Sockets', why: why('half_close'), act: () => desk.act('half_close') },
    { name: t('Close'), key: 'X', hint: t('sends FIN'), group: 'Sockets', why: why('close'), act: () => desk.act('close') },
    { name: t('Reset'), key: 'R', words: 'abort, SO_LINGER, RST, 中止, 强制关闭', hint: t('sends RST'), group: 'Sockets', why: why('reset'), act: () => desk.act('reset') },
    { name: t('Read'), hint: t('once, where reads are manual'), group: 'Sockets', why: why('read'), act: () => desk.act('read') },
    { name: t('Accept'), group: 'Sockets', why: why('accept'), act: () => desk.act('accept') },
    { name: t('Redial'), words: 'reconnect, retry, dial, again, 重连', group: 'Sockets', why: why('redial'), act: () => desk.act('redial') },
    { name: t('Skip TIME_WAIT'), words: 'SOCK_DESTROY, kill, 2MSL', hint: t('of a socket in the Lab: the kernel destroys it'), group: 'Sockets', why: why('skip_time_wait'), act: () => desk.act('skip_time_wait') },
    { name: t('Close all sockets'), hint: t('every one of this session'), group: 'Sockets', why: offline, act: () => desk.run({ type: 'close', all: true }) },
    { name: t('Remove all closed sockets'), group: 'Sockets', why: offline, act: () => desk.run({ type: 'remove', all_closed: true }) },

    { name: t('New sockets on this machine'), group: 'Network', why: offline, act: () => networkSwitch.choose('machine') },
    { name: t('New sockets in the Lab'), words: 'lab, network, namespace, veth, 网络命名空间', hint: t('two hosts of their own, and a wire'), group: 'Network', why: () => offline() || desk.network.whyNoLab, act: () => networkSwitch.choose('lab') },
    { name: t('Close the Lab'), hint: t('with all sockets in it'), group: 'Network', why: () => offline() || (desk.network.lab ? '' : t('No Lab is open.')), act: () => { desk.network.choose('machine'); void desk.run({ type: 'close_lab' }); } },
    { name: t('The wire'), key: 'E', words: 'netem, packet, loss, latency, jitter, bandwidth, sysctl, 丢包, 延迟, 抖动, 带宽, 弱网, 内核参数', hint: t('delay, loss, rules, step mode, kernel settings'), group: 'Network', why: () => wire.why, act: () => wire.toggle(null) },
    { name: t('Deliver the oldest held segment'), key: '.', hint: t('while one is held'), group: 'Network', why: () => offline() || (demoActs(desk.store.state.demo) ? t('The demo drives: the key is its Next.') : wire.whyNoDelivery), act: () => wire.deliverOldest() },
    ...wireActions(page, offline),
    { name: t('Watch a port'), words: 'monitor, other, programs, process, 监控, 其他程序', hint: t('sockets of other programs, on this machine'), group: 'Network', why: offline, act: page.watchPort },

    { name: t('Pause or play'), key: 'Space', group: 'View', why: nothing, act: () => player.togglePause() },
    { name: t('Step forward'), key: '.', group: 'View', why: nothing, act: () => player.step(1) },
    { name: t('Step back'), key: ',', group: 'View', why: nothing, act: () => player.step(-1) },
    { name: t('Previous event of this connection'), key: '↑', group: 'View', why: nothing, act: () => player.move(-1) },
    { name: t('Next event of this connection'), key: '↓', group: 'View', why: nothing, act: () => player.move(1) },
    { name: t('Follow live'), key: 'F', words: 'newest, latest, 最新', group: 'View', act: () => { player.goLive(); stage.view.goLive?.(); } },
    ...TABS.map((tab, i) => ({ name: t(TAB_NAMES[tab]), key: String(i + 1), hint: t('view'), words: TAB_WORDS[tab], group: /** @type {const} */ ('View'), act: () => stage.open(tab) })),
    { name: t('Side by side'), key: 'D', hint: t('Ladder and States'), words: 'split, both, two, 并排, 分屏', group: 'View', why: () => stage.whyNotBeside, act: () => stage.toggleSide() },
    { name: t('Filter segments'), hint: t('Segments'), words: 'find, search, display, filter, wireshark, 查找, 搜索', group: 'View', act: () => { stage.open('segments'); stage.view.focusFilter?.(); } },
    { name: t('Save pcapng'), hint: t('every segment that the server keeps'), words: 'pcap, wireshark, tcpdump, capture, export, 抓包, 导出', group: 'View', why: () => offline() || nothing(), act: () => { stage.open('segments'); stage.view.saveAll?.(); } },
    { name: t('Follow stream'), hint: t('Bytes with the calls that carried them'), words: 'wireshark, bytes, payload, 字节流, 载荷', group: 'View', act: () => { stage.open('segments'); stage.view.follow?.(); } },
    { name: t('Filter the log'), hint: t('Log'), words: 'find, search, 查找, 搜索', group: 'View', act: () => { stage.open('log'); stage.view.focusFilter?.(); } },
    { name: t('Pause netstat'), key: 'V', group: 'View', why: () => (stage.view.togglePause ? '' : t('Only netstat can be paused alone; open it with 4.')), act: () => stage.view.togglePause?.() },
    { name: t('Fold the client column'), key: '[', group: 'View', act: () => page.fold('client') },
    { name: t('Fold the server column'), key: ']', group: 'View', act: () => page.fold('server') },
    { name: t('Fold the inspector'), key: 'I', group: 'View', act: () => page.fold('inspector') },
    { name: t('Projector size'), key: 'P', words: 'zoom, font, larger, 放大, 字号', group: 'View', act: page.toggleScale },
    { name: otherLanguage() === 'zh' ? t('Language: 中文') : t('Language: English'), hint: otherLanguage() === 'zh' ? t('shows the page in Chinese') : t('shows the page in English'), group: 'View', act: () => change(otherLanguage()) },
    { name: t('Commands'), key: 'Ctrl K', group: 'View', act: page.palette },
    { name: t('Shortcuts'), key: '?', words: 'help, keyboard, keys, 帮助, 键盘', group: 'View', act: page.help },
    { name: t('Leave the field, close the menu, clear the selection'), key: 'Esc', group: 'View', act: page.escape },
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
  const set = (name, change, hint) => ({ name, hint: hint ?? t('the wire'), group: 'Network', why, act: () => void desk.run({ type: 'set_wire', ...change }) });
  /** The wire as it is when the action is chosen. */
  const now = () => desk.network.lab?.wire;
  return [
    ...PRESETS.filter(([id]) => id !== 'own').map(([id, label, title]) => set(t('Wire: {label}', { label: t(label) }), { preset: id }, title && t(title))),
    { ...set(t('Wire: all off'), {}, t('no delay, no loss, no rule, no step mode')), act: () => void wire.allOff() },
    { ...set(t('Cut the cable, or join it'), {}), act: () => void desk.run({ type: 'set_wire', cut: !now()?.cut }) },
    { ...set(t('Step mode on or off'), {}, t('every segment waits for you')), act: () => void wire.toggleStep() },
    { ...set(t('QuickACK on or off'), {}, t('the hosts acknowledge at once')), act: () => void desk.run({ type: 'set_quick_ack', on: !desk.network.lab?.quick_ack }) },
    ...TRIES.map(({ label, rule }) => ({ ...set(t('Wire: {label}', { label: t(label) }), {}, t('a new rule')), act: () => void desk.run({ type: 'add_rule', on: true, ...rule }) })),
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
    ...(port > 0 && port < 65536 && !ports.includes(port) ? [{ name: t('Watch port {port}', { port }), hint: t('sockets of other programs, on this machine'), group, act: watch(port, true) }] : []),
    ...ports.map((p) => ({ name: t('Stop watching port {port}', { port: p }), group, act: watch(p, false) })),
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
    get hint() { // of thousands, when one is asked for
      return t('{state} {ends}, {wrote} B written, {read} B read', {
        state: s.state, ends: s.kind === 'listener' ? endpoint(s.local) : `${endpoint(s.local)} → ${endpoint(s.remote)}`, wrote: count(s.wrote), read: count(s.read),
      });
    },
    act: () => {
      desk.activate(s.socket, { reveal: true });
      desk.store.select({ kind: 'socket', socket: s.socket });
    },
  }));
}
