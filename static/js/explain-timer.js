// What the kernel's timer of a socket will do, in a sentence. Pure.

/** @import {Socket, Timer, TimerPurpose} from './types.js' */

import { bytes, count, duration } from './format.js';
import { t, texts } from './i18n.js';

/** By the kernel's kind alone, of a recording that says no more. @type {Record<Timer['kind'], TimerPurpose[]>} */
const OF_KIND = { retransmit: ['rto', 'tlp', 'reordering'], keepalive: ['keepalive'], time_wait: ['time_wait'], persist: ['window_probe'] };

/** @type {Record<string, string>} */
const NAMES = texts({ rto: 'retransmission', tlp: 'tail loss probe', reordering: 'reordering', keepalive: 'keepalive', window_probe: 'window probe' });

/** What each may be, where the kernel does not say which of them it is. @type {Record<string, string>} */
const MAY = texts({
  rto: 'the retransmission timeout, which sends the oldest unacknowledged segment again',
  tlp: 'the tail loss probe, which sends the last segment again, or new data (RFC 8985)',
  reordering: 'the reordering timer, after which what later segments have overtaken counts as lost (RFC 8985)',
});

/** What it may be for. @param {Timer} timer */
function purposes(timer) {
  return timer.for ?? OF_KIND[timer.kind] ?? [];
}

/** States and flags have one name in every language. @param {string} purpose */
function nameOf(purpose) {
  return NAMES[purpose] ? t(NAMES[purpose]) : purpose.toUpperCase().replace('SYN_ACK', 'SYN, ACK');
}

/** The timer's name: what it is for, or may be. @param {Timer} timer */
export function timerName(timer) {
  return purposes(timer).map(nameOf).join(t(' or ')) || timer.kind;
}

/** A timer that ended a state, by its name in state_changed. @param {string} name */
export function endedBy(name) {
  return nameOf({ retransmit: 'rto', persist: 'window_probe' }[name] ?? name);
}

/**
 * @param {Timer|undefined} timer
 * @param {Socket} socket whose it is
 */
export function timerWords(timer, { state, metrics }) {
  if (!timer) return t('No timer runs.');
  const left = duration(timer.expires_ms * 1e6);
  const again = timer.retransmits ?? 0;
  const [only, ...others] = purposes(timer);
  if (others.length > 0) {
    const list = [only, ...others].map((purpose) => t(MAY[purpose] ?? purpose)).join(t('; or '));
    return t('Runs out in {left}. The kernel does not tell which it is: {list}.', { left, list });
  }
  switch (only) {
    case 'syn':
      return t('Sends the SYN again in {left}.', { left }) + times(again);
    case 'syn_ack':
      // A listener with TCP_DEFER_ACCEPT sends nothing when it fires, once the ACK has come (syn_ack_recalc, net/ipv4/inet_connection_sock.c).
      return t('Sends the SYN, ACK again in {left}; if the listener defers Accept, it waits for data instead.', { left }) + times(again);
    case 'rto':
      return t('Sends the oldest unacknowledged segment again in {left}.', { left }) + times(again);
    case 'keepalive': {
      const words = t('In {left} the kernel looks whether the other side was silent long enough, and if so asks for a sign of life.', { left });
      return again === 0 ? words : words + (again === 1 ? t(' 1 question has no answer.') : t(' {n} questions have no answer.', { n: count(again) }));
    }
    case 'fin_wait_2':
      // Of tcp_fin_timeout, what lies above 60 s is waited with the whole socket (tcp_close, net/ipv4/tcp.c).
      return timer.kind === 'time_wait'
        ? t('Nobody will read the other side’s FIN here: the kernel waits for it {left} more, then forgets the connection (tcp_fin_timeout).', { left })
        : t('Nobody will read the other side’s FIN here: this part of the wait for it ends in {left} (tcp_fin_timeout).', { left });
    case 'time_wait':
      return t('The kernel keeps the port {left} more.', { left });
    case 'window_probe': {
      const window = metrics?.info?.snd_wnd ?? 0;
      if (window === 0) return t('The other side’s window is 0; probes it again in {left}.', { left });
      return t('The other side’s window of {bytes} is too small for what waits; in {left} the kernel sends what fits.', { left, bytes: bytes(window) });
    }
    default:
      return t('A timer of kind {kind} runs out in {left}, in {state}.', { kind: timer.kind, left, state });
  }
}

/** How often it ran out so far. @param {number} n */
function times(n) {
  if (n === 0) return '';
  return n === 1 ? t(' Did so 1 time.') : t(' Did so {n} times.', { n: count(n) });
}
