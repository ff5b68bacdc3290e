// The page in English or Chinese. The English text is the key of its Chinese one, so that code reads as what it shows,
// and a sentence without a translation is still a sentence. The language holds until the page is loaded again.

import code from './zh/code.js';
import demos from './zh/demos.js';
import hosts from './zh/hosts.js';
import inspector from './zh/inspector.js';
import packets from './zh/packets.js';
import page from './zh/page.js';
import quantities from './zh/quantities.js';
import sentences from './zh/server.js';
import views from './zh/views.js';
import wire from './zh/wire.js';

/** @typedef {'en'|'zh'} Language */
/** @typedef {Record<string, string>} Dictionary English → Chinese */

/** @type {Dictionary} */
const CHINESE = { ...page, ...hosts, ...views, ...inspector, ...wire, ...demos, ...code };

/** What <html lang> says: the server puts there what the browser asks for (Accept-Language), boot.js what was chosen last time. @type {Language} */
const LANGUAGE = typeof document !== 'undefined' && document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';

/** @returns {Language} */
export function language() {
  return LANGUAGE;
}

/**
 * Remembers the language and shows the page in it. The page is loaded again: the session is in its address, what was
 * typed is kept (drafts.js), and nothing half translated can stay behind.
 * @param {Language} language
 */
export function setLanguage(language) {
  if (language === LANGUAGE) return;
  const url = new URL(location.href);
  const asked = url.searchParams.has('lang');
  url.searchParams.delete('lang');
  try {
    localStorage.setItem('language', language);
  } catch {
    // No storage: the address remembers it.
    url.searchParams.set('lang', language);
  }
  if (asked || url.searchParams.has('lang')) location.replace(url);
  else location.reload();
}

/**
 * A text of the page in its language; `{name}` stands for a value. Where English has a plural, the caller chooses
 * between two texts. Called when something is drawn, never when a module is loaded.
 * @param {string} english
 * @param {Record<string, string|number|null|undefined>} [values]
 */
export function t(english, values) {
  const text = LANGUAGE === 'zh' ? CHINESE[english] ?? english : english;
  return values ? text.replace(PLACEHOLDER, (whole, name) => String(values[name] ?? whole)) : text;
}

const PLACEHOLDER = /\{(\w+)\}/g;

/**
 * Says that these are texts which t() is given later, for a test that looks for those without a translation: every
 * string in them that is no identifier.
 * @template T
 * @param {T} english
 * @returns {T}
 */
export function texts(english) {
  return english;
}

/**
 * A text in which a value is an element: its pieces in the order of the language.
 * @param {string} english
 * @param {Record<string, Node|string|number>} values
 * @returns {(Node|string|number)[]}
 */
export function pieces(english, values) {
  // With a group in the pattern, split gives texts and names in turn.
  return t(english).split(PLACEHOLDER).map((piece, i) => (i % 2 ? values[piece] ?? `{${piece}}` : piece)).filter((piece) => piece !== '');
}

/** @type {Map<string, string>|null} */
let backwards = null;

/** The English of a text of the page, so that a command is found by either name. @param {string} text */
export function english(text) {
  if (LANGUAGE === 'en') return text;
  // Of two with one Chinese text the first stays: the names of commands come before other words.
  backwards ??= new Map(Object.entries(CHINESE).reverse().map(([from, to]) => [to, from]));
  return backwards.get(text) ?? text;
}

/** The texts of index.html, which is written in English. @param {HTMLElement} root */
export function translatePage(root) {
  if (LANGUAGE === 'en') return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Element) {
      for (const name of ['aria-label', 'title', 'placeholder']) {
        const text = node.getAttribute(name);
        if (text) node.setAttribute(name, t(text));
      }
    } else if (node.nodeValue?.trim()) node.nodeValue = t(node.nodeValue.trim());
  }
}

/**
 * A text of a demo, which its file has in one language or in both.
 * @param {string|{en: string, zh?: string}} text
 */
