import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as english from '../js/i18n.js';
import code from '../js/zh/code.js';
import demos from '../js/zh/demos.js';
import hosts from '../js/zh/hosts.js';
import inspector from '../js/zh/inspector.js';
import page from '../js/zh/page.js';
import sentences from '../js/zh/server.js';
import views from '../js/zh/views.js';
import wire from '../js/zh/wire.js';
import { bareTexts, keysOf, modules, pageTexts, stringsOf } from './i18n-keys.js';

/** @type {Record<string, Record<string, string>>} */
const dictionaries = { code, demos, hosts, inspector, page, views, wire };

/** The module as a page in Chinese has it. @returns {Promise<typeof english>} */
async function chinese() {
  const global = /** @type {{document?: unknown}} */ (globalThis);
  global.document = { documentElement: { lang: 'zh-CN' } };
  try {
    return await import(new URL('../js/i18n.js?zh', import.meta.url).href);
  } finally {
    delete global.document;
  }
}

test('every text of the page has a Chinese one', () => {
  const known = Object.assign({}, ...Object.values(dictionaries));
  const used = [...modules().flatMap(keysOf), ...pageTexts().map((text) => ({ file: '../index.html', text }))];
  const missing = used.filter(({ text }) => text !== '' && /[a-z,]/i.test(text) && !Object.hasOwn(known, text)).map(({ file, text }) => `${file}: ${text}`);
  assert.deepEqual([...new Set(missing)], []);
});

test('no Chinese text is left over', () => {
  const strings = new Set([...modules().flatMap(stringsOf), ...pageTexts()]);
  const left = Object.entries(dictionaries).flatMap(([name, texts]) => Object.keys(texts).filter((text) => !strings.has(text)).map((text) => `${name}: ${text}`));
  assert.deepEqual(left, []);
});

test('a text has one Chinese one', () => {
  /** @type {Map<string, string>} */
  const first = new Map();
  const twice = [];
  for (const [name, texts] of Object.entries(dictionaries)) {
    for (const text of Object.keys(texts)) {
      if (first.has(text)) twice.push(`${text}: in ${first.get(text)} and ${name}`);
      first.set(text, name);
    }
  }
  assert.deepEqual(twice, []);
});

test('both languages have the same placeholders', () => {
  /** @param {string} text */
  const placeholders = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(' ');
  const different = Object.values(dictionaries).flatMap((texts) => Object.entries(texts)).filter(([from, to]) => placeholders(from) !== placeholders(to));
  assert.deepEqual(different, []);
});

test('what a module shows goes through t()', () => {
  assert.deepEqual(modules().flatMap(bareTexts), []);
});

test('in English a text is its own key', () => {
  assert.equal(english.language(), 'en');
  assert.equal(english.t('{n} sockets', { n: 3 }), '3 sockets');
  assert.equal(english.t('no such text'), 'no such text');
  assert.equal(english.server('S1 is closed; listen again.'), 'S1 is closed; listen again.');
  assert.equal(english.localise({ en: 'Handshake', zh: '握手' }), 'Handshake');
});

test('in Chinese it is looked up', async () => {
  const { english: backwards, language, localise, pieces, t } = await chinese();
  assert.equal(language(), 'zh');
  assert.equal(t('{n} sockets', { n: 3 }), '3 个套接字');
  assert.equal(t('no such text'), 'no such text');
  assert.deepEqual(pieces('In {after} ms', { after: 2000 }), [2000, ' ms 后']);
  assert.equal(localise({ en: 'Handshake', zh: '握手' }), '握手');
  assert.equal(localise({ en: 'Handshake' }), 'Handshake');
  assert.equal(localise('plain'), 'plain');
  assert.equal(backwards('监听'), 'Listen');
});

test('a sentence of the server is found by its format', async () => {
  const { server } = await chinese();
  /** @type {[sentence: string, want: string][]} */
  const cases = [
    ['S1 is closed; listen again.', '{0} 已关闭；请重新监听。'.replace('{0}', 'S1')],
    ['Port "x" is not a number from 0 to 65535.', '端口 "x" 不是 0 到 65535 的数字。'],
    ['A slow read takes 1 to 65536 bytes at a time.', '慢读每次读 1 到 65536 字节。'],
    // A value that is a sentence, with words of its own.
    ['The Lab cannot be opened: no such device.', '无法打开实验室：no such device。'],
    ['0 no, 1 yes', '0 否，1 是'],
    // What is wrong in a demo file, each with its place.
    ['line 9, column 5: This check cannot be read: instead of "reach" must come one of LISTEN, CLOSED.\nline 12: A demo needs the key steps.',
      '第 9 行第 5 列：读不懂这个检查项："reach" 处应为以下之一：LISTEN, CLOSED。\n第 12 行：演示需要键 steps。'],
    ['IP fragment of TCP from byte 48, the last', 'TCP 的 IP 分片，从第 48 字节起，最后一片'],
    ['broken TCP header: data offset 15, 60 bytes, in a segment of 40', 'TCP 首部损坏：数据偏移 15，即 60 字节，而报文段只有 40 字节'],
    ['The accept queue of S1 is 2.', 'S1 的全连接队列是 2。'],
    ['Step 1, accept S1: There is no socket S1 in this session.', '第 1 步，accept S1：本会话没有套接字 S1。'],
    ['Nothing that this page knows.', 'Nothing that this page knows.'],
    ['', ''],
    ['Linger is a whole number of seconds (-1 is off) from -1 to 60.', 'Linger 是整数（秒，-1 为关闭），从 -1 到 60。'],
    ["TTL is a whole number of hops from 1 to 255, or -1 for the kernel's own.", 'TTL 是整数（跳），从 1 到 255；-1 表示由内核决定。'],
  ];
  for (const [sentence, want] of cases) assert.equal(server(sentence), want);
});

test('the format that says most takes the sentence', () => {
  const templates = english.compile({ '%s: %s.': '{0}：{1}。', 'The Lab cannot be opened: %s.': '打不开：{0}。', 'no route': '没有路由' });
  assert.equal(english.match('The Lab cannot be opened: no route.', templates), '打不开：没有路由。');
  assert.equal(english.match('dial: no route.', templates), 'dial：没有路由。');
});

test('the values of a sentence may change places', () => {
  const templates = english.compile({ '%s of %s returned after %d %%': '{1} 的 {0} 在 {2}% 后返回' });
  assert.equal(english.match('Read of C1 returned after 5 %', templates), 'C1 的 Read 在 5% 后返回');
});

test('every sentence of the server keeps its values', () => {
  for (const [format, to] of Object.entries(sentences)) {
    const verbs = format.replaceAll('%%', '').match(/%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]/g)?.length ?? 0;
    const used = new Set(to.match(/\{\d+\}/g) ?? []);
    assert.equal(used.size, verbs, format);
  }
});
