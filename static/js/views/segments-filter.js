// The language of the filter over the segments: words, fields and how they are joined. Pure.
//
//   expression = all { ("or" | "||") all }   all   = part { ["and" | "&&"] part }
//   part       = ("-" | "!" | "not") part | "(" expression ")" | test
//   test       = field [operator] value | "text in the payload" | flag | C2 | address:port | word
//
// A text in quotes has Go's escapes, as what is sent has, and is looked for as bytes (UTF-8), in one segment.
// A line that stands for many segments, or has only the first bytes of one, answers with null where it cannot know: then
// it stays in the list.

import { encode } from '../encode.js';
import { hostOf } from '../format.js';
import { t } from '../i18n.js';

/** @typedef {import('./segments-cells.js').Facts} Facts */
/** @typedef {(facts: Facts) => boolean|null} Test */
/** @typedef {{message: string, at: number}} FilterError `at`: the first character that is wrong */

/** Longer than anybody types; the bound keeps a pasted page from being read as one. */
export const MAX_LENGTH = 500;
/** Brackets and negations inside each other. */
const MAX_DEPTH = 32;

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'];
const SOCKET = /^[CSX]\d+(\.\d+)?$/i;
/** What separates words; `-` does so only where it begins one. */
const BREAK = /[\s()"“「『‘<>=!:≥≤≠≧≦∧∨¬]|&&|\|\|/;
/** What closes a quotation mark. */
const QUOTES = new Map([['"', '"'], ["'", "'"], ['“', '”'], ['‘', '’'], ['「', '」'], ['『', '』']]);
/** Signs of mathematics, which input methods offer, as they are typed elsewhere. @type {Record<string, string>} */
const SIGNS = { '≥': '>=', '≧': '>=', '≤': '<=', '≦': '<=', '≠': '!=', '¬': '!', '∧': '&&', '∨': '||' };
/** An address as a segment has it, host:port or the host alone. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|\[[\da-f:.]*:[\da-f:.]*(?:%[\w.]+)?\](?::\d{1,5})?|[\da-f]*:[\da-f]*:[\da-f:.]*(?:%[\w.]+)?)(?=$|[\s()∧∨]|&&|\|\|)/i;
/** Words of other filters, and of none of ours: looked for in the rows, they would silently find nothing. */
const FOREIGN = /^(?:xor|xnor|nor|nand|eq|ne|gt|ge|lt|le|is|contains|matches|tcp|ip|[^\p{L}\p{N}]+)$/u;
/** Joined flags, as in SYN+ACK. */
const JOIN = /[,+|/]+/;

/** @type {Record<string, (facts: Facts) => number|number[]|null>} */
const NUMBERS = {
  len: (f) => f.len, seq: (f) => f.seq, ack: (f) => f.ack, win: (f) => f.win, no: (f) => f.no,
  bytes: (f) => f.bytes, ttl: (f) => f.ttl, port: (f) => f.ports,
};

/** @type {Record<string, boolean>} */
const FROM_CLIENT = { out: true, client: true, to_server: true, in: false, server: false, to_client: false };

/** The ends of a segment that each of these asks for. @type {Record<string, number[]>} */
const ENDS = { src: [0], dst: [1], host: [0, 1] };

/** @typedef {{kind: 'word'|'string'|'op'|'('|')', text: string, at: number}} Token */

/** A number as it is typed. */
const NUMBER = /^\d[\d,]*(\.\d+)?$|^0x[0-9a-f]+$/i;

/** @type {Record<string, string>} */
const EXAMPLES = { port: 'port = 8330', flags: 'flags = SYN', dir: 'dir = out', src: 'src = 127.0.0.1', dst: 'dst = 127.0.0.1', host: 'host = 127.0.0.1' };

/** @param {string} name in lower case */
function isField(name) {
  return name === 'flags' || name === 'dir' || Object.hasOwn(NUMBERS, name) || Object.hasOwn(ENDS, name);
}

class Wrong extends Error {
  /** @param {string} message @param {number} at */
  constructor(message, at) {
    super(message);
    this.at = at;
  }
}

/**
 * @param {string} text
 * @returns {{test: Test|null, error: FilterError|null}} no test where there is nothing to test, or what is written is wrong
 */
export function parseFilter(text) {
  try {
    if (text.length > MAX_LENGTH) throw new Wrong(t('A filter has at most {n} characters.', { n: MAX_LENGTH }), MAX_LENGTH);
    const tokens = tokenize(text);
    if (tokens.length === 0) return { test: null, error: null };
    return { test: new Parser(tokens, text.length).whole(), error: null };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { test: null, error: { message: error.message, at: error.at } };
  }
}

/** Both, as a person expects of "no" and "cannot know". @param {Test[]} tests @returns {Test} */
export function allOf(tests) {
  if (tests.length === 1) return tests[0];
  return (facts) => {
    /** @type {boolean|null} */
    let result = true;
    for (const test of tests) {
      const one = test(facts);
      if (one === false) return false;
      if (one === null) result = null;
    }
    return result;
  };
}

/** @param {Test[]} tests @returns {Test} */
export function anyOf(tests) {
  if (tests.length === 1) return tests[0];
  return (facts) => {
    /** @type {boolean|null} */
    let result = false;
    for (const test of tests) {
      const one = test(facts);
      if (one === true) return true;
      if (one === null) result = null;
    }
    return result;
  };
}

/** @param {string} text @returns {Token[]} */
function tokenize(text) {
  /** @type {Token[]} */
  const tokens = [];
  const typed = text;
  // An input method for Chinese types these wide. Each stays where it was.
  text = [...Array(text.length).keys()].map((i) => narrow(text[i])).join('');
  for (let i = 0; i < text.length;) {
    const at = i;
    const c = text[i];
    const address = ADDRESS.exec(text.slice(i))?.[0];
    if (address) {
      tokens.push({ kind: 'word', text: address, at });
      i += address.length;
    } else if (/\s/.test(c)) i++;
    else if (c === '(' || c === ')') tokens.push({ kind: text[i++] === '(' ? '(' : ')', text: c, at });
    else if (c === '-' && (i === 0 || /[\s(-]/.test(text[i - 1]))) {
      tokens.push({ kind: 'op', text: '-', at });
      i++;
    } else if (QUOTES.has(c)) {
      const end = closing(typed, i);
      tokens.push({ kind: 'string', text: typed.slice(i + 1, end), at });
      i = end + 1;
    } else if (text.startsWith('&&', i) || text.startsWith('||', i)) {
      tokens.push({ kind: 'word', text: c === '&' ? 'and' : 'or', at });
      i += 2;
    } else if (Object.hasOwn(SIGNS, c)) {
      const sign = SIGNS[c];
      tokens.push(sign === '&&' || sign === '||' ? { kind: 'word', text: sign === '&&' ? 'and' : 'or', at } : { kind: 'op', text: sign, at });
      i++;
    } else if (/[<>=!:]/.test(c)) {
      const op = /^(?:<=|>=|!=|==|<|>|=|!|:)/.exec(text.slice(i))?.[0] ?? c;
      tokens.push({ kind: 'op', text: op === '==' ? '=' : op, at });
      i += op.length;
    } else {
      while (i < text.length && BREAK.exec(text.slice(i, i + 2))?.index !== 0) i++;
      const word = text.slice(at, i);
      if (word === '&' || word === '|') throw new Wrong(t('“{op}” is written {op}{op}, or {word}.', { op: word, word: word === '&' ? 'and' : 'or' }), at);
      tokens.push({ kind: 'word', text: word, at });
    }
  }
  return tokens;
}

/** A full-width sign, letter or digit as the ASCII one. @param {string} c one UTF-16 unit */
function narrow(c) {
  const code = c.charCodeAt(0);
  return code === 0x3000 ? ' ' : code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : c;
}

/** Where the quotation mark that opens here closes. @param {string} text @param {number} at */
function closing(text, at) {
  const close = QUOTES.get(text[at]) ?? text[at];
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === close) return i;
    if (text[i] === '\\') i++;
  }
  throw new Wrong(t('A quotation mark opens here and does not close.'), at);
}

