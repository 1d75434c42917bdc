import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPaths } from './paths.js';

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
