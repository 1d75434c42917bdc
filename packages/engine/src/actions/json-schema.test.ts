import { describe, expect, it } from 'vitest';
import type { JsonValue } from '@sheaf/workflow';
import { findMisfit } from './json-schema.js';

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    level: { enum: ['low', 'high'] },
    counts: { type: 'array', items: { type: 'integer', minimum: 0 }, maxItems: 2 },
    note: { type: ['string', 'null'] },
    key: { anyOf: [{ type: 'integer' }, { const: 'none' }] },
  },
  required: ['name'],
  additionalProperties: false,
};

describe('a value held against a JSON Schema', () => {
  it.each([
    { name: 'a' },
    { name: 'a', level: 'low', counts: [0, 1], note: null, key: 3 },
    { name: '🙂', note: 'b', key: 'none' },
  ])('fits: %j', (value) => {
    expect(findMisfit(schema, value)).toBeUndefined();
  });

  it.each([
    ['a', 'it must be object'],
    [{}, 'it lacks "name"'],
    [{ name: 1 }, '"name" must be string'],
    [{ name: '' }, '"name" is below 1'],
    [{ name: 'a', level: 'mid' }, '"level" is none of the values that it may have'],
    [{ name: 'a', counts: [1, -1] }, '"counts[1]" is below 0'],
    [{ name: 'a', counts: [1.5] }, '"counts[0]" must be integer'],
    [{ name: 'a', counts: [1, 2, 3] }, '"counts" is above 2'],
    [{ name: 'a', note: 1 }, '"note" must be string or null'],
    [{ name: 'a', key: 'some' }, '"key" fits none of what it may be'],
    [{ name: 'a', other: 1 }, '"other" should not be there'],
    [JSON.parse('{"name": "a", "__proto__": 1}') as JsonValue, '"__proto__" should not be there'],
  ])('does not fit: %j', (value, message) => {
    expect(findMisfit(schema, value)).toBe(message);
  });
});