class Parser {
  #tokens;
  #end;
  #i = 0;
  #depth = 0;

  /** @param {Token[]} tokens @param {number} end */
  constructor(tokens, end) {
    this.#tokens = tokens;
    this.#end = end;
  }

  whole() {
    const test = this.#either();
    const left = this.#peek();
    if (left) throw new Wrong(t('A bracket closes here and none is open.'), left.at);
    return test;
  }

  #peek() {
    return /** @type {Token|undefined} */ (this.#tokens[this.#i]);
  }

  /** @param {Token|undefined} token @param {string} word */
  #is(token, word) {
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  }

  /** @returns {Test} */
  #either() {
    const tests = [this.#all()];
    while (this.#is(this.#peek(), 'or')) {
      this.#i++;
      tests.push(this.#all());
    }
    return anyOf(tests);
  }

  /** @returns {Test} */
  #all() {
    /** @type {Test[]} */
    const tests = [];
    for (;;) {
      const token = this.#peek();
      if (this.#is(token, 'and') && tests.length > 0) {
        this.#i++;
        tests.push(this.#part());
        continue;
      }
      if (!token || token.kind === ')' || this.#is(token, 'or')) break;
      tests.push(this.#part());
    }
    if (tests.length > 0) return allOf(tests);
    const token = this.#peek();
    const before = this.#tokens[this.#i - 1];
    if (this.#is(before, 'or') || this.#is(token, 'or')) throw new Wrong(t('“or” needs something on both sides.'), (this.#is(token, 'or') ? token : before)?.at ?? 0);
    if (before?.kind === '(' && token) throw new Wrong(t('There is nothing between the brackets.'), token.at);
    if (token) throw new Wrong(t('A bracket closes here and none is open.'), token.at);
    throw new Wrong(t('A bracket opens here and does not close.'), before?.at ?? this.#end);
  }

  /** @returns {Test} */
  #part() {
    const token = this.#peek();
    if (!token || token.kind === ')' || this.#is(token, 'or') || this.#is(token, 'and')) {
      const before = this.#tokens[this.#i - 1];
      throw new Wrong(t('“{word}” needs something after it.', { word: before?.text ?? token?.text }), before?.at ?? 0);
    }
    if (++this.#depth > MAX_DEPTH) throw new Wrong(t('There are too many brackets inside each other.'), token.at);
    const test = this.#one(token);
    this.#depth--;
    return test;
  }

  /** @param {Token} token @returns {Test} */
  #one(token) {
    this.#i++;
    if (token.kind === 'op') {
      if (token.text !== '-' && token.text !== '!') throw new Wrong(t('“{op}” needs a field before it, such as len {op} 0.', { op: token.text }), token.at);
      return not(this.#part());
    }
    if (this.#is(token, 'not')) return not(this.#part());
    if (token.kind === '(') {
      const test = this.#either();
      if (this.#peek()?.kind !== ')') throw new Wrong(t('A bracket opens here and does not close.'), token.at);
      this.#i++;
      return test;
    }
    if (token.kind === 'string') return inPayload(token);
    const next = this.#peek();
    if (next?.kind === 'op' && next.text !== '-' && next.text !== '!') {
      this.#i++;
      return this.#field(token, next);
    }
    return this.#bare(token, next);
  }

  /** A word without an operator; a field's name may have its value after it, as in port 80. @param {Token} token @param {Token|undefined} next @returns {Test} */
  #bare(token, next) {
    const name = token.text.toLowerCase();
    const field = isField(name);
    if ((name === 'src' || name === 'dst') && this.#is(next, 'host')) { // pcap-filter(7): src host 192.0.2.1
      this.#i++;
      next = this.#peek();
    }
    if (field && next?.kind === 'word' && (Object.hasOwn(NUMBERS, name) ? NUMBER.test(next.text) : !this.#is(next, 'or') && !this.#is(next, 'and'))) {
      return this.#field(token, { kind: 'op', text: '=', at: next.at });
    }
    const flags = name.toUpperCase().split(JOIN).filter(Boolean);
    if (flags.length > 0 && flags.every((flag) => FLAGS.includes(flag))) return flagsTest(token);
    if (field) throw new Wrong(t('“{field}” is a field: compare it with something, such as {example}.', { field: name, example: EXAMPLES[name] ?? `${name} > 0` }), token.at);
    if (this.#tokens.length > 1 && FOREIGN.test(name)) throw new Wrong(t('“{word}” is no word of this filter: write and, or, not, ( ), and = != < > <= >= behind a field.', { word: token.text }), token.at);
    return wordTest(token.text);
  }

  /** @param {Token} field @param {Token} op @returns {Test} */
  #field(field, op) {
    const name = field.text.toLowerCase();
    if (!isField(name)) throw new Wrong(t('There is no field “{field}”. There are flags, dir, {fields}.', { field: field.text, fields: [...Object.keys(NUMBERS), ...Object.keys(ENDS)].join(', ') }), field.at);
    const value = this.#peek();
    if (value?.kind !== 'word' && value?.kind !== 'string') {
      const values = { field: name, op: op.text };
      if (name === 'flags') throw new Wrong(t('{field} {op} needs a flag, such as SYN, after it.', values), op.at);
      if (Object.hasOwn(ENDS, name)) throw new Wrong(t('{field} {op} needs an address after it.', values), op.at);
      throw new Wrong(name === 'dir' ? t('{field} {op} needs out or in after it.', values) : t('{field} {op} needs a number after it.', values), op.at);
    }
    this.#i++;
    if (Object.hasOwn(NUMBERS, name)) return numberTest(name, op, value);
    if (op.text !== ':' && op.text !== '=' && op.text !== '!=') throw new Wrong(t('{field} takes : or =, not {op}.', { field: name, op: op.text }), op.at);
    const test = Object.hasOwn(ENDS, name) ? endsTest(name, value) : name === 'flags' ? flagsTest(value) : dirTest(value);
    return op.text === '!=' ? not(test) : test;
  }
}

/** @param {Test} test @returns {Test} */
function not(test) {
  return (facts) => {
    const result = test(facts);
    return result === null ? null : !result;
  };
}

/** @param {string} name @param {Token} op @param {Token} value @returns {Test} */
function numberTest(name, op, value) {
  const wanted = Number(value.text.replaceAll(',', ''));
  if (!NUMBER.test(value.text) || !Number.isFinite(wanted)) throw new Wrong(t('{field} is compared with a number, not with “{value}”.', { field: name, value: value.text }), value.at);
  const get = NUMBERS[name];
  const one = compare(op.text, wanted);
  return (facts) => {
    const got = get(facts);
    if (got === null) return null;
    if (typeof got === 'number') return one(got);
    // "port != 80" is about both ends, every other comparison about either.
    return op.text === '!=' ? got.every(one) : got.some(one);
  };
}

/** @param {string} op @param {number} wanted @returns {(got: number) => boolean} */
function compare(op, wanted) {
  switch (op) {
    case '<': return (got) => got < wanted;
    case '>': return (got) => got > wanted;
    case '<=': return (got) => got <= wanted;
    case '>=': return (got) => got >= wanted;
    case '!=': return (got) => got !== wanted;
    default: return (got) => got === wanted;
  }
}

/** @param {Token} value @returns {Test} */
function flagsTest(value) {
  const names = value.text.toUpperCase().split(JOIN).filter(Boolean);
  const wrong = names.find((name) => !FLAGS.includes(name));
  if (wrong !== undefined || names.length === 0) throw new Wrong(t('There is no flag “{flag}”. The flags are {flags}.', { flag: (wrong ?? value.text).toLowerCase(), flags: FLAGS.join(' ') }), value.at);
  return (facts) => facts.flags === null ? null : names.every((name) => facts.flags?.includes(name));
}

/** @param {Token} value @returns {Test} */
function dirTest(value) {
  const wanted = Object.hasOwn(FROM_CLIENT, value.text.toLowerCase()) ? FROM_CLIENT[value.text.toLowerCase()] : undefined;
  if (wanted === undefined) throw new Wrong(t('dir is out (from the client) or in (from the server), not “{value}”.', { value: value.text }), value.at);
  return (facts) => facts.fromClient === null ? null : facts.fromClient === wanted;
}

/** @param {string} field @param {Token} value @returns {Test} */
function endsTest(field, value) {
  if (!ADDRESS.test(value.text)) throw new Wrong(t('{field} takes an address, such as {field} 127.0.0.1 or {field} 127.0.0.1:8330, not “{value}”.', { field, value: value.text }), value.at);
  const wanted = value.text.toLowerCase();
  const host = wanted.replace(/^\[(.*)\]$/, '$1');
  return ({ ends }) => ends === null ? null : ENDS[field].some((i) => ends[i] === wanted || hostOf(ends[i]) === host);
}

/** @param {Token} token @returns {Test} */
function inPayload({ text, at }) {
  const encoded = encode(text, 'text');
  if (!encoded.ok) throw new Wrong(encoded.message, at + 1 + encoded.at);
  const bytes = String.fromCharCode(...encoded.bytes);
  return (facts) => {
    if (facts.payload === null) return null;
    const payload = facts.payload();
    if (payload.includes(bytes)) return true;
    return payload.length < (facts.len ?? 0) && bytes.length <= (facts.len ?? 0) ? null : false;
  };
}

/** @param {string} word @returns {Test} */
function wordTest(word) {
  if (SOCKET.test(word)) {
    const socket = word.toUpperCase();
    return (facts) => facts.sockets.includes(socket);
  }
  // With its port, as src and dst are written, it is the whole of one; a host may be half typed.
  if (ADDRESS.test(word) && word.includes(':')) return endsTest('host', { kind: 'word', text: word, at: 0 });
  const lower = word.toLowerCase();
  if (lower.length >= 7 && 'retransmissions'.startsWith(lower)) return (facts) => facts.retransmission;
  return (facts) => facts.line === null ? null : facts.line().includes(lower);
}
