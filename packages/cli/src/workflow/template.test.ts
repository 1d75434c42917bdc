import { describe, expect, it } from 'vitest';
import { fitName } from '../commands/init.js';
import { fillTemplate } from './template.js';

describe('fillTemplate', () => {
  it('fills every placeholder and nothing else', () => {
    expect(
      fillTemplate('{{namespace}}/{{name}} {{name}} {{other}} ${{ params.x }}', {
        namespace: 'a',
        name: 'b$&',
      }),
    ).toBe('a/b$& b$& {{other}} ${{ params.x }}');
  });
});

describe('fitName', () => {
  it.each([
    ['My Flow', 'my-flow'],
    ['Ünïcode', 'unicode'],
    ['--x--', 'x'],
    ['ana@host', 'ana-host'],
    [`${'a'.repeat(63)}-b`, 'a'.repeat(63)],
  ])('makes %s fit the grammar', (text, name) => {
    expect(fitName(text)).toBe(name);
  });

  it('gives up when nothing is left', () => {
    expect(fitName('日本')).toBeUndefined();
  });
});
