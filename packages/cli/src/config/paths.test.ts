import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPaths, withVariable } from './paths.js';

describe('findPaths', () => {
  it('follows the XDG variables, and HOME without them', () => {
    const paths = findPaths({ HOME: '/home/ana b', XDG_CACHE_HOME: '/ca ché' }, isAbsolute);
    expect([paths.config(), paths.state(), paths.cache()]).toEqual([
      '/home/ana b/.config/sheaf',
      '/home/ana b/.local/state/sheaf',
      '/ca ché/sheaf/workflows',
    ]);
  });

  it('ignores a relative XDG variable, as the specification says', () => {
    expect(findPaths({ HOME: '/h', XDG_CONFIG_HOME: 'x' }, isAbsolute).config()).toBe('/h/.config/sheaf');
  });

  it('says what to set only when a folder is needed', () => {
    const paths = findPaths({}, isAbsolute);
    expect(() => paths.config()).toThrow(expect.objectContaining({ code: 'config.home_missing' }) as Error);
  });
});

describe('withVariable', () => {
  const paths = findPaths({ HOME: '/h', XDG_CACHE_HOME: '/c' }, isAbsolute);
  const helpOf = (code: string, message: string): readonly string[] =>
    withVariable({ code, message, help: ['x'] }, paths).help.slice(1);

  it('names the variable of the folder that failed, also when one above it did', () => {
    const state = ['or set XDG_STATE_HOME to a folder that you can write to'];
    expect(helpOf('file.denied', '/h/.local/state/sheaf/runs: access is denied')).toEqual(state);
    expect(helpOf('trust.unusable', 'the trust store /h/.local/state/sheaf/trust cannot be used')).toEqual(
      state,
    );
    expect(helpOf('file.denied', '/h/.local: access is denied')).toEqual(state);
    expect(helpOf('cache.unusable', 'the cache in /c/sheaf/workflows cannot be used')).toHaveLength(1);
  });

  it('says nothing about other files, nor without a home', () => {
    expect(helpOf('file.denied', '/flows/mine: access is denied')).toEqual([]);
    expect(helpOf('definition.invalid', '/h/.config/sheaf: x')).toEqual([]);
    const report = { code: 'file.denied', message: '/h: x', help: [] };
    expect(withVariable(report, findPaths({}, isAbsolute))).toBe(report);
  });
});
