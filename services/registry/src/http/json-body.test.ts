import { Readable } from 'node:stream';
import { CreateNamespaceSchema, CreateTokenSchema, SetMemberSchema } from '@sheaf/client/contract';
import { Type, type TSchema } from '@sinclair/typebox';
import { expect, test } from 'vitest';
import { RegistryError } from '../domain/error.js';
import type { RequestContext } from './context.js';
import { jsonBodyOf } from './json-body.js';

async function refusal(schema: TSchema, body: unknown): Promise<readonly string[]> {
  const ctx = {
    is: () => true,
    get: () => '',
    req: Readable.from([Buffer.from(JSON.stringify(body))]),
    state: {},
  };
  try {
    await jsonBodyOf(schema)(ctx as unknown as RequestContext);
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'request.invalid')
      return (error.options.errors ?? []).map(({ pointer = '', detail }) => `${pointer}: ${detail}`);
    throw error;
  }
  throw new Error('the body was taken');
}

test('names a field that is not known, and those that are', async () => {
  expect(await refusal(CreateNamespaceSchema, { name: 'acme', colour: 'red' })).toEqual([
    `/colour: /colour is not known here; known are ${Object.keys(CreateNamespaceSchema.properties).join(', ')}`,
  ]);
});

test('shows nothing of such a name that could reorder a line, and not all of a long one', async () => {
  const [first = ''] = await refusal(CreateNamespaceSchema, {
    name: 'acme',
    [`\u202e\n${'x'.repeat(200)}`]: 1,
  });
  expect(first).toMatch(/^\/\\u\{202e\}\\nx{38}…: \/\\u/);
});

test('names what is missing', async () => {
  expect(await refusal(CreateNamespaceSchema, {})).toEqual(['/name: /name is needed']);
});

test('says which words there are, once', async () => {
  expect(await refusal(SetMemberSchema, { role: 'king' })).toEqual([
    '/role: /role must be one of reader, publisher, maintainer, owner',
  ]);
});

test('says what a pattern means, and never the pattern', async () => {
  expect(await refusal(CreateTokenSchema, { name: 'a\tb' })).toEqual([
    '/name: /name must be letters, digits, punctuation and spaces',
  ]);
  const time = Type.String({
    description: 'RFC 3339, UTC',
    examples: ['2026-11-21T08:30:00Z'],
    pattern: 'Z$',
  });
  expect(await refusal(Type.Object({ at: time }), { at: 'now' })).toEqual([
    '/at: /at must look like 2026-11-21T08:30:00Z (RFC 3339, UTC)',
  ]);
});

test('refuses a token that could do nothing', async () => {
  expect(await refusal(CreateTokenSchema, { name: 'ci', scopes: [] })).toEqual([
    '/scopes: /scopes must have at least 1 item',
  ]);
});

test('counts what is too long', async () => {
  expect(await refusal(CreateTokenSchema, { name: 'x'.repeat(101) })).toEqual([
    '/name: /name must have at most 100 characters',
  ]);
});

test('tells of a body that is no object as of the body', async () => {
  expect(await refusal(CreateNamespaceSchema, [])).toEqual([': the body must be object']);
});
