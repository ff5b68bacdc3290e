import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { arriveWithCode, codeIn, keepCode, keptCode, takeCode } from '../js/code.js';

const CODE = '0123456789abcdef0123456789abcdef';

/**
 * Runs with what a browser has, as far as the code needs it.
 * @param {string} href
 * @param {Storage|null} storage null: it refuses
 * @param {(seen: {href: string}) => void} then
 */
function inBrowser(href, storage, then) {
  const url = new URL(href);
  const seen = { href };
  const was = { location: globalThis.location, history: globalThis.history, sessionStorage: Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage') };
  Object.defineProperty(globalThis, 'location', { configurable: true, value: url });
  Object.defineProperty(globalThis, 'history', { configurable: true, value: { state: null, replaceState: (/** @type {unknown} */ _, /** @type {string} */ __, /** @type {string} */ to) => { seen.href = new URL(to, href).href; } } });
  Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, get() {
    if (!storage) throw new Error('the browser keeps nothing');
    return storage;
  } });
  try {
    then(seen);
  } finally {
    Object.defineProperty(globalThis, 'location', { configurable: true, value: was.location });
    Object.defineProperty(globalThis, 'history', { configurable: true, value: was.history });
    if (was.sessionStorage) Object.defineProperty(globalThis, 'sessionStorage', was.sessionStorage);
    else Reflect.deleteProperty(globalThis, 'sessionStorage');
  }
}

/** @returns {Storage} */
function storage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return /** @type {any} */ ({ getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ value) => kept.set(name, value) });
}

describe('the code in what a person gives', () => {
  for (const [text, want] of [
    [CODE, CODE], [`  ${CODE}\n`, CODE], [CODE.toUpperCase(), CODE], [`http://localhost:8080/#code=${CODE}`, CODE], [`http://localhost:8080/?lang=zh#C1&code=${CODE}`, CODE], [`#code=${CODE}`, CODE],
    [`口令：${CODE}。`, CODE], [`Open http://127.0.0.1:8080/#code=${CODE} in a browser`, CODE],
    ['', ''], ['rubbish', ''], [CODE.slice(1), ''], [`${CODE}0`, ''], [`x${CODE}`, ''], [`#code=${CODE}f`, ''], [CODE.replace('0', 'g'), ''], [`${CODE.slice(0, 16)} ${CODE.slice(16)}`, ''],
  ]) it(JSON.stringify(text), () => assert.equal(codeIn(text), want));
});

describe('a fragment with a code', () => {
  for (const [fragment, code, rest] of [[`#code=${CODE}`, CODE, ''], [`#C1&code=${CODE}`, CODE, '#C1'], [`#code=${CODE}&demo=1.x`, CODE, '#demo=1.x'], ['#code=', '', ''], ['#code=rubbish&C1', '', '#C1'], [`#code=${CODE}&code=x`, CODE, '']]) {
    it(fragment, () => assert.deepEqual(takeCode(fragment), { code, rest }));
  }
  for (const fragment of ['', '#', '#C1', '#demo=1.code=x', `#xcode=${CODE}`]) it(`${fragment || 'nothing'} has none`, () => assert.equal(takeCode(fragment), null));
});

describe('an address with a code', () => {
  it('loses it, and the tab keeps it', () => inBrowser(`http://localhost:8080/?lang=en#C1&code=${CODE}`, storage(), (seen) => {
    assert.equal(arriveWithCode(), true);
    assert.equal(seen.href, 'http://localhost:8080/?lang=en#C1');
    assert.equal(keptCode(), CODE);
  }));
  it('loses what is no code too, and nothing is kept instead of what was', () => inBrowser('http://localhost:8080/#code=rubbish', storage(), (seen) => {
    keepCode(CODE);
    assert.equal(arriveWithCode(), false);
    assert.equal(seen.href, 'http://localhost:8080/');
    assert.equal(keptCode(), CODE);
  }));
  it('without one stays as it is', () => inBrowser('http://localhost:8080/#C1', storage(), (seen) => {
    assert.equal(arriveWithCode(), false);
    assert.equal(seen.href, 'http://localhost:8080/#C1');
  }));
  it('works where the browser keeps nothing, until the page is loaded again', () => inBrowser(`http://localhost:8080/#code=${CODE.replace('0', '1')}`, null, () => {
    assert.equal(arriveWithCode(), true);
    assert.equal(keptCode(), CODE.replace('0', '1'));
  }));
});
