import { describe, expect, it } from 'vitest';

import { isVersionRange } from './range.js';

describe('a range of versions', () => {
  it.each([
    '1.2.3',
    '1.2',
    '1',
    '*',
    'x',
    '1.x',
    '^1.2',
    '~0.3.1',
    '>=1.2.0 <3.0.0',
    '=1.0.0-rc.1',
    '1.2.3 - 2.0',
    '^1 || ^2',
    '^1.0.0-alpha.1 || >2 <=3',
  ])('may be written as %s', (text) => {
    expect(isVersionRange(text)).toBe(true);
  });

  it.each([
    '',
    ' ^1',
    '^1 ',
    '^ 1',
    '^1  ^2',
    '^1||^2',
    '|| ^1',
    'latest',
    'v1.0.0',
    '01.0.0',
    '1.0.0-01',
    '1.0.0+build',
    '1.2.3.4',
    'x.1',
    '1.x.3',
    '>*',
    '9007199254740993.0.0',
    '1.2-rc.1',
    '~>1.2',
    '^1\n',
    '1.2.3 -2.0.0',
    `^1${' || ^1'.repeat(40)}`,
  ])('may not be written as %j', (text) => {
    expect(isVersionRange(text)).toBe(false);
  });

  it('is told in linear time', () => {
    const before = process.cpuUsage();
    for (const part of ['1', '-', '0-', '1.x ', '1.0.0-a', ' || '])
      isVersionRange(part.repeat(128 / part.length));
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
  });
});
