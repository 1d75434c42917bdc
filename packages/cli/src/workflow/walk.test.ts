import { describe, expect, it } from 'vitest';
import { mayReach } from './walk.js';

describe('mayReach', () => {
  it.each([
    ['**', 'a/b', true],
    ['scripts/**', 'scripts', true],
    ['scripts/**', 'scripts/deep/er', true],
    ['scripts/*.sh', 'scripts', true],
    ['scripts/*.sh', 'scripts/deep', false],
    ['scripts/**', 'other', false],
    ['*/x', 'anything', true],
    ['README.md', 'README.md', false],
  ])('says of %s below %s: %s', (glob, folder, expected) => {
    expect(mayReach(glob, folder)).toBe(expected);
  });
});
