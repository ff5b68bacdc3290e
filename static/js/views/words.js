// Events in words: the Go call as one would write it, and one line for the log. Pure.

/** @import {CallError, CallReturned, CallStarted, PlaygroundEvent} from '../types.js' */

import { endedBy, timerName } from '../explain-timer.js';
import { isFault } from '../explain.js';
import { bytes, count, decodeBase64, duration, goString } from '../format.js';
import { server, t, texts } from '../i18n.js';
import { demoWords } from './demo-words.js';
import { impairmentWords, interventionWords, segmentWords, summaryOfSegments } from './segment-words.js';

/** How much of the arguments and of the payload of a Read is shown, in characters; the inspector has the rest. */
export const LINE = { args: 72, data: 72 };
export const BRIEF = { args: 32, data: 20 };

/**
 * A call as it stands in Go: `Write("hello")` and what it returned.
 * @param {CallStarted | CallReturned} event
 * @param {typeof LINE} [room]
 * @returns {{op: string, args: string, result: string, failed: boolean, ended?: boolean}} `ended`: by a Close on the same end
 */
export function callWords(event, room = LINE) {
  const args = shorten(event.args ?? '', room.args);
  if (event.type === 'call_started') return { op: event.op, args, result: '', failed: false };
  return { op: event.op, args, result: resultWords(event, room.data), failed: isFault(event.error), ...(event.error?.ended_by && { ended: true }) };
}

/** @param {CallReturned} event @param {number} room */
function resultWords(event, room) {
  if (event.error) return errorWords(event.error);
  if (event.op === 'Read' && event.data) {
    const data = decodeBase64(event.data);
    const n = event.n ?? data.length;
    const quoted = goString(data);
    return quoted.length <= room && n <= data.length ? quoted : `${shorten(quoted, room)} ${bytes(n).replace(' ', '\u00a0')}`;
  }
  // Of "5, nil" the 5 is the news, of Accept's the peer; of "nil" nothing is, while "conn, nil" is what one waited for.
  if (event.op === 'Write' || event.op === 'Accept') return event.result.replace(/, nil$/, '');
  return event.result === 'nil' ? '' : event.result;
}

/** @type {Record<import('../types.js').CallActor, string>} */
const ENDED = texts({ user: 'ended by your Close', demo: 'ended by the demo’s Close', behavior: 'ended by the listener’s Close' });

/**
 * What Go prints, without the part that repeats the call: "connect: connection refused".
 * The addresses are on the card and in the inspector.
 * @param {CallError} error
 */
export function errorWords(error) {
  if (error.kind === 'eof') return 'io.EOF';
  if (error.ended_by) return t(ENDED[error.ended_by]);
  return error.text.replace(/^(?:dial|listen|accept|read|write|close|set) tcp[46]? \S+: /, '');
}

