import assert from 'node:assert/strict';
import { test } from 'node:test';

import { format, parse } from '../js/url.js';

const SESSION = '0123456789abcdef0123456789abcdef';

test('a place survives the address bar', () => {
  for (const place of [
    { session: SESSION, tab: /** @type {const} */ ('states'), side: true, network: /** @type {const} */ ('lab'), pair: { left: 'C1', right: 'S1.1' }, selection: { kind: /** @type {const} */ ('event'), seq: 123 }, demo: '', demos: false },
    { session: SESSION, tab: /** @type {const} */ ('log'), side: false, network: /** @type {const} */ ('machine'), pair: { left: null, right: 'S2' }, selection: { kind: /** @type {const} */ ('socket'), socket: 'X1' }, demo: 'handshake-and-close', demos: false },
    { session: '', tab: /** @type {const} */ ('ladder'), side: false, network: /** @type {const} */ ('machine'), pair: { left: null, right: null }, selection: null, demo: '1.q1YqSy0qzszPU7IqKSpN1VFKyU_OBrFiawE', demos: false },
    { session: SESSION, tab: /** @type {const} */ ('netstat'), side: false, network: /** @type {const} */ ('machine'), pair: { left: null, right: null }, selection: null, demo: '', demos: true },
  ]) assert.deepEqual(parse(format(place)), place);
});

test('the fragment as it is written down', () => {
  const fragment = format({ session: SESSION, tab: 'ladder', side: false, network: 'machine', pair: { left: 'C1', right: 'S1.1' }, selection: { kind: 'event', seq: 123 }, demo: '', demos: false });
  assert.equal(fragment, `#s=${SESSION}&tab=ladder&network=machine&pair=C1~S1.1&sel=e123`);
  assert.equal(format({ session: '', tab: 'log', side: false, network: 'lab', pair: { left: null, right: null }, selection: null, demo: '', demos: false }), '#tab=log&network=lab');
});

test('whatever else stands there is left out', () => {
  const nothing = { session: '', tab: 'ladder', side: null, network: '', pair: { left: null, right: null }, selection: null, demo: '', demos: false };
  for (const fragment of ['', '#', '#s=short&tab=nowhere&pair=<b>~&sel=e0', '#sel=e1x', '#network=mars', '#s=' + SESSION.toUpperCase(), '#pair=~~~&sel=javascript:1']) {
    assert.deepEqual(parse(fragment), nothing, fragment);
  }
});
