// One plain sentence for what a person may wonder about. Pure.

/** @import {CallError, Socket, TcpState} from './types.js' */

import { bytes, count } from './format.js';
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
  destroyed: 'It was destroyed from outside, as ss -K does. Whoever still has it gets ECONNABORTED from the next call, or EINVAL from Accept.',
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
  if (drops === 1) return t('The kernel ignored 1 (drops).');
  return drops > 1 ? t('The kernel ignored {n} (drops).', { n: count(drops) }) : '';
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
    return m.timer.retransmits === 1 ? t('Timed out and sent again 1 time, not acknowledged.') : t('Timed out and sent again {n} times, not acknowledged.', { n: count(m.timer.retransmits) });
  }
  return bare ? '' : t('{bytes} not acknowledged yet.', { bytes: bytes(written) });
}

/** One line for each field of TCP_INFO, as tcp_get_info fills it (net/ipv4/tcp.c). @type {Record<string, string>} */
export const TCP_INFO = texts({
  rtt_us: 'Smoothed round-trip time (RFC 6298).',
  rttvar_us: 'How far round trips lie from the smoothed one, on average.',
  min_rtt_us: 'The shortest round trip of the last minutes (tcp_min_rtt_wlen).',
  rto_us: 'The retransmission timeout (RFC 6298), with its doublings. A tail loss probe may be sent before.',
  ato_us: 'How long the kernel would delay an ACK. At first, and where it matters, it delays none.',
  cwnd: 'Congestion window: how many segments may be in flight.',
  ssthresh: 'Slow start ends at this many segments.',
  mss: 'The largest payload of a segment on the wire, now.',
  rcv_mss: 'The size of the other side’s segments, as the kernel guesses it for its ACKs; not its MSS.',
  pmtu: 'The largest packet that the path takes, as far as the kernel knows.',
  unacked: 'Segments in flight: sent, and not acknowledged by number. What SACK has named is among them.',
  retrans: 'Segments sent again that are not acknowledged since.',
  total_retrans: 'Segments sent again so far; SYNs and tail loss probes are among them.',
  lost: 'Segments in flight that are held for lost now. This is no total.',
  sacked: 'Segments in flight that arrived, as SACK says; without SACK, duplicate ACKs.',
  backoff: 'How often the timeout, or the time between window probes, was doubled since the last answer.',
  retransmits: 'How often the retransmission timeout ran out since the last progress.',
  probes: 'Keep-alive and window probes that have no answer.',
  snd_wnd: 'How many bytes the other side’s newest segment offered to take.',
  rcv_wnd: 'How many bytes this side’s newest segment offered to take.',
  rcv_space: 'How many bytes the program took in a round trip; the kernel sizes the receive buffer by it.',
  rcv_ssthresh: 'The largest window this side offers for now.',
  bytes_sent: 'Payload sent, repeats included.',
  bytes_acked: 'Bytes that the other side acknowledged; a SYN that was sent first and a FIN count as one each.',
  bytes_received: 'Bytes received in order; a FIN counts as one.',
  bytes_retrans: 'Payload sent again.',
  segs_out: 'Segments sent, ACKs included.',
  segs_in: 'Segments received, ACKs included.',
  data_segs_out: 'Segments with payload sent.',
  data_segs_in: 'Segments with payload received.',
  notsent_bytes: 'Bytes in the send buffer that were not sent at all yet; a FIN counts as one.',
  delivery_rate_bps: 'How fast data was delivered, as last measured.',
  delivery_rate_app_limited: 'The rate is what the program wrote; the path may carry more.',
  pacing_rate_bps: 'How fast the kernel would send. Only bbr and the queue discipline fq hold it to that.',
  busy_us: 'Time with data in flight or to send.',
  rwnd_limited_us: 'Time held back by the other side’s window.',
  sndbuf_limited_us: 'Time held back by the send buffer.',
  last_data_sent_ms: 'Since data was last sent.',
  last_data_recv_ms: 'Since data last arrived.',
  snd_wscale: 'The other side’s window counts in units of 2 to this power.',
  rcv_wscale: 'This side’s window counts in units of 2 to this power.',
});

/**
 * What a field of TCP_INFO says of a connection.
 * @param {string} name
 * @param {import('./types.js').TcpInfo} info
 */
export function tcpInfo(name, info) {
  const words = t(TCP_INFO[name] ?? '');
  const scaled = Array.isArray(info.options) && info.options.includes('wscale');
  return name === 'rcv_wnd' && !scaled ? `${words} ${t('No window scale was agreed on: a segment can offer 65,535 at most.')}` : words;
}

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

/**
 * Whether an error is one to the person: the end of the file, and a call that our own Cancel or Close ended, are not.
 * @param {CallError} [error]
 * @returns {boolean}
 */
export function isFault(error) {
  if (!error || error.kind === 'eof' || error.kind === 'cancelled') return false;
  // Who calls after their own Close has made a mistake; who waited when it came has not.
  return error.kind !== 'closed' || error.errno !== undefined || !error.ended_by;
}