export function localise(text) {
  if (typeof text === 'string') return text;
  return (LANGUAGE === 'zh' ? text.zh : '') || text.en;
}

/** @typedef {{pattern: RegExp, chinese: string, weight: number}} Template */

/** The most literal one first, so that one that is nearly all values takes no other's sentence. @type {Template[]|null} */
let templates = null;
/** Sentences come again and again. @type {Map<string, string>} */
const known = new Map();
const MAX_KNOWN = 500;

/**
 * A sentence that the server wrote, in the page's language: found by the format that Go filled in.
 * @param {string} text
 * @returns {string}
 */
export function server(text) {
  if (LANGUAGE === 'en' || !text) return text;
  const place = PLACE.exec(text);
  // What is wrong in a file: a line for each error, which begins with its place.
  if (place) return text.split(NEXT_PLACE).map((error) => placed(PLACE.exec(error), error)).join('\n');
  let chinese = known.get(text);
  if (chinese === undefined) {
    chinese = match(text, templates ??= compile({ ...sentences, ...packets, ...quantities }));
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, chinese);
  }
  return chinese;
}

const HAN = /^\p{Script=Han}$/u;

/** A value of a sentence: it may be a sentence itself, whose full stop the sentence has. @param {string} value @param {string} text the sentence @param {Template[]} from */
function said(value, text, from) {
  if (value === text || `${value}.` === text) return value;
  const chinese = match(value, from);
  const whole = chinese === value ? match(`${value}.`, from) : '';
  return whole && whole !== `${value}.` ? whole.replace(/[。.]$/, '') : chinese;
}

const PLACE = /^line (\d+)(?:, column (\d+))?: (.*)$/s;
const NEXT_PLACE = /\n(?=line \d+)/;

/** @param {RegExpExecArray|null} place @param {string} error */
function placed(place, error) {
  if (!place) return error;
  const [, line, column, message] = place;
  const what = server(message);
  return column ? t('line {line}, column {column}: {what}', { line, column, what }) : t('line {line}: {what}', { line, what });
}

/**
 * @param {string} text
 * @param {Template[]} from
 * @returns {string}
 */
export function match(text, from) {
  for (const { pattern, chinese } of from) {
    const found = pattern.exec(text);
    if (found) {
      return chinese.replace(/( ?)\{(\d+)\}( ?)/g, (whole, before, n, after, at) => {
        const value = said(found[Number(n) + 1], text, from);
        // Chinese is spaced from Latin letters, and not from Chinese.
        const first = before && HAN.test(chinese[at - 1]) && HAN.test(value[0]) ? '' : before;
        const last = after && HAN.test(chinese[at + whole.length]) && HAN.test(value.at(-1) ?? '') ? '' : after;
        return first + value + last;
      });
    }
  }
  return text;
}

/** The verbs of package fmt that the sentences use. */
const VERB = /%[-+# 0]*\d*(?:\.\d+)?([a-zA-Z%])/g;
/** @type {Record<string, string>} */
const VALUES = { d: '([-+]?\\d+)', q: '("(?:[^"\\\\]|\\\\.)*"|`[^`]*`|\'(?:[^\'\\\\]|\\\\.)+\')', t: '(true|false)', '%': '%' };

/** @param {Dictionary} dictionary Go's formats → Chinese with {0}, {1} … for their values @returns {Template[]} */
export function compile(dictionary) {
  return Object.entries(dictionary).map(([format, chinese]) => {
    let at = 0;
    let source = '';
    let weight = 0;
    for (const verb of format.matchAll(VERB)) {
      const literal = format.slice(at, verb.index);
      weight += literal.length;
      source += escape(literal) + (VALUES[verb[1]] ?? '(.*?)');
      at = verb.index + verb[0].length;
    }
    weight += format.length - at;
    return { pattern: new RegExp(`^${source}${escape(format.slice(at))}$`, 's'), chinese, weight };
  }).sort((a, b) => b.weight - a.weight);
}

/** @param {string} literal */
function escape(literal) {
  return literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
