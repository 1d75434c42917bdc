import { expect, test } from 'vitest';
import { visible } from './foreign.js';

test('nothing of a text is unseen, turns it around, or goes on for ever', () => {
  expect(visible('a\u202eb\u0000c\u200bd\ne')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe');
  expect(visible('x'.repeat(1_000_000))).toHaveLength(301);
  expect(visible('😀😀', 3)).toBe('😀\uFFFD…');
  expect(visible('Grüße, 世界')).toBe('Grüße, 世界');
});
