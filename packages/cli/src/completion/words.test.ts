import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepNewest } from './words.js';

describe('words that are kept for shells', () => {
  it('are plain, whatever a registry says', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[a-z$`;'"()\\ /@:-]{1,20}$/),
    );
    fc.assert(
      fc.property(fc.constantFrom('reference', 'run', 'key'), fc.array(anything), (kind, words) => {
        for (const word of keepNewest(kind, words, words) ?? [])
          expect(word).toMatch(/^[A-Za-z0-9][A-Za-z0-9:/@.+_-]*$/);
      }),
    );
  });

  it('are kept once, the newest first, and no more than there is room for', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,3}$/);
    fc.assert(
      fc.property(fc.uniqueArray(word), fc.array(word), (before, words) => {
        const after = keepNewest('run', before, words) ?? before;
        expect(new Set(after).size).toBe(after.length);
        expect(new Set(after)).toEqual(new Set([...before, ...words]));
        const fresh = [...new Set(words)];
        if (fresh.some((each) => !before.includes(each))) expect(after.slice(0, fresh.length)).toEqual(fresh);
      }),
    );
  });

  it('leave the file alone when all of them are known', () => {
    expect(keepNewest('reference', ['acme/a', 'acme/b'], ['acme/b'])).toBeUndefined();
    expect(keepNewest('reference', [], ['not a reference', '--acme/x', 'acme'])).toBeUndefined();
    expect(keepNewest('reference', ['acme/a'], ['acme/b'])).toEqual(['acme/b', 'acme/a']);
  });
});
