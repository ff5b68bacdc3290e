import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MAX_INFLATED, MAX_LINK, decode, encode } from '../js/demo/link.js';
import { readShape } from '../js/demo/shape.js';

/** @import {Demo} from '../js/types.js' */

/** @returns {any} */
function demo() {
  return {
    demo: 1, id: 'knock', title: { en: 'Knock', zh: '敲门' }, summary: { en: 'Two calls.' }, network: 'either',
    steps: [{ title: { en: 'Listen' }, story: { en: 'A port opens.' }, do: [{ listen: { as: 'S1', address: ':8330' } }], checks: ['S1 is LISTEN'] }],
  };
}

/** @param {string|Uint8Array<ArrayBuffer>} content */
async function linkOf(content) {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return `1.${btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** @param {string} text */
async function refusal(text) {
  const found = await decode(text);
  assert('error' in found, `${text.slice(0, 40)} was opened`);
  return found.error;
}

test('a demo comes out of its link as it went in', async () => {
  const link = await encode(demo());
  assert(link !== null);
  assert.match(link, /^1\.[A-Za-z0-9_-]+$/);
  assert.deepEqual(await decode(link), { demo: demo() });
});

test('a step that asks for a kernel setting comes out of its link as it went in', async () => {
  const asks = demo();
  Object.assign(asks.steps[0], { if_kernel_has: 'tcp_syn_linear_timeouts', otherwise: { story: { en: 'Elsewhere.' }, checks: ['S1 is LISTEN'] } });
  assert.deepEqual(await decode(/** @type {string} */ (await encode(asks))), { demo: asks });
  for (const wrong of [{ otherwise: [] }, { otherwise: { story: 'x' } }, { otherwise: { otherwise: {} } }, { if_kernel_has: 6 }, { if_kernel_has: undefined }]) {
    const bad = demo();
    Object.assign(bad.steps[0], asks.steps[0], wrong);
    assert.match(await refusal(await linkOf(JSON.stringify(bad))), /steps\[0\]\.(otherwise|if_kernel_has)/);
  }
});

test('a demo that is too long gets no link', async () => {
  const long = demo();
  // Letters that do not deflate well.
  let seed = 7;
  const noise = () => Array.from({ length: 3_000 }, () => String.fromCharCode(33 + ((seed = (seed * 1103515245 + 12345) % 2147483648) >> 16) % 90)).join('');
  long.steps = Array.from({ length: 8 }, () => ({ ...long.steps[0], story: { en: noise() } }));
  assert.equal(await encode(long), null);
});

test('what is no link is refused with a sentence', async () => {
  const cases = {
    'rubbish': /no demo in it/, '': /no demo in it/, 'x.abc': /no demo in it/, '1.a.b': /no demo in it/,
    '1.': /damaged/, '1.!!!': /damaged/, '1.abc': /damaged/, '1.AAAA': /damaged/, '2.abc': /another version/, '99999.abc': /another version/,
  };
  for (const [text, want] of Object.entries(cases)) assert.match(await refusal(text), want);
  assert.match(await refusal(`1.${'A'.repeat(MAX_LINK)}`), /longer than a demo/);
  const whole = await linkOf(JSON.stringify(demo()));
  assert.match(await refusal(whole.slice(0, -9)), /damaged/);
});

test('a bomb is not inflated to its end', async () => {
  const bomb = await linkOf(new Uint8Array(4 << 20));
  assert(bomb.length < MAX_LINK);
  assert.match(await refusal(bomb), /more than a demo may have/);
  const text = JSON.stringify(demo());
  const room = MAX_INFLATED - new Blob([text]).size;
  assert.deepEqual(await decode(await linkOf(text + ' '.repeat(room))), { demo: demo() });
  assert.match(await refusal(await linkOf(text + ' '.repeat(room + 1))), /more than a demo may have/);
});

test('what is inside is checked before it is used', async () => {
  assert.match(await refusal(await linkOf('{"demo":1')), /damaged/);
  assert.match(await refusal(await linkOf(new Uint8Array([0x22, 0xff, 0x22]))), /damaged/);
  assert.match(await refusal(await linkOf('[1]')), /not a demo/);
  assert.match(await refusal(await linkOf('null')), /not a demo/);
  assert.match(await refusal(await linkOf('['.repeat(30_000))), /damaged/);
});

test('the shape: every part that the page shows', () => {
  const ok = readShape(demo());
  assert('demo' in ok);
  /** @type {[part: string, change: (d: any) => void][]} */
  const cases = [
    ['id', (d) => { d.id = 'A B'; }],
    ['title', (d) => { d.title = 'Knock'; }],
    ['title', (d) => { d.title = { en: 'x', zh: 7 }; }],
    ['title', (d) => { d.title = { en: 'safe\u202eexe' }; }],
    ['summary', (d) => { delete d.summary; }],
    ['summary', (d) => { d.summary = { en: 'x'.repeat(4_001) }; }],
    ['network', (d) => { d.network = 'internet'; }],
    ['seconds', (d) => { d.seconds = 'long'; }],
    ['picture', (d) => { d.picture = Array(9).fill('SYN>'); }],
    ['steps', (d) => { d.steps = []; }],
    ['steps', (d) => { d.steps = Array(41).fill(d.steps[0]); }],
    ['steps', (d) => { d.steps = { length: 1 }; }],
    ['steps[0].shape', (d) => { d.steps[0] = null; }],
    ['steps[0].story', (d) => { d.steps[0].story = undefined; }],
    ['steps[0].checks', (d) => { d.steps[0].checks = [{ toString: 'x' }]; }],
    ['steps[0].do', (d) => { d.steps[0].do = ['listen']; }],
    ['steps[0].do', (d) => { let deep = {}; for (let i = 0; i < 20_000; i++) deep = { deep }; d.steps[0].do = [{ listen: deep }]; }],
    ['steps[0].predict', (d) => { d.steps[0].predict = { question: { en: '?' }, choices: [{ text: { en: 'one' } }] }; }],
  ];
  for (const [part, change] of cases) {
    const wrong = demo();
    change(wrong);
    const found = readShape(wrong);
    assert('error' in found, `${part} was let through`);
    assert.ok(found.error.includes(` ${part} `), `${found.error} should name ${part}`);
  }
  const newer = readShape({ ...demo(), demo: 2 });
  assert('error' in newer);
  assert.match(newer.error, /newer version/);
});
