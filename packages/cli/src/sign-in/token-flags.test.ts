import { describe, expect, test } from 'vitest';
import { parseArgs } from '../frame/args.js';
import { readLifetime, readScopes } from './token-flags.js';

const FLAGS = [
  { name: 'scope', value: 'S', repeat: true, summary: '' },
  ...['namespace', 'workflow', 'expires', 'expires-in-days'].map((name) => ({
    name,
    value: 'X',
    summary: '',
  })),
  { name: 'no-expiry', summary: '' },
];
const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
const read = (line: string) =>
  parseArgs(line.split(' ').filter(Boolean), FLAGS, { names: [], required: 0 }, 'x');
const codeOf = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('how long a token lives', () => {
  test.each([
    ['', {}],
    ['--no-expiry', { neverExpires: true }],
    ['--expires 30d', { expiresInDays: 30 }],
    ['--expires 2w', { expiresInDays: 14 }],
    ['--expires 7', { expiresInDays: 7 }],
    ['--expires 2026-01-03', { expiresInDays: 2 }],
    ['--expires-in-days 90', { expiresInDays: 90 }],
    ['--expires 2025-12-31', 'usage.expires'],
    ['--expires 2026-13-31', 'usage.expires'],
    ['--expires 0d', 'usage.expires'],
    ['--expires 3651d', 'usage.expires'],
    ['--expires soon', 'usage.expires'],
    ['--expires-in-days 1.5', 'usage.expires_in_days'],
    ['--expires 1d --no-expiry', 'usage.exclusive_flags'],
    ['--expires 1d --expires-in-days 1', 'usage.exclusive_flags'],
  ])('%j is %j', (line, expected) => {
    expect(codeOf(() => readLifetime(read(line), NOW_MS))).toEqual(expected);
  });
});

describe('what a token covers', () => {
  test.each([
    ['', []],
    ['--scope publish --scope read:acme', ['publish', 'read:acme']],
    ['--scope publish --scope yank --namespace acme', ['publish:acme', 'yank:acme']],
    ['--scope publish --workflow acme/deploy', ['publish:acme/deploy']],
    ['--workflow acme/deploy', 'usage.scope'],
    ['--scope * --namespace acme', 'usage.scope'],
    ['--scope read:b --namespace acme', 'usage.scope'],
    ['--scope read --namespace acme --workflow acme/x', 'usage.exclusive_flags'],
  ])('%j is %j', (line, expected) => {
    expect(codeOf(() => readScopes(read(line)))).toEqual(expected);
  });
});
