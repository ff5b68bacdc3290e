import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typedNumber } from '../js/hosts/typed.js';

test('a number that was typed is sent as it is, 0 too, and nothing where nothing stands', () => {
  for (const [text, want] of /** @type {[string, number|undefined][]} */ ([['', undefined], ['  ', undefined], ['0', 0], [' 5 ', 5], ['1.5', 1.5], ['many', -1], ['５', -1]])) {
    assert.equal(typedNumber(text), want, text);
  }
});
