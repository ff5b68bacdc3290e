// Which events the log shows: the chips, the filter box, and the list of those that pass. Pure.

/** @import {PlaygroundEvent} from '../types.js' */

/** @typedef {'calls' | 'states' | 'segments' | 'metrics' | 'notices'} Group */

/** @type {Record<PlaygroundEvent['type'], Group>} */
const GROUPS = {
  call_started: 'calls', call_returned: 'calls', calls_summarised: 'calls', conn_accepted: 'calls', descriptor_closed: 'calls', transfer_started: 'calls', transfer_finished: 'calls',
  state_changed: 'states', socket_opened: 'states', socket_removed: 'states', address_assigned: 'states', peer_found: 'states', process_found: 'states',
  segment_sent: 'segments', segment_landed: 'segments', wire_intervened: 'segments', segments_summarised: 'segments', wire_changed: 'segments',
  metrics_sampled: 'metrics', options_read: 'metrics', digest_computed: 'metrics',
  notice: 'notices', events_lost: 'notices', behavior_changed: 'notices', read_mode_changed: 'notices', deadline_set: 'notices',
  port_watched: 'notices', lab_opened: 'notices', lab_closed: 'notices', quick_ack_set: 'notices', kernel_settings_read: 'notices',
  demo_started: 'notices', demo_step_started: 'notices', demo_asked: 'notices', demo_predicted: 'notices', demo_check_decided: 'notices',
  demo_paused: 'notices', demo_reading: 'notices', demo_resumed: 'notices', demo_finished: 'notices',
};

/** The chip that an event belongs to; one that this page does not know counts as a notice. @param {PlaygroundEvent} event */
export function groupOf(event) {
  return GROUPS[event.type] ?? 'notices';
}

/**
 * What the filter box asks for; an event must meet all of it.
 * @typedef {object} Filter
 * @property {string[]} words    in lower case, anywhere in the line
 * @property {string[]} sockets  one of these, in upper case
 * @property {string[]} types    one of these beginnings or parts of the type's name
 * @property {string[]} errnos   one of these; '' is any error
 * @property {string[]} sources
 */

const SOCKET = /^[CSX]\d+(\.\d+)?$/i;

/** @param {string} text @returns {Filter} */
export function parseFilter(text) {
  /** @type {Filter} */
  const filter = { words: [], sockets: [], types: [], errnos: [], sources: [] };
  for (const term of text.split(/\s+/).filter(Boolean)) {
    const [, key, value] = /^(type|errno|source):(.*)$/i.exec(term) ?? [];
    if (key === undefined) {
      if (SOCKET.test(term)) filter.sockets.push(term.toUpperCase());
      else filter.words.push(term.toLowerCase());
    } else if (key.toLowerCase() === 'type') filter.types.push(value.toLowerCase());
    else if (key.toLowerCase() === 'errno') filter.errnos.push(value.toUpperCase());
    else filter.sources.push(value.toLowerCase());
  }
  return filter;
}

/**
 * @param {PlaygroundEvent} event
 * @param {Filter} filter
 * @param {(event: PlaygroundEvent) => string} lineOf  the line as it is shown; asked for only where words are
 */
export function matches(event, filter, lineOf) {
  const { words, sockets, types, errnos, sources } = filter;
  if (sockets.length > 0 && !sockets.includes(event.socket ?? '')) return false;
  if (types.length > 0 && !types.some((type) => event.type.includes(type))) return false;
  if (sources.length > 0 && !sources.some((source) => (event.source ?? '').startsWith(source))) return false;
  if (errnos.length > 0) {
    const error = 'error' in event ? event.error : undefined;
    if (!error || !errnos.some((errno) => (error.errno ?? '').includes(errno))) return false;
  }
  if (words.length === 0) return true;
  const line = lineOf(event).toLowerCase();
  return words.every((word) => line.includes(word));
}

/** The events that pass, by their number, found a part at a time and kept in order. */
export class LogIndex {
  /** @type {number[]} */
  seqs = [];
  /** The first event not looked at yet. */
  #next = 0;
  /** @type {(event: PlaygroundEvent) => boolean} */
  #passes;

  /** @param {(event: PlaygroundEvent) => boolean} passes */
  constructor(passes) {
    this.#passes = passes;
  }

  /**
   * Looks at events not looked at yet, at most so many.
   * @param {PlaygroundEvent[]} events  without a gap, oldest first
   * @param {number} most
   * @returns {boolean} whether all have been looked at
   */
  scan(events, most) {
    if (events.length === 0) return true;
    const first = events[0].seq;
    const from = Math.max(0, this.#next - first);
    const to = Math.min(events.length, from + most);
    for (let index = from; index < to; index++) if (this.#passes(events[index])) this.seqs.push(events[index].seq);
    this.#next = first + to;
    return to === events.length;
  }

  /** Forgets what the page no longer has. @param {number} firstSeq @returns {number} how many lines went */
  trim(firstSeq) {
    if (this.seqs.length === 0 || this.seqs[0] >= firstSeq) return 0;
    const gone = this.indexOf(firstSeq);
    this.seqs.splice(0, gone);
    return gone;
  }

  /** The line of an event, or of the next one that passes. @param {number} seq */
  indexOf(seq) {
    let low = 0;
    let high = this.seqs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seqs[middle] < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