/** @param {string} text @param {number} length */
function shorten(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Sums up calls: "812 Reads, 51 MiB". @param {{op: string, calls: number, bytes: number}} event */
export function summaryWords({ op, calls, bytes: size }) {
  const values = { n: count(calls), call: op, bytes: bytes(size).replace(' ', '\u00a0') };
  return calls === 1 ? t('{n} {call}, {bytes}', values) : t('{n} {call}s, {bytes}', values);
}

/**
 * An event as one line that a person reads. Not the socket, the time and the source: those have columns.
 * @param {PlaygroundEvent} event
 * @returns {string}
 */
export function eventWords(event) {
  switch (event.type) {
    case 'socket_opened':
      return openedWords(event);
    case 'address_assigned':
      return [event.local && t('local address {address}', { address: event.local }), event.remote && t('remote address {address}', { address: event.remote })].filter(Boolean).join(', ') || t('identified');
    case 'conn_accepted':
      return event.listener ? t('accepted from the queue of {listener}', { listener: event.listener }) : t('accepted');
    case 'peer_found':
      return t('the other end is {peer}', { peer: event.peer });
    case 'process_found':
      return t('belongs to {name}, process {pid}', { name: event.process.name, pid: event.process.pid });
    case 'call_started': {
      const { op, args } = callWords(event);
      const call = `${op}(${args})`;
      return event.by === 'behavior' ? t('{call} begins, by the behaviour', { call }) : t('{call} begins', { call });
    }
    case 'call_returned': {
      const { op, args, result } = callWords(event);
      const took = event.at_ns - event.started_ns;
      const call = `${op}(${args})${result ? ` → ${result}` : ''}`;
      return took >= 1e6 ? t('{call} after {time}', { call, time: duration(took) }) : call;
    }
    case 'calls_summarised':
      return t('{what} in {time}', { what: summaryWords(event), time: duration(event.last_ns - event.first_ns) });
    case 'state_changed':
      return `${event.from} → ${event.to}${event.reason ? `, ${reasonWords(event.reason)}` : ''}${causeWords(event)}`;
    case 'metrics_sampled':
      return metricsWords(event.metrics);
    case 'options_read':
      return [t('options'), ...Object.entries(event.options ?? {}).map(([name, value]) => `${name}=${value}`),
        ...Object.keys(event.unsupported ?? {}).map((name) => t('{name} not supported', { name }))].join(' ');
    case 'behavior_changed':
      return t('behaves {behavior} from the next connection on', { behavior: behaviorWords(event.behavior) });
    case 'read_mode_changed':
      return event.read_mode === 'auto' ? t('reads by itself') : t('reads by hand');
    case 'deadline_set':
      return event.after_ms === undefined ? t('{kind} deadline cleared', { kind: t(event.kind) }) : t('{kind} deadline in {time}', { kind: t(event.kind), time: duration(event.after_ms * 1e6) });
    case 'descriptor_closed':
      return t('the descriptor is closed; the kernel goes on alone');
    case 'transfer_started':
      return event.chunk ? t('sends {bytes}, {chunk} a Write', { bytes: bytes(event.bytes), chunk: bytes(event.chunk) }) : t('sends {bytes}', { bytes: bytes(event.bytes) });
    case 'transfer_finished':
      return finishedWords(event);
    case 'digest_computed':
      return event.direction === 'written'
        ? t('SHA-256 of {bytes} written: {sha256}', { bytes: bytes(event.bytes), sha256: event.sha256 }) : t('SHA-256 of {bytes} read: {sha256}', { bytes: bytes(event.bytes), sha256: event.sha256 });
    case 'socket_removed':
      return t('removed');
    case 'port_watched':
      return event.on ? t('other programs that use port {port} are shown', { port: event.port }) : t('other programs on port {port} are shown no longer', { port: event.port });
    case 'lab_opened':
      return t('the Lab is open: client {client}, server {server}', { client: event.hosts.client.join(', '), server: event.hosts.server.join(', ') });
    case 'lab_closed':
      return event.reason ? t('the Lab is closed: {reason}', { reason: server(event.reason) }) : t('the Lab is closed');
    case 'quick_ack_set':
      return event.on ? t('the hosts acknowledge at once (quickack)') : t('the hosts may delay their ACKs');
    case 'kernel_settings_read':
      return kernelWords(event);
    case 'wire_changed':
      return t('the wire: {wire}', { wire: impairmentWords(event.wire) });
    case 'segment_sent':
      return segmentWords(event);
    case 'segment_landed':
      return t('segment {segment} landed', { segment: event.segment });
    case 'wire_intervened':
      return interventionWords(event);
    case 'segments_summarised':
      return t('{what} in {time}', { what: summaryOfSegments(event), time: duration(event.last_ns - event.first_ns) });
    case 'events_lost':
      return t('{n} events are missing: {what}', { n: count(event.count), what: server(event.what) });
    case 'notice':
      return server(event.message);
    case 'demo_started':
    case 'demo_step_started':
    case 'demo_asked':
    case 'demo_predicted':
    case 'demo_check_decided':
    case 'demo_paused':
    case 'demo_reading':
    case 'demo_resumed':
    case 'demo_finished':
      return demoWords(event);
    default:
      return unknownWords(event);
  }
}

/** What made the state change, where it is known. @param {import('../types.js').StateChanged} event */
export function causeWords({ segment, edge, timer }) {
  if (segment !== undefined) return edge === 'left' ? t(', as segment {segment} left', { segment }) : t(', as segment {segment} landed', { segment });
  return timer === undefined ? '' : t(', by the kernel’s {timer} timer', { timer: endedBy(timer) });
}

/** A newer server may know more; its event still has a line. @param {never} event */
function unknownWords(event) {
  return String(/** @type {{type?: string}} */ (event).type);
}

/** @param {import('../types.js').SocketOpened} event */
function openedWords(event) {
  switch (event.kind) {
    case 'listener':
      return t('listener {address}', { address: event.local ?? '' }) + (event.behavior ? `, ${behaviorWords(event.behavior)}` : '');
    case 'conn':
      if (!event.listener) return event.remote ? t('socket to {address}', { address: event.remote }) : t('socket');
      return t('connection from {address}', { address: event.remote ?? t('somebody') }) + (event.accepted ? '' : t(', waits to be accepted'));
    case 'other':
      return t('socket of {program}, {from} to {to}', { program: t('another program'), from: event.local ?? '–', to: event.remote ?? '–' });
  }
}

/** @param {import('../types.js').TransferFinished} event */
function finishedWords({ cancelled, error, bytes: size }) {
  const values = { bytes: bytes(size) };
  if (cancelled) return t('stopped after {bytes}', values);
  return error ? `${t('failed after {bytes}', values)}: ${errorWords(error)}` : t('sent after {bytes}', values);
}

/** @param {import('../types.js').KernelSettingsRead} event */
function kernelWords({ host, settings }) {
  const values = { settings: Object.entries(settings).map(([name, value]) => `${name}=${value}`).join(' ') };
  return host === 'client' ? t('client host: {settings}', values) : t('server host: {settings}', values);
}

/** In the middle of a sentence; desk.js has the names of the buttons. @type {Record<string, string>} */
const BEHAVIORS = texts({
  echo: 'echo', manual: 'manual', discard: 'discard', greet: 'greet', slow_read: 'slow read', never_read: 'never read',
  never_accept: 'never accept', hang_up: 'hang up', reset: 'reset',
});

/** @param {string} behavior */
function behaviorWords(behavior) {
  return t(BEHAVIORS[behavior] ?? behavior.replaceAll('_', ' '));
}

/** @type {Record<string, string>} */
const REASONS = texts({
  refused: 'refused',
  timed_out: 'timed out',
  reset_sent: 'RST sent',
  reset_received: 'RST received',
  aborted: 'given up',
  time_wait_over: 'TIME_WAIT is over',
  acknowledged: 'the FIN was acknowledged',
  never_opened: 'never opened',
  closed: 'closed by the program',
  destroyed: 'destroyed from outside',
  unknown: 'the kernel has no row for it any more',
});

/** @param {string} reason */
export function reasonWords(reason) {
  return t(REASONS[reason] ?? reason);
}

/** @param {import('../types.js').Metrics} metrics */
function metricsWords({ recv_q, send_q, timer, info }) {
  return [
    recv_q !== undefined && `Recv-Q ${recv_q}`,
    send_q !== undefined && `Send-Q ${send_q}`,
    info?.rtt_us !== undefined && `RTT ${duration(info.rtt_us * 1000)}`,
    info?.cwnd !== undefined && `cwnd ${info.cwnd}`,
    timer && t('{timer} timer {time}', { timer: timerName(timer), time: duration(timer.expires_ms * 1e6) }),
  ].filter(Boolean).join(', ') || t('sampled');
}
