// The fragment: #s=<session>&tab=…&side&network=lab|machine&pair=C1~S1.1&sel=e123&demo=<name or link>, or &demos for the gallery.
// The session's key never leaves the browser in a request. Pure.

/** @import {Network, Pair, Selection} from './types.js' */

export const TABS = /** @type {const} */ (['ladder', 'states', 'segments', 'netstat', 'code', 'log']);

/** @typedef {typeof TABS[number]} Tab */
/**
 * @typedef {{session: string, tab: Tab, side: boolean|null, network: Network|'', pair: Pair, selection: Selection, demo: string, demos: boolean}} Place
 * `side`: ladder and diagram beside each other, null where the address says no tab; `network`: '' where the address says none; `demo`: the demo that is open, '' for none; `demos`: whether the gallery is
 */

const SOCKET = /^[A-Z]\d+(\.\d+)?$/;

/**
 * @param {string} fragment
 * @returns {Place}
 */
export function parse(fragment) {
  const params = new URLSearchParams(fragment.replace(/^#/, ''));
  const session = params.get('s') ?? '';
  const tab = TABS.find((t) => t === params.get('tab'));
  const network = params.get('network');
  const [left, right] = (params.get('pair') ?? '').split('~');
  return {
    session: /^[0-9a-f]{32}$/.test(session) ? session : '',
    tab: tab ?? 'ladder',
    side: params.has('side') || (tab ? false : null),
    network: network === 'lab' || network === 'machine' ? network : '',
    pair: { left: socketOrNull(left), right: socketOrNull(right) },
    selection: parseSelection(params.get('sel') ?? ''),
    demo: params.get('demo') ?? '',
    demos: params.has('demos'),
  };
}

/**
 * @param {Place} place
 * @returns {string}
 */
export function format({ session, tab, side, network, pair, selection, demo, demos }) {
  const parts = [];
  if (session) parts.push(`s=${session}`);
  parts.push(`tab=${tab}`);
  if (side) parts.push('side');
  if (network) parts.push(`network=${network}`);
  if (pair.left || pair.right) parts.push(`pair=${pair.left ?? ''}~${pair.right ?? ''}`);
  if (selection) parts.push(`sel=${formatSelection(selection)}`);
  if (demo) parts.push(`demo=${demo}`);
  if (demos) parts.push('demos');
  return `#${parts.join('&')}`;
}

/** @param {NonNullable<Selection>} selection */
function formatSelection(selection) {
  switch (selection.kind) {
    case 'event': return `e${selection.seq}`;
    case 'segment': return `g${selection.segment}`;
    case 'socket': return selection.socket;
  }
}

/** @param {string} text @returns {Selection} */
function parseSelection(text) {
  if (/^e[1-9]\d{0,15}$/.test(text)) return { kind: 'event', seq: Number(text.slice(1)) };
  if (/^g[1-9]\d{0,15}$/.test(text)) return { kind: 'segment', segment: Number(text.slice(1)) };
  return SOCKET.test(text) ? { kind: 'socket', socket: text } : null;
}

/** @param {string|undefined} text */
function socketOrNull(text) {
  return text && SOCKET.test(text) ? text : null;
}
