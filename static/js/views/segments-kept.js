// Segments and bytes that the server still has and the log does not: asked for, and kept for a while.

/** @import {SegmentRecord} from '../types.js' */
/** @import {Store} from '../store.js' */

import { decodeBase64 } from '../format.js';
import { recordOf } from './segments-cells.js';

/** Whole packets kept, and segments of which a view asked for one alone. */
const MAX_KEPT = 256;

/** @typedef {{packet: Uint8Array, complete: boolean, bytes: number}} Packet */

/** One for each store, shared by the list, the stream and the inspector. @type {WeakMap<Store, Kept>} */
const kept = new WeakMap();

/** @param {Store} store */
export function keptOf(store) {
  let of = kept.get(store);
  if (!of) kept.set(store, of = new Kept(store));
  return of;
}

export class Kept {
  #store;
  /** @type {Map<number, SegmentRecord>} */ #records = new Map();
  /** @type {Map<number, Packet>} */ #packets = new Map();

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    // Another session has other segments under the same numbers.
    let { session } = store;
    store.subscribe(() => {
      if (store.session === session) return;
      session = store.session;
      this.#records.clear();
      this.#packets.clear();
    });
  }

  /** A segment, from the log or as it was fetched. @param {number} number */
  get(number) {
    return this.#store.segments.get(number) ?? this.#records.get(number);
  }

  /** @param {SegmentRecord} record It is looked at by number from now on. */
  remember(record) {
    remember(this.#records, record.number, record);
  }

  /**
   * @param {number} first
   * @param {number} last
   * @param {string} [socket] only its connection
   * @returns {Promise<SegmentRecord[]>}
   */
  async fetch(first, last, socket) {
    const ok = await this.#store.send({ type: 'segments', first, last, ...(socket ? { socket } : {}) });
    return (ok.segments ?? []).map((answer) => this.#store.segments.get(answer.segment) ?? recordOf(answer));
  }

  /** A segment that neither the log nor the list has. @param {number} number @returns {Promise<SegmentRecord|undefined>} */
  async fetchOne(number) {
    const [record] = await this.fetch(number, number);
    if (record) this.remember(record);
    return record;
  }

  /** The whole packet, where it was fetched. @param {number} number */
  packet(number) {
    return this.#packets.get(number);
  }

  /** @param {number} number @returns {Promise<Packet>} */
  async fetchPacket(number) {
    const known = this.#packets.get(number);
    if (known) return known;
    const ok = await this.#store.send({ type: 'payload', segment: number });
    const packet = decodeBase64(ok.data);
    const whole = { packet, complete: ok.complete === true, bytes: ok.bytes ?? packet.length };
    remember(this.#packets, number, whole);
    return whole;
  }
}

/** @template T @param {Map<number, T>} map @param {number} key @param {T} value */
function remember(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_KEPT) map.delete(/** @type {number} */ (map.keys().next().value));
}
