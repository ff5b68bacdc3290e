// One plain sentence for what a person may wonder about. Pure.

/** @import {CallError, Socket, TcpState, Timer} from './types.js' */

import { bytes, count, duration } from './format.js';
import { t, texts } from './i18n.js';

/** @type {Record<TcpState, string>} */
const STATES = texts({
  LISTEN: 'Waits for a SYN from anybody.',
  SYN_SENT: 'Sent a SYN and waits for the answer.',
  SYN_RCVD: 'Got a SYN, answered SYN, ACK, and waits for the last ACK.',
  ESTABLISHED: 'Open: both sides can send.',
  FIN_WAIT_1: 'Sent a FIN that is not acknowledged yet.',
  FIN_WAIT_2: 'The FIN is acknowledged; the other side can still send until it closes.',
  CLOSE_WAIT: 'The other side closed. The kernel waits for the program to close too.',
  CLOSING: 'Both sides sent a FIN at the same time; the last ACK is missing.',
  LAST_ACK: 'Sent the last FIN and waits for its ACK.',
  TIME_WAIT: 'Closed first, so the kernel keeps the port for a minute, in case old segments still arrive.',
  CLOSED: 'There is no connection.',
});

/** @type {Record<string, string>} */
const REASONS = texts({
  refused: 'Nobody listens there: the answer to the SYN was a RST.',
  timed_out: 'No answer came in time.',
  reset_sent: 'This side sent a RST.',
  reset_received: 'The other side sent a RST.',
  aborted: 'The attempt was given up.',
  time_wait_over: 'TIME_WAIT is over; the port is free again.',
  acknowledged: 'The last FIN was acknowledged.',
  never_opened: 'The connection never came to be.',
  closed: 'The program closed it.',
  unknown: 'The kernel no longer has it; why was not seen.',
});

/**
 * @param {TcpState} state
 * @param {string} [reason]
 */
export function state(state, reason) {
  if (state === 'CLOSED' && reason && REASONS[reason]) return t(REASONS[reason]);
  return t(STATES[state] ?? '');
}

/**
 * What it means that an accept queue is full, or was; drops are counted by the kernel for each listener.
 * @param {boolean} full
 * @param {number} drops
 */
export function acceptQueue(full, drops) {
  if (full) return drops > 0 ? t('Full. SYNs are being dropped, {n} so far.', { n: count(drops) }) : t('Full: a SYN gets no answer now.');
  if (drops === 1) return t('1 segment dropped so far.');
  return drops > 1 ? t('{n} segments dropped so far.', { n: count(drops) }) : '';
}

/** @param {Timer} [timer] */
export function timer(timer) {
  if (!timer) return t('No timer runs.');
  const left = duration(timer.expires_ms * 1e6);
  const times = timer.retransmits ?? 0;
  switch (timer.kind) {
    case 'retransmit':
      if (times === 0) return t('Sends the oldest unacknowledged segment again in {left}.', { left });
      return times === 1
        ? t('Sends the oldest unacknowledged segment again in {left}; did so 1 time.', { left })
        : t('Sends the oldest unacknowledged segment again in {left}; did so {n} times.', { left, n: count(times) });
    case 'keepalive':
      return t('Asks the other side for a sign of life in {left}.', { left });
    case 'time_wait':
      return t('The kernel keeps the port {left} more.', { left });
    case 'persist':
      return t('The other side’s window is 0; probes it again in {left}.', { left });
  }
}

/**
 * What the receive buffer says about this socket, or '' when there is nothing to say.
 * @param {Socket} socket
 */
export function receiveQueue(socket) {
  const m = socket.metrics;
  if (!m || socket.kind === 'listener' || !m.recv_q) return '';
  // The FIN counts as one until a Read returns io.EOF, and is no byte.
  const left = FIN_CAME.has(socket.state) ? m.recv_q - 1 : m.recv_q;
  if (left === 0) return socket.descriptor === 'open' ? t('The FIN of the other side came; the next Read returns io.EOF.') : '';
  if (m.info && m.info.rcv_wnd === 0) return t('Full. The window is 0, so the other side must wait.');
  return t('{bytes} arrived and no Read has taken them.', { bytes: bytes(left) });
}

/** The bytes written that are not acknowledged: a SYN or a FIN counts as one in the queue (RFC 9293 §3.4), and nobody wrote it. @param {Socket} socket */
export function unacknowledged({ state, metrics }) {
  const queued = metrics?.send_q ?? 0;
  return CONTROL.has(state) ? Math.max(0, queued - 1) : queued;
}

