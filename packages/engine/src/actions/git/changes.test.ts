import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionError } from '../action-error.js';
import { parseChanges } from './changes.js';
import { parseCommits } from './commits.js';

describe('what git prints', () => {
  it('is read as changes, or refused, whatever it is', () => {
    const part = fc.oneof(
      fc.constantFrom(
        ':100644 100644 a b M',
        ':100644 100644 a b R100',
        '1\t2\tx',
        '-\t-\t',
        '1\t2\t',
        'x',
        '',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        try {
          for (const change of parseChanges(parts.join('\0')))
            expect(Number.isSafeInteger(change.additions)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ActionError);
        }
      }),
    );
  });

  it('is read as the commits that it was made of', () => {
    const field = fc.string().map((text) => text.replaceAll('\0', ''));
    const commit = fc.tuple(field, field, field, field, field, field, field);
    fc.assert(
      fc.property(fc.array(commit, { minLength: 1 }), (commits) => {
        const read = parseCommits(commits.map((fields) => `${fields.join('\0')}\0`).join(''));
        expect(read.map((each) => [each.hash, each.subject])).toEqual(
          commits.map((fields) => [fields[0], fields[5]]),
        );
      }),
    );
  });
});
