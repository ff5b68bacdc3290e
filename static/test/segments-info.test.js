import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { infoOf } from '../js/views/segments-info.js';
import { record } from './segments-records.js';

/** @param {string} payload one character a byte @param {number} [len] how much there was */
const info = (payload, len = payload.length) => infoOf(record(1, { payload, len }).sent);

/** @param {string} text as UTF-8, one character a byte */
const utf8 = (text) => String.fromCharCode(...new TextEncoder().encode(text));

/** @param {number[]} list */
const bytes = (...list) => String.fromCharCode(...list);

/** @param {number} n */
const u16 = (n) => bytes(n >> 8, n & 255);

/** @param {number} type @param {string} body */
const tls = (type, body, size = body.length) => bytes(type, 3, 3) + u16(size) + body;

/** @param {number} type @param {string} body */
const extension = (type, body) => u16(type) + u16(body.length) + body;

/** @param {1|2} kind @param {string[]} extensions */
function hello(kind, ...extensions) {
  const all = extensions.join('');
  const chosen = kind === 1 ? `${u16(4)}\x13\x01\x13\x02${bytes(1, 0)}` : `\x13\x01${bytes(0)}`;
  const body = `\x03\x03${'r'.repeat(32)}${bytes(4)}sess${chosen}${extensions.length > 0 ? u16(all.length) + all : ''}`;
  return bytes(kind, 0) + u16(body.length) + body;
}