/** States in which a FIN of the other side has come. @type {Set<TcpState>} */
const FIN_CAME = new Set(/** @type {const} */ (['CLOSE_WAIT', 'CLOSING', 'LAST_ACK']));
/** States in which a SYN or a FIN of this side is not acknowledged. @type {Set<TcpState>} */
const CONTROL = new Set(/** @type {const} */ (['SYN_SENT', 'SYN_RCVD', 'FIN_WAIT_1', 'CLOSING', 'LAST_ACK']));

/**
 * @param {Socket} socket
 * @param {string} [peer] the name of the other end, if we see it
 */
export function sendQueue(socket, peer) {
  const m = socket.metrics;
  if (!m || socket.kind === 'listener' || !m.send_q) return '';
  const written = unacknowledged(socket);
  const bare = written === 0;
  const who = peer ?? t('the other side');
  if (!bare && (m.timer?.kind === 'persist' || (m.info && m.info.snd_wnd === 0))) return t('Waiting for {who} to read.', { who });
  if (m.timer?.kind === 'retransmit' && m.timer.retransmits) {
    return m.timer.retransmits === 1 ? t('Sent 1 time again, not acknowledged.') : t('Sent {n} times again, not acknowledged.', { n: count(m.timer.retransmits) });
  }
  return bare ? '' : t('{bytes} not acknowledged yet.', { bytes: bytes(written) });
}

/** One line for each field of TCP_INFO. @type {Record<string, string>} */
export const TCP_INFO = texts({
  rtt_us: 'Smoothed round-trip time (RFC 6298).',
  rttvar_us: 'How much the round-trip time varies (RFC 6298).',
  min_rtt_us: 'The shortest round trip seen.',
  rto_us: 'How long the kernel waits for an ACK before it sends again.',
  ato_us: 'How long an ACK may be delayed.',
  cwnd: 'Congestion window: how many segments may be in flight.',
  ssthresh: 'Slow start ends at this many segments.',
  mss: 'The largest payload this side puts in a segment.',
  rcv_mss: 'The largest payload seen from the other side.',
  pmtu: 'The largest packet that the path takes.',
  unacked: 'Segments sent and not acknowledged.',
  retrans: 'Segments being sent again now.',
  total_retrans: 'Segments sent again so far.',
  lost: 'Segments believed lost.',
  sacked: 'Segments that arrived out of order, as the other side said (SACK).',
  backoff: 'How often the retransmission time was doubled.',
  snd_wnd: 'How many bytes the other side is ready to take.',
  rcv_wnd: 'How many bytes this side offers to take.',
  rcv_space: 'The receive buffer the kernel tunes towards.',
  rcv_ssthresh: 'The largest window this side offers for now.',
  bytes_sent: 'Payload sent, repeats included.',
  bytes_acked: 'Payload acknowledged by the other side.',
  bytes_received: 'Payload received.',
  bytes_retrans: 'Payload sent again.',
  segs_out: 'Segments sent, ACKs included.',
  segs_in: 'Segments received, ACKs included.',
  data_segs_out: 'Segments with payload sent.',
  data_segs_in: 'Segments with payload received.',
  notsent_bytes: 'Bytes in the send buffer that were not sent at all yet.',
  delivery_rate_bps: 'How fast data was delivered lately.',
  pacing_rate_bps: 'How fast the kernel lets itself send.',
  busy_us: 'Time with data to send.',
  rwnd_limited_us: 'Time held back by the other side’s window.',
  sndbuf_limited_us: 'Time held back by the send buffer.',
  last_data_sent_ms: 'Since data was last sent.',
  last_data_recv_ms: 'Since data last arrived.',
  snd_wscale: 'The other side’s window counts in units of 2 to this power.',
  rcv_wscale: 'This side’s window counts in units of 2 to this power.',
});

/** How a fact is known. @type {Record<string, string>} */
export const SOURCES = texts({
  call: 'A call of ours returned it.',
  sock_diag: 'The kernel said so (sock_diag).',
  segment: 'A segment on the wire showed it.',
  inferred: 'Inferred: it must have been so, nobody saw it.',
});

/** The short name of a source, as its tags have it. @param {string} source */
export function sourceName(source) {
  switch (source) {
    case 'call': return t('call');
    case 'segment': return t('segment');
    case 'inferred': return t('inferred');
    default: return source;
  }
}

/** The kernel's timer that runs. @param {string} kind */
export function timerName(kind) {
  switch (kind) {
    case 'retransmit': return t('retransmit');
    case 'keepalive': return t('keepalive');
    case 'persist': return t('persist');
    default: return kind.replaceAll('_', ' ');
  }
}

/**
 * Whether an error is one to the person: the end of the file, and a call that our own Cancel or Close ended, are not.
 * @param {CallError} [error]
 * @returns {boolean}
 */
export function isFault(error) {
  if (!error || error.kind === 'eof' || error.kind === 'cancelled') return false;
  return error.kind !== 'closed' || error.errno !== undefined;
}
