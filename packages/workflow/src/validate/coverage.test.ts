import { describe, expect, it } from 'vitest';

import { coversHost, coversPath } from './coverage.js';

describe('permissions for paths', () => {
  it.each([
    [['dist/**'], 'dist/a.txt', true],
    [['dist/**'], 'dist', true],
    [['dist/**'], './dist/a/b', true],
    [['dist'], 'dist/a.txt', true],
    [['dist/*.txt'], 'dist/a.txt', true],
    [['dist/*.txt'], 'dist/a/b.txt', false],
    [['dist/**'], 'distribution/a', false],
    [['.'], 'anything/at/all', true],
    [['dist/**'], 'dist/sub/**', true],
    [['dist/sub/**'], 'dist/**', false],
    [[], 'a', false],
    [['.'], '/etc', false],
    [['**'], '/etc/**', false],
    [['.'], '../other', false],
    [['dist/**'], 'dist/../secret', false],
    [['../shared'], '../shared', true],
    [['/srv/data'], '/srv/data/a', true],
    [['/'], '/etc', true],
    [['/'], 'a', false],
  ] as const)('%j takes %s: %s', (globs, path, covered) => {
    expect(coversPath(globs, path)).toBe(covered);
  });
});

describe('permissions for hosts', () => {
  it.each([
    [['api.example.com'], 'api.example.com', true],
    [['API.example.com'], 'api.example.com:443', true],
    [['*.example.com'], 'api.example.com', true],
    [['*.example.com'], 'example.com', false],
    [['*.example.com'], 'badexample.com', false],
    [['api.example.com:8443'], 'api.example.com:443', false],
    [['*'], 'any.where', true],
    [['example.com'], 'api.example.com', false],
  ] as const)('%j takes %s: %s', (hosts, host, covered) => {
    expect(coversHost(hosts, host)).toBe(covered);
  });
});