describe('the info of a segment', () => {
  it('is nothing where it carries nothing, or nothing was kept', () => {
    assert.equal(info(''), '');
    assert.equal(infoOf({ ...record(1, { len: 5 }).sent, raw: undefined }), '');
  });

  it('is the first line of HTTP, where all of it is there', () => {
    assert.equal(info('GET /big.txt HTTP/1.1\r\nHost: a\r\n\r\n'), 'GET /big.txt HTTP/1.1');
    assert.equal(info('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'), 'HTTP/1.1 200 OK');
    assert.equal(info('HTTP/1.0 204\n\n'), 'HTTP/1.0 204');
    assert.equal(info('GET /big.t'), '"GET /big.t"');
    assert.equal(info('xt HTTP/1.1\r\n'), '"xt HTTP/1.1\\r\\n"');
    assert.equal(info('GET /<b> HTTP/1.1\r\n'), 'GET /<b> HTTP/1.1');
    assert.equal(info(`GET /${utf8('中')} HTTP/1.1\r\n`), '"GET /中 HTTP/1.1\\r\\n"');
    assert.equal(info('HELLO HTTP\r\n'), '"HELLO HTTP\\r\\n"');
  });

  it('is commands and replies of Redis', () => {
    assert.equal(info('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na b\r\n'), 'SET k "a b"');
    assert.equal(info('+OK\r\n'), '+OK');
    assert.equal(info('+OK\r\n:12\r\n-ERR unknown command\r\n$-1\r\n$5\r\nhello\r\n'), '+OK, :12, -ERR unknown command, (nil), "hello"');
    assert.equal(info('*2\r\n:1\r\n*2\r\n$1\r\na\r\n$0\r\n\r\n'), ':1 [a ""]');
    assert.equal(info(`*2\r\n$3\r\nGET\r\n$6\r\n${utf8('键值')}\r\n`), 'GET "键值"');
  });

  it('is of Redis as far as this segment has it, and says that it goes on', () => {
    assert.equal(info('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$900\r\naaaa'), 'SET k …');
    assert.equal(info('+OK\r\n+O'), '+OK …');
    assert.equal(info('+OK\r\n', 400), '+OK …');
    assert.equal(info('*3\r\n$3\r\nSE'), '"*3\\r\\n$3\\r\\nSE"');
    assert.equal(info('+OK\r\nhello'), '"+OK\\r\\nhello"');
    assert.equal(info('+OK'), '"+OK"');
    assert.equal(info('- a list\r\n- of things\r\n'), '"- a list\\r\\n- of things\\r\\n"');
    assert.equal(info('*9999999999\r\n'), '"*9999999999\\r\\n"');
    assert.equal(info('*1\r\n'.repeat(40)), '"*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n*1\\r\\n"…');
  });

  it('is the records of TLS, a Hello with its version where that is plain', () => {
    const versions = extension(43, `${bytes(6)}\x0a\x0a\x03\x04\x03\x03`);
    assert.equal(info(tls(22, hello(1, extension(0, 'name'), versions))), 'TLS 1.3 Client Hello');
    assert.equal(info(tls(22, hello(1, extension(0, 'name')))), 'TLS 1.2 Client Hello');
    assert.equal(info(tls(22, hello(1))), 'TLS 1.2 Client Hello');
    const answer = tls(22, hello(2, extension(43, '\x03\x04'), extension(51, 'key')));
    assert.equal(info(answer + tls(20, '\x01') + tls(23, 'secret') + tls(23, 'more')), 'TLS 1.3 Server Hello, Change Cipher Spec, Application Data');
    assert.equal(info(tls(21, '\x02\x28')), 'TLS Alert');
    assert.equal(info(tls(22, `${'\0'.repeat(8)}ciphertext`)), 'TLS Handshake');
  });

  it('is of TLS what was kept, and no version that was not', () => {
    const long = tls(22, hello(1, extension(0, 'n'.repeat(300)), extension(43, '\x02\x03\x04')));
    assert.equal(info(long.slice(0, 200), long.length), 'TLS Client Hello');
    assert.equal(info(long.slice(0, 200)), 'TLS Client Hello …');
    assert.equal(info(tls(23, 'the beginning of it', 1400)), 'TLS Application Data …');
    assert.equal(info(`${tls(23, 'all')}\x17\x03`), 'TLS Application Data …');
    for (let n = 5; n < 100; n++) assert.match(info(long.slice(0, n)), /^TLS (?:Handshake|Client Hello) …$/);
  });

  it('is no TLS that only begins like it', () => {
    assert.equal(info(`${tls(23, 'all')}hello`), '17 03 03 00 03 61 6c 6c 68 65 6c 6c 6f');
    assert.equal(info(bytes(22, 3, 3, 255, 255, 1)), '16 03 03 ff ff 01');
    assert.equal(info(bytes(22, 3, 3)), '16 03 03');
    assert.equal(info(bytes(20, 3, 3, 0, 2, 1, 1)), '14 03 03 00 02 01 01');
  });

  it('is else the first bytes, as text where they are', () => {
    assert.equal(info('hello\n'), '"hello\\n"');
    assert.equal(info(utf8('你好, <b>"w"</b>')), '"你好, <b>\\"w\\"</b>"');
    assert.equal(info(utf8('a\u202eb\u0007, and so on')), '"a\\u202eb\\a, and so on"');
    assert.equal(info(utf8('你\n')), '"你\\n"');
    assert.equal(info('hello\0'), '"hello\\x00"');
    assert.equal(info('x'.repeat(200)), `"${'x'.repeat(64)}"…`);
    assert.equal(info('abc', 900), '"abc"…');
    assert.equal(info(utf8('中'.repeat(30))), `"${'中'.repeat(21)}"…`);
  });

  it('is hex where they are none', () => {
    assert.equal(info('\0'), '00');
    assert.equal(info(bytes(0xde, 0xad, 0xbe, 0xef)), 'de ad be ef');
    assert.equal(info('\x80'.repeat(100)), `${'80 '.repeat(24)}…`);
    assert.equal(info(utf8('中').slice(0, 2)), 'e4 b8');
  });

  it('holds for any bytes, without a character that acts', () => {
    let seed = 1;
    const next = () => (seed = (seed * 48271) % 2147483647);
    const starts = ['', '\x16\x03\x01', '\x17\x03\x03\0', '*3\r\n$', '+', '-ERR', ':', '$5\r\n', 'GET / ', 'HTTP/1.1 ', '\x16\x03\x01\0\x80\x01\0\0\x7c\x03\x03'];
    for (let i = 0; i < 20_000; i++) {
      const size = next() % 60;
      const payload = starts[next() % starts.length] + Array.from({ length: size }, () => String.fromCharCode(next() % 256)).join('');
      const words = info(payload, payload.length + (next() % 2) * 100);
      assert.doesNotMatch(words, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.ok(words.length < 700, words);
    }
  });
});
