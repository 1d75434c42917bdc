import { expect, test } from 'vitest';
import type { Role } from '@sheaf/client/contract';
import type { Principal } from './principal.js';
import { mayRead, readablePrivate } from './reading.js';

const person = (role?: Role, scopes: readonly string[] = ['*'], isAdmin = false): Principal => ({
  userId: 1,
  user: 'ana',
  isAdmin,
  via: 'token',
  token: { id: 't', name: 't', scopes, createdAt: new Date(0), expiresAt: null },
  roles: new Map(role ? [['acme', role]] : []),
});

const ACME = { name: 'acme', visibility: 'private' } as const;

test.each([
  ['nobody', undefined, false],
  ['a stranger', person(), false],
  ['a reader', person('reader'), true],
  ['a publisher', person('publisher'), true],
  ['an owner', person('owner'), true],
  ['an admin', person(undefined, ['*'], true), true],
  ['a reader with a token for reading', person('reader', ['read']), true],
  ['a reader with a token for reading there', person('reader', ['read:acme']), true],
  ['a reader with a token for one workflow there', person('reader', ['publish:acme/deploy']), true],
  ['a reader with a token for another namespace', person('reader', ['publish:other', 'read:acm']), false],
  ['a reader with a token for tokens', person('reader', ['token', 'namespace']), false],
  ['a reader with a token of an unknown verb', person('reader', ['toString', '__proto__:acme', '']), false],
  ['an admin with a token for another namespace', person(undefined, ['read:other'], true), false],
  ['an admin with a token for it', person(undefined, ['read:acme'], true), true],
])('%s reads a private namespace or is told that there is none: %#', (_who, principal, expected) => {
  expect(mayRead(principal, ACME)).toBe(expected);
  expect(mayRead(principal, { name: 'acme', visibility: 'public' })).toBe(true);
  const many = readablePrivate(principal);
  expect(many === 'all' || many.includes('acme')).toBe(expected);
});

test('only an admin whose token is bound to nothing reads every private namespace', () => {
  expect(readablePrivate(person(undefined, ['*'], true))).toBe('all');
  expect(readablePrivate(person(undefined, ['read'], true))).toBe('all');
  expect(readablePrivate(person(undefined, ['token'], true))).toEqual([]);
  expect(readablePrivate(person(undefined, ['publish:acme/x', 'read:b'], true))).toEqual(['acme', 'b']);
  expect(readablePrivate(person('owner'))).toEqual(['acme']);
});
