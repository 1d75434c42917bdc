import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_NAMESPACES } from '../limits/most-namespaces.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { findDistance } from './distance.js';
import { createCommonWords } from './common-words.js';
import { countFacets } from './facets.js';
import { createMarker } from './highlight.js';
import { privateQuery, textQuery, type SearchQuery } from './query.js';
import { quoteTerm } from './term-query.js';
import { indexTerms } from './terms.js';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const QUERY: SearchQuery = { text: 'x', tags: [], sort: 'relevance', limit: 20, readable: [] };

describe('a query of terms', () => {
  test('has syntax only between quoted terms, whatever was typed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { names, head, anywhere } = textQuery(text) ?? {};
        for (const query of [names, head, anywhere])
          expect((query ?? '').replace(/'(?:[^'\\]|''|\\\\)*'/g, 'T')).toMatch(/^[T &|():*]*$/);
      }),
    );
  });
  test('quotes so that a term ends where it ends', () => {
    expect(quoteTerm(`a'b\\c`)).toBe(`'a''b\\\\c'`);
  });
  test('asks for nothing where there is nothing', () => {
    expect(textQuery('  ')).toBeUndefined();
    expect(textQuery('🚀')).toMatchObject({
      names: undefined,
      head: undefined,
      anywhere: undefined,
      exact: undefined,
    });
  });
  test('takes the last word for a beginning until something stands behind it', () => {
    expect(textQuery('dep')?.names).toBe(`'=dep':*`);
    expect(textQuery('dep ')?.names).toBe(`'=dep'`);
  });
});

describe('terms', () => {
  const facts = {
    title: 'T',
    description: 'd'.repeat(10_000),
    tags: ['git'],
    license: 'MIT',
    permissions: { network: ['a'], exec: [], read: [], write: [], secrets: [] },
    parameters: {},
    outputs: [],
    requirements: [],
    steps: [],
    files: [],
  };
  test('of a text are bounded, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (readme) => {
        const { terms } = indexTerms({ namespace: 'acme', name: 'a-b', facts, readme: readme.repeat(50) });
        expect(terms.length).toBeLessThan(4_500);
        for (const term of terms) expect(Buffer.byteLength(term)).toBeLessThan(1_000);
      }),
      { numRuns: 20 },
    );
  });
  test('hold filters, names and stems', () => {
    const { terms, head } = indexTerms({
      namespace: 'acme',
      name: 'release-notes',
      facts,
      readme: 'Zymurgical',
    });
    expect(terms).toEqual(
      expect.arrayContaining([
        '#git',
        '@acme',
        '%mit',
        '!network',
        '=release',
        '=releasenotes',
        '.releas',
        '*zymurg',
      ]),
    );
    expect(head).not.toContain('*zymurg');
  });
});

describe('a cursor', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 5_000, noNaN: true }), fc.nat(), (key, id) => {
        const cursor = { key: String(key), id, total: 7, isExact: true };
        fc.pre(!/e-\d{3}/.test(cursor.key));
        expect(decodeCursor(QUERY, encodeCursor(QUERY, cursor))).toEqual(cursor);
      }),
    );
  });
  test('of another search, and anything else, is refused', () => {
    const cursor = encodeCursor(QUERY, { key: '1', id: 1, total: 1, isExact: true });
    expect(() => decodeCursor({ ...QUERY, sort: 'name' }, cursor)).toThrow(
      'cursor is not one of this search',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
        (text) => {
          expect(() => decodeCursor(QUERY, text)).toThrow('cursor is not one of this search');
        },
      ),
    );
  });
});

