import fc from 'fast-check';
import { expect, test } from 'vitest';
import { returnPath } from './return-path.js';

test.each([
  ['/acme/deploy?tab=files#x', '/acme/deploy?tab=files#x'],
  ['/', '/'],
  [undefined, '/'],
  ['', '/'],
  ['https://evil.example', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['\\\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/\n/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/a/..//evil.example', '/'],
  ['/%2e//evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['evil', '/'],
  [`/${'x'.repeat(2000)}`, '/'],
])('%j leads to %j', (asked, path) => {
  expect(returnPath(asked)).toBe(path);
});

test('nothing leads away, whatever is asked for', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2f',
    '\t',
    '\n',
    '@',
    ':',
    '?',
    '#',
    'evil.example',
    ' ',
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (asked) => {
        const path = returnPath(asked);
        expect(path).toMatch(/^\/(?!\/)/);
        expect(new URL(path, 'https://wf.example.com').origin).toBe('https://wf.example.com');
      },
    ),
    { numRuns: 2000 },
  );
});
