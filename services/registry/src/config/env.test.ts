import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberOf, secretOf, urlOf } from './env.js';

const coded = { code: 'usage.invalid' };

describe('a secret', () => {
  const files: Record<string, string> = { '/run/key': 'hidden\n', '/run/empty': '\n' };
  const read = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`there is no ${path}`);
    return text;
  };
  test('is a variable, or what a file holds, without the line end', () => {
    expect(secretOf({ KEY: 'plain' }, 'KEY', read)).toBe('plain');
    expect(secretOf({ KEY_FILE: '/run/key' }, 'KEY', read)).toBe('hidden');
    expect(secretOf({ KEY_FILE: '/run/empty' }, 'KEY', read)).toBeUndefined();
    expect(secretOf({ KEY: '', KEY_FILE: '/run/key' }, 'KEY', read)).toBe('hidden');
  });
  test('is not given twice, and not by a file that is not there', () => {
    expect(() => secretOf({ KEY: 'a', KEY_FILE: '/run/key' }, 'KEY', read)).toThrow(
      expect.objectContaining(coded),
    );
    expect(() => secretOf({ KEY_FILE: '/nowhere' }, 'KEY', read)).toThrow(expect.objectContaining(coded));
  });
});

test('a number is taken exactly when it is written plainly and in its range', () => {
  const range = { default: 5, least: 2, most: 900 };
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: -10, max: 2000 }).map(String), fc.string()), (text) => {
      const isPlain = /^\d{1,15}$/.test(text) && Number(text) >= 2 && Number(text) <= 900;
      const read = () => numberOf({ N: text }, 'N', range);
      if (text === '') expect(read()).toBe(5);
      else if (isPlain) expect(read()).toBe(Number(text));
      else expect(read).toThrow(expect.objectContaining(coded));
    }),
  );
});

test.each(['ftp://x', 'x', 'https://a:b@x', 'https://x/?a=1', 'https://x/#a'])(
  '%s is no URL of a service',
  (text) => {
    expect(() => urlOf({ U: text }, 'U')).toThrow(expect.objectContaining(coded));
  },
);
