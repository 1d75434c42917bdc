import { describe, expect, it } from 'vitest';

import { findDurationMs } from './duration.js';
import { parameterVariable, toEnvironmentString } from './environment.js';
import { suggest } from './suggest.js';
import { lowerFirst, printable } from './text.js';

describe('text for people', () => {
  it('shows what could forge output as escapes', () => {
    expect(printable('a\u001b[31m\u202eb\u200b\n\ud800')).toBe('a\\u{1b}[31m\\u{202e}b\\u{200b}\\n\\u{d800}');
    expect(printable('héllo 😀')).toBe('héllo 😀');
    expect(printable('x'.repeat(90))).toBe(`${'x'.repeat(80)}…`);
  });

  it('begins small, except with a name', () => {
    expect(['Shell commands', 'SemVer only', 'TOML', 'A host'].map(lowerFirst)).toEqual([
      'shell commands',
      'SemVer only',
      'TOML',
      'a host',
    ]);
  });

  it.each([
    ['biuld', ['test', 'build'], 'build'],
    ['licence', ['license', 'name'], 'license'],
    ['RUN', ['run'], 'run'],
    ['x', ['y'], undefined],
    ['completely', ['different'], undefined],
  ])('suggests for %s of %j: %s', (word, candidates, expected) => {
    expect(suggest(word, candidates)).toBe(expected);
  });
});

describe('text for machines', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['8d', undefined],
    ['0s', undefined],
    ['1', undefined],
    ['1s ', undefined],
    ['-1s', undefined],
  ])('reads the duration %s as %s ms', (text, expected) => {
    expect(findDurationMs(text)).toBe(expected);
  });

  it.each([
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-1.25e22, '-12500000000000000000000'],
    [0.1, '0.1'],
    [true, 'true'],
    [null, ''],
    ['x', 'x'],
    [[1, 'a'], '[1,"a"]'],
  ])('writes %j into the environment as %s', (value, expected) => {
    expect(toEnvironmentString(value)).toBe(expected);
  });

  it('names the variable of a parameter', () => {
    expect(parameterVariable('fail-on_unknown')).toBe('PARAM_FAIL_ON_UNKNOWN');
  });
});
