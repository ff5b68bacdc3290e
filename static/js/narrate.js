// What is said while things happen: state changes of the session's own sockets, countdowns, and warnings.

/** @import {Desk} from './desk.js' */

import { isFault } from './explain.js';
import { server, t } from './i18n.js';
import { interventionWords } from './views/segment-words.js';
import { eventWords } from './views/words.js';

/** What the wire does that a person must hear of; that a segment is released or late shows when it lands. */
const WORTH_SAYING = new Set(['held', 'dropped', 'duplicated', 'corrupted']);

/** A countdown speaks at these seconds. */
const SPOKEN = new Set([60, 30, 10]);

/** @param {Desk} desk */
export function narrate(desk) {
  const { store, voice } = desk;
  /** The last second spoken of each TIME_WAIT. @type {Map<string, number>} */
  const spoken = new Map();

  store.subscribe((change) => {
    // What was before this page came is no news.
    if (change.reset || !store.caughtUp) return;
    for (const event of change.events) {
      if (event.type === 'state_changed' && store.state.sockets.get(event.socket)?.kind !== 'other') {
        const timeWaitOver = event.from === 'TIME_WAIT' && event.to === 'CLOSED';
        voice.say(timeWaitOver ? t('{socket}: TIME_WAIT is over', { socket: event.socket }) : t('{socket}: {from} to {to}', { socket: event.socket, from: event.from, to: event.to }));
        if (event.to === 'CLOSED') spoken.delete(event.socket);
      } else if (event.type === 'notice') {
        if (event.level === 'warning') voice.notice(server(event.message));
        else voice.say(server(event.message));
      } else if (event.type === 'wire_intervened' && WORTH_SAYING.has(event.action)) {
        voice.say(sentence(interventionWords(event)));
      } else if (event.type === 'lab_opened' || event.type === 'lab_closed') {
        voice.say(sentence(eventWords(event)));
      } else if (event.type === 'events_lost') {
        voice.notice(t('{n} {what} could not be listed.', { n: event.count, what: server(event.what) }));
      } else if (event.type === 'call_returned' && event.error && event.by !== 'behavior' && isFault(event.error)) {
        voice.alert(event.error.text);
      }
    }
  });

  setInterval(() => {
    const socket = desk.socket();
    const timer = socket?.state === 'TIME_WAIT' ? socket.metrics?.timer : undefined;
    if (!socket || timer?.kind !== 'time_wait') return;
    const left = Math.round(timer.expires_ms / 1000 - (store.now() - (socket.metrics_at_ns ?? 0)) / 1e9);
    if (!SPOKEN.has(left) || spoken.get(socket.socket) === left) return;
    spoken.set(socket.socket, left);
    voice.say(t('{socket}: TIME_WAIT, {left} seconds left', { socket: socket.socket, left }));
  }, 500);
}

/** @param {string} words */
function sentence(words) {
  return t('{sentence}.', { sentence: `${words.charAt(0).toUpperCase()}${words.slice(1)}` });
}
