// Finding a demo: by its words in both languages, by what its author says people type, and by the states and errors that
// it is about; after those, by what its steps say. Pure.

/** @import {DemoEntry} from '../types.js' */

/** How many to offer where nothing was found. */
const NEAREST = 3;

/**
 * @param {DemoEntry[]} entries
 * @param {string} typed
 * @returns {{found: DemoEntry[], nearest: DemoEntry[]}} `nearest` only where nothing is found
 */
export function search(entries, typed) {
  // The / that leads to the field is typed into it where it had the focus already.
  const phrase = fold(typed).replace(/^\s*\//, '').trim().replace(/\s+/g, ' ');
  const words = phrase.split(' ').filter(Boolean);
  if (words.length === 0) return { found: entries, nearest: [] };
  const scored = entries.map((entry, i) => ({ entry, i, score: score(entry, words, phrase) })).filter((s) => s.score > 0);
  if (scored.length > 0) return { found: scored.sort(best).map((s) => s.entry), nearest: [] };
  const like = entries.map((entry, i) => ({ entry, i, score: likeness(pairsOf(textOf(entry)), pairsOf(words.join(' '))) }));
  return { found: [], nearest: like.sort(best).slice(0, NEAREST).map((s) => s.entry) };
}

/** @param {{score: number, i: number}} a @param {{score: number, i: number}} b */
function best(a, b) {
  return b.score - a.score || a.i - b.i;
}

/**
 * A word in the title counts most, one in the story least; every word must be somewhere. All of it together, as somebody
 * names the thing, counts more than its words here and there.
 * @param {DemoEntry} entry @param {string[]} words @param {string} phrase
 */
function score(entry, words, phrase) {
  const title = fold(`${entry.title.en} ${entry.title.zh ?? ''}`);
  const keywords = (entry.keywords ?? []).map(fold);
  const all = textOf(entry);
  const texts = fold(entry.texts ?? '');
  let sum = keywords.includes(phrase) ? 8 : keywords.some((k) => k.includes(phrase)) ? 4 : all.includes(phrase) ? 2 : texts.includes(phrase) ? 1 : 0;
  for (const word of words) {
    if (all.includes(word)) sum += title.startsWith(word) ? 4 : title.includes(word) ? 3 : 1;
    else if (texts.includes(word)) sum += 0.1;
    else return 0;
  }
  return sum;
}

/** @param {DemoEntry} entry */
function textOf(entry) {
  const { id, title, summary, myth, keywords, terms } = entry;
  return fold([id, title.en, title.zh, summary.en, summary.zh, myth?.en, myth?.zh, ...keywords ?? [], ...terms ?? []].filter(Boolean).join(' '));
}

/** TIME_WAIT, time-wait and TimeWait are the same to who looks for it. @param {string} text */
function fold(text) {
  return text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase().replace(/[_-]+/g, ' ');
}

/** How much of what was typed is there, by pairs of letters. @param {Set<string>} text @param {Set<string>} typed */
function likeness(text, typed) {
  let shared = 0;
  for (const pair of typed) if (text.has(pair)) shared++;
  return shared / Math.max(1, typed.size) + shared / (1_000 + text.size);
}

/** @param {string} text */
function pairsOf(text) {
  const pairs = new Set();
  for (let i = 0; i + 1 < text.length; i++) if (!/\s/.test(text.slice(i, i + 2))) pairs.add(text.slice(i, i + 2));
  return pairs;
}
