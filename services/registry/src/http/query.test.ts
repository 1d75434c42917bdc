import { Type } from '@sinclair/typebox';
import { expect, test } from 'vitest';
import { RegistryError } from '../domain/error.js';
import { queryOf } from './query.js';

const read = queryOf(
  Type.Object(
    {
      topic: Type.Optional(Type.Array(Type.Union([Type.Literal('key.added'), Type.Literal('key.revoked')]))),
      sort: Type.Optional(Type.Union([Type.Literal('name'), Type.Literal('newest')])),
    },
    { additionalProperties: false },
  ),
);

function refusal(querystring: string) {
  try {
    return read({ querystring });
  } catch (error) {
    if (error instanceof RegistryError) return { message: error.message, errors: error.options.errors };
    throw error;
  }
}

test.each([
  ['topic=nothing', 'topic must be one of key.added, key.revoked'],
  ['topic=key.added&topic=nothing', 'topic must be one of key.added, key.revoked'],
  ['sort=size', 'sort must be one of name, newest'],
])('tells for %s, once, what it might be', (query, detail) => {
  const pointer = `?${query.split('=')[0] ?? ''}`;
  expect(refusal(query)).toEqual({
    message: detail,
    errors: [{ pointer, code: 'parameter.invalid', detail }],
  });
});

test('names the parameters that it knows', () => {
  expect(refusal('topics=key.added')).toMatchObject({
    message: 'topics is not a parameter here; known are topic, sort',
  });
});
