import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSize } from '../js/hosts/generate.js';
import { plainNumber, typedNumber } from '../js/hosts/typed.js';
import { parseOption } from '../js/options-form.js';
import { FIELDS, parseField } from '../js/wire/model.js';

test('a number that was typed is sent as it is, 0 too, and nothing where nothing stands', () => {
  for (const [text, want] of /** @type {[string, number|undefined][]} */ ([['', undefined], ['  ', undefined], ['0', 0], [' 5 ', 5], ['1.5', 1.5], ['many', -1], ['010', -1], ['0x10', -1], ['+5', -1], ['1e3', -1], ['５', -1]])) {
    assert.equal(typedNumber(text), want, text);
  }
});

test('a number is plain decimal, in every field', () => {
  const option = /** @type {const} */ ({ name: 'TTL', type: 'int', label: 'TTL' });
  for (const [text, want] of /** @type {[string, number|null][]} */ ([['5', 5], [' 5 ', 5], ['0', 0], ['10', 10], ['010', null], ['00', null], ['0x10', null], ['0b1', null], ['+5', null], ['1e3', null], ['1_000', null], ['5 6', null], ['', null]])) {
    assert.equal(plainNumber(text), want, text);
    assert.equal(parseOption(/** @type {any} */ (option), text), want, text);
    if (text !== '') assert.equal(parseSize(text), want, text);
    if (text !== '' && text !== '0') assert.equal(parseField(FIELDS[0], text), want, text);
  }
  assert.equal(parseOption(/** @type {any} */ (option), '-1'), -1);
  assert.equal(parseOption(/** @type {any} */ (option), '-01'), null);
});
