import { describe, expect, it } from 'vitest';
import { compareVersions, findVersion } from './requirements.js';

describe('findVersion', () => {
  it.each([
    ['git version 2.39.5', '2.39.5'],
    ['v20.20.2', '20.20.2'],
    ['jq-1.6', '1.6'],
    ['tool 7', undefined],
  ])('finds in %j the version %s', (text, version) => {
    expect(findVersion(text)).toBe(version);
  });
});

describe('compareVersions', () => {
  it('compares numbers as numbers, and takes missing parts as 0', () => {
    expect(compareVersions('2.9', '2.30')).toBe(-1);
    expect(compareVersions('2.30', '2.30.0')).toBe(0);
    expect(compareVersions('10.0', '9.9.9')).toBe(1);
  });
});