describe('distance', () => {
  test.each([
    ['deploy', 'depoly', 1],
    ['deploy', 'deploy', 0],
    ['deploy', 'dploy', 1],
    ['deploy', 'deeploy', 1],
    ['deploy', 'desloy', 1],
    ['deploy', 'dseloyy', undefined],
    ['ca', 'abc', undefined],
    ['', 'ab', 2],
  ])('from %j to %j is %s', (a, b, expected) => {
    expect(findDistance(a, b, 2)).toBe(expected);
  });
  test('is the same both ways, and as without a limit', () => {
    const word = fc.stringMatching(/^[abc]{0,8}$/);
    fc.assert(
      fc.property(word, word, (a, b) => {
        const whole = findDistance(a, b, 20) ?? Infinity;
        expect(findDistance(b, a, 20)).toBe(whole);
        expect(findDistance(a, b, 2)).toBe(whole <= 2 ? whole : undefined);
      }),
    );
  });
});

test('marked pieces are the whole text, in alternation', () => {
  fc.assert(
    fc.property(anyText, anyText, (asked, text) => {
      const query = textQuery(asked);
      const marked = query && createMarker(query).mark(text);
      if (!marked) return;
      expect(marked.map(([piece]) => piece).join('')).toBe(text);
      for (const [i, [piece, isHit]] of marked.entries()) {
        expect(piece).not.toBe('');
        expect(isHit).not.toBe(marked[i + 1]?.[1]);
      }
    }),
  );
});

test('markup in a text is marked as text', () => {
  const query = textQuery('script');
  expect(query && createMarker(query).mark('<script>alert(1)</script>')).toEqual([
    ['<', false],
    ['script', true],
    ['>alert(1)</', false],
    ['script', true],
    ['>', false],
  ]);
});

test('facets are counted, the 20 most frequent of each', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `t${i}\toacme\tsactive`).join('\n');
  const { tags, owners, states, licenses } = countFacets(`${lines}\nt7\tlMIT`);
  expect([tags.length, tags[0], owners, states, licenses]).toEqual([
    20,
    { value: '7', workflows: 2 },
    [{ value: 'acme', workflows: 30 }],
    [{ value: 'active', workflows: 30 }],
    [{ value: 'MIT', workflows: 1 }],
  ]);
});

test('of facets as frequent the first of the alphabet are kept', () => {
  const values = Array.from({ length: 50 }, (_, i) => `t${String((i * 37) % 50).padStart(2, '0')}`);
  expect(countFacets(values.join('\n')).tags.map(({ value }) => value)).toEqual(
    values
      .map((value) => value.slice(1))
      .toSorted()
      .slice(0, 20),
  );
});

test('common words are remembered, so many and no more', () => {
  const words = createCommonWords(3);
  words.add(['a', 'b']);
  words.add(['c']);
  expect(['a', 'b', 'c', 'd'].map((word) => words.has(word))).toEqual([true, true, true, false]);
  words.add(['d']);
  expect(['a', 'b', 'c', 'd'].map((word) => words.has(word))).toEqual([false, false, false, true]);
});

test.each([
  ['libfoo dev', ['libfoo']],
  ['a python module dev', ['python', 'module']],
  ['python module ', undefined],
  ['python', undefined],
  ['the py', undefined],
])('what has the other words of %j is what has %j', (text, words) => {
  expect(textQuery(text)?.others?.words).toEqual(words);
});

test.each([
  ['hub', 'a GitHub mirror', 'GitHub'],
  ['mirrors', 'A Mirror of it', 'Mirror'],
  ['mir', 'a mirror', 'mirror'],
  ['naive', 'a na\u00efve mirror', 'na\u00efve'],
  ['x2', 'about X2.', 'X2'],
  ['mirror', `a ${'m'.repeat(60)}mirror`, undefined],
])('%j marks in %j %j', (asked, text, expected) => {
  const query = textQuery(asked);
  const marked = query && createMarker(query).mark(text);
  expect(marked?.filter(([, isHit]) => isHit)).toEqual(
    expected === undefined ? undefined : [[expected, true]],
  );
});

test('a search names no more private namespaces than somebody may be a member of', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `ns-${i}`);
  expect(privateQuery(names)?.split('|')).toHaveLength(MOST_NAMESPACES);
  expect(privateQuery(names.slice(0, 2))?.split('|')).toHaveLength(2);
});
