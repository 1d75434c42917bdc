import fc from 'fast-check';
import { expect, test } from 'vitest';
import { returnPath, SESSION_PATH } from './return-path.js';

test.each([
  ['/acme/deploy?tab=files#x', '/acme/deploy?tab=files#x'],
  ['/', '/'],
  [undefined, SESSION_PATH],
  ['', SESSION_PATH],
  ['https://evil.example', SESSION_PATH],
  ['//evil.example', SESSION_PATH],
  ['/\\evil.example', SESSION_PATH],
  ['\\\\evil.example', SESSION_PATH],
  ['/\t/evil.example', SESSION_PATH],
  ['/\n/evil.example', SESSION_PATH],
  ['/.//evil.example', SESSION_PATH],
  ['/a/..//evil.example', SESSION_PATH],
  ['/%2e//evil.example', SESSION_PATH],
  ['javascript:alert(1)', SESSION_PATH],
  ['evil', SESSION_PATH],
  [`/${'x'.repeat(2000)}`, SESSION_PATH],
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
