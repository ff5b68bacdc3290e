// Events in words: the Go call as one would write it, and one line for the log. Pure.

/** @import {CallError, CallReturned, CallStarted, PlaygroundEvent} from '../types.js' */

import { isFault } from '../explain.js';
import { bytes, count, decodeBase64, duration, goString } from '../format.js';
import { impairmentWords, interventionWords, segmentWords, summaryOfSegments } from './segment-words.js';

/** How much of the arguments and of the payload of a Read is shown, in characters; the inspector has the rest. */
export const LINE = { args: 72, data: 72 };
export const BRIEF = { args: 32, data: 20 };

/**
 * A call as it stands in Go: `Write("hello")` and what it returned.
 * @param {CallStarted | CallReturned} event
 * @param {typeof LINE} [room]
 * @returns {{op: string, args: string, result: string, failed: boolean}}
 */
export function callWords(event, room = LINE) {
  const args = shorten(event.args ?? '', room.args);
  if (event.type === 'call_started') return { op: event.op, args, result: '', failed: false };
  return { op: event.op, args, result: resultWords(event, room.data), failed: isFault(event.error) };
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

/**
 * What Go prints, without the part that repeats the call: "connect: connection refused".
 * The addresses are on the card and in the inspector.
 * @param {CallError} error
 */
export function errorWords(error) {
  if (error.kind === 'eof') return 'io.EOF';
  return error.text.replace(/^(?:dial|listen|accept|read|write|close|set) tcp[46]? \S+: /, '');
}

/** @param {string} text @param {number} length */
function shorten(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Sums up calls: "812 Reads, 51 MiB". @param {{op: string, calls: number, bytes: number}} event */
export function summaryWords({ op, calls, bytes: size }) {
  return `${count(calls)} ${op}${calls === 1 ? '' : 's'}, ${bytes(size).replace(' ', '\u00a0')}`;
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
      return [event.local && `local address ${event.local}`, event.remote && `remote address ${event.remote}`].filter(Boolean).join(', ') || 'identified';
    case 'conn_accepted':
      return `accepted${event.listener ? ` from the queue of ${event.listener}` : ''}`;
    case 'peer_found':
      return `the other end is ${event.peer}`;
    case 'process_found':
      return `belongs to ${event.process.name}, process ${event.process.pid}`;
    case 'call_started': {
      const { op, args } = callWords(event);
      return `${op}(${args}) begins${event.by === 'behavior' ? ', by the behaviour' : ''}`;
    }
    case 'call_returned': {
      const { op, args, result } = callWords(event);
      const took = event.at_ns - event.started_ns;
      return `${op}(${args})${result ? ` → ${result}` : ''}${took >= 1e6 ? ` after ${duration(took)}` : ''}`;
    }
    case 'calls_summarised':
      return `${summaryWords(event)} in ${duration(event.last_ns - event.first_ns)}`;
    case 'state_changed':
      return `${event.from} → ${event.to}${event.reason ? `, ${reasonWords(event.reason)}` : ''}${causeWords(event)}`;
    case 'metrics_sampled':
      return metricsWords(event.metrics);
    case 'options_read':
      return ['options', ...Object.entries(event.options ?? {}).map(([name, value]) => `${name}=${value}`),
        ...Object.keys(event.unsupported ?? {}).map((name) => `${name} not supported`)].join(' ');
    case 'behavior_changed':
      return `behaves ${event.behavior.replaceAll('_', ' ')} from the next connection on`;
    case 'read_mode_changed':
      return event.read_mode === 'auto' ? 'reads by itself' : 'reads by hand';
    case 'deadline_set':
      return event.after_ms === undefined ? `${event.kind} deadline cleared` : `${event.kind} deadline in ${duration(event.after_ms * 1e6)}`;
    case 'descriptor_closed':
      return 'the descriptor is closed; the kernel goes on alone';
    case 'transfer_started':
      return `sends ${bytes(event.bytes)}${event.chunk ? `, ${bytes(event.chunk)} a Write` : ''}`;
    case 'transfer_finished':
      return `${event.cancelled ? 'stopped' : event.error ? 'failed' : 'sent'} after ${bytes(event.bytes)}${event.error ? `: ${errorWords(event.error)}` : ''}`;
    case 'digest_computed':
      return `SHA-256 of ${bytes(event.bytes)} ${event.direction}: ${event.sha256}`;
    case 'socket_removed':
      return 'removed';
    case 'port_watched':
      return event.on ? `other programs that use port ${event.port} are shown` : `other programs on port ${event.port} are shown no longer`;
    case 'lab_opened':
      return `the Lab is open: client ${event.hosts.client.join(', ')}, server ${event.hosts.server.join(', ')}`;
    case 'lab_closed':
      return `the Lab is closed${event.reason ? `: ${event.reason}` : ''}`;
    case 'quick_ack_set':
      return event.on ? 'the hosts acknowledge at once (quickack)' : 'the hosts may delay their ACKs';
    case 'kernel_settings_read':
      return `${event.host} host: ${Object.entries(event.settings).map(([name, value]) => `${name}=${value}`).join(' ')}`;
    case 'wire_changed':
      return `the wire: ${impairmentWords(event.wire)}`;
    case 'segment_sent':
      return segmentWords(event);
    case 'segment_landed':
      return `segment ${event.segment} landed`;
    case 'wire_intervened':
      return interventionWords(event);
    case 'segments_summarised':
      return `${summaryOfSegments(event)} in ${duration(event.last_ns - event.first_ns)}`;
    case 'events_lost':
      return `${count(event.count)} events are missing: ${event.what}`;
    case 'notice':
      return event.message;
    default:
      return unknownWords(event);
  }
}

/** What made the state change, where it is known. @param {import('../types.js').StateChanged} event */
export function causeWords({ segment, edge, timer }) {
  if (segment !== undefined) return edge === 'left' ? `, as segment ${segment} left` : `, as segment ${segment} landed`;
  return timer === undefined ? '' : `, by the kernel's ${timer.replace('_', ' ')} timer`;
}

/** A newer server may know more; its event still has a line. @param {never} event */
function unknownWords(event) {
  return String(/** @type {{type?: string}} */ (event).type);
}

/** @param {import('../types.js').SocketOpened} event */
function openedWords(event) {
  switch (event.kind) {
    case 'listener':
      return `listener ${event.local ?? ''}${event.behavior ? `, ${event.behavior.replaceAll('_', ' ')}` : ''}`;
    case 'conn':
      if (!event.listener) return `socket${event.remote ? ` to ${event.remote}` : ''}`;
      return `connection from ${event.remote ?? 'somebody'}${event.accepted ? '' : ', waits to be accepted'}`;
    case 'other':
      return `socket of ${event.process?.name ?? 'another program'}, ${event.local ?? '–'} to ${event.remote ?? '–'}`;
  }
}

/** @type {Record<string, string>} */
const REASONS = {
  refused: 'refused',
  timed_out: 'timed out',
  reset_sent: 'RST sent',
  reset_received: 'RST received',
  aborted: 'given up',
  time_wait_over: 'TIME_WAIT is over',
  acknowledged: 'the FIN was acknowledged',
  never_opened: 'never opened',
  closed: 'closed by the program',
  unknown: 'the kernel has no row for it any more',
};

/** @param {string} reason */
export function reasonWords(reason) {
  return REASONS[reason] ?? reason;
}

/** @param {import('../types.js').Metrics} metrics */
function metricsWords({ recv_q, send_q, timer, info }) {
  return [
    recv_q !== undefined && `Recv-Q ${recv_q}`,
    send_q !== undefined && `Send-Q ${send_q}`,
    info?.rtt_us !== undefined && `RTT ${duration(info.rtt_us * 1000)}`,
    info?.cwnd !== undefined && `cwnd ${info.cwnd}`,
    timer && `${timer.kind.replace('_', ' ')} timer ${duration(timer.expires_ms * 1e6)}`,
  ].filter(Boolean).join(', ') || 'sampled';
}
