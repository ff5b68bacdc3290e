// What the gallery shows: the shelves in their order, or what a search found. Pure.

/** @import {DemoEntry} from '../types.js' */

import { search } from './search.js';

export const SHELVES = /** @type {const} */ (['course', 'failure', 'weird']);

/** The demo that the button on the first screen runs: the first of the course. @param {DemoEntry[]} entries */
export function firstDemo(entries) {
  return inOrder(entries)[0];
}

/** @param {DemoEntry[]} entries */
export function inOrder(entries) {
  return SHELVES.flatMap((shelf) => entries.filter((e) => e.shelf === shelf).sort((a, b) => (a.order ?? 0) - (b.order ?? 0)));
}

/** The one to go on with after a demo: the next that can run here. @param {DemoEntry[]} entries @param {string} id @param {boolean} lab whether there is one @returns {DemoEntry|undefined} */
export function demoAfter(entries, id, lab) {
  const all = inOrder(entries);
  const at = all.findIndex((e) => e.id === id);
  return at < 0 ? undefined : all.slice(at + 1).find((e) => lab || e.network !== 'lab');
}

/**
 * @typedef {{shelf: typeof SHELVES[number], entries: DemoEntry[], done: number}} Shelf
 * @typedef {{shelves: Shelf[], found: DemoEntry[]|null, nearest: DemoEntry[]}} Gallery `found` is null where nothing was typed
 */

/**
 * @param {DemoEntry[]} entries
 * @param {{typed: string, withoutLab: boolean, done: Set<string>}} wanted
 * @returns {Gallery}
 */
export function galleryOf(entries, { typed, withoutLab, done }) {
  const all = inOrder(entries).filter((e) => !withoutLab || e.network !== 'lab');
  if (typed.trim() === '') {
    const shelves = SHELVES.map((shelf) => {
      const on = all.filter((e) => e.shelf === shelf);
      return { shelf, entries: on, done: on.filter((e) => done.has(e.id)).length };
    });
    return { shelves: shelves.filter((s) => s.entries.length > 0), found: null, nearest: [] };
  }
  return { shelves: [], ...search(all, typed) };
}

/**
 * The card that an arrow key leads to, by where the cards are: the nearest one in that direction.
 * @param {{left: number, top: number}[]} places
 * @param {number} at
 * @param {string} key
 * @returns {number} `at` where there is none
 */
export function cardBeside(places, at, key) {
  if (key === 'ArrowRight') return Math.min(places.length - 1, at + 1);
  if (key === 'ArrowLeft') return Math.max(0, at - 1);
  if (key === 'Home') return 0;
  if (key === 'End') return places.length - 1;
  const down = key === 'ArrowDown';
  if (!down && key !== 'ArrowUp') return at;
  const { left, top } = places[at];
  const rows = places.map((place) => place.top).filter((y) => (down ? y > top : y < top));
  if (rows.length === 0) return at;
  const row = down ? Math.min(...rows) : Math.max(...rows);
  let nearest = at;
  for (const [i, place] of places.entries()) {
    if (place.top !== row) continue;
    if (nearest === at || Math.abs(place.left - left) < Math.abs(places[nearest].left - left)) nearest = i;
  }
  return nearest;
}
