import fc from 'fast-check';
import { parse } from 'smol-toml';
import { parseTOML, type AST } from 'toml-eslint-parser';
import { describe, expect, it } from 'vitest';

import { createTomlLocator } from './toml-locator.js';
import type { Path, SourceRange } from './tree.js';

/** A place as another parser has it, which keeps the place of everything. */
interface Known {
  readonly path: Path;
  readonly key: SourceRange | undefined;
  readonly value: SourceRange;
}

function listPlaces(text: string): readonly Known[] {
  const places = new Map<string, Known>();
  const add = (path: Path, key: SourceRange | undefined, value: SourceRange): void => {
    const name = JSON.stringify(path);
    if (!places.has(name)) places.set(name, { path, key, value });
  };
  const addValue = (path: Path, key: SourceRange | undefined, node: AST.TOMLContentNode): void => {
    add(path, key, rangeOf(node));
    if (node.type === 'TOMLArray') {
      for (const [at, item] of node.elements.entries()) addValue([...path, at], undefined, item);
    } else if (node.type === 'TOMLInlineTable') for (const pair of node.body) addPair(path, pair);
  };
  const addPair = (base: Path, { key, value }: AST.TOMLKeyValue): void => {
    const path = [...base];
    for (const [depth, part] of key.keys.entries()) {
      path.push(part.type === 'TOMLBare' ? part.name : part.value);
      if (depth === key.keys.length - 1) addValue([...path], rangeOf(part), value);
      else add([...path], rangeOf(part), rangeOf(part));
    }
  };
  for (const node of parseTOML(text, { tomlVersion: '1.1' }).body[0].body) {
    if (node.type === 'TOMLKeyValue') {
      addPair([], node);
      continue;
    }
    for (let length = 1; length <= node.resolvedKey.length; length++) {
      const path = node.resolvedKey.slice(0, length);
      const named = path.filter((part) => typeof part === 'string').length;
      const key = rangeOf(node.key.keys[named - 1] ?? node.key);
      add(path, key, key);
    }
    for (const pair of node.body) addPair(node.resolvedKey, pair);
  }
  return [...places.values()];
}

function rangeOf({ range }: AST.HasLocs): SourceRange {
  return { start: range[0], end: range[1] };
}

const space = fc.constantFrom('', '', ' ', '\t ');
const breaks = fc.constantFrom('\n', '\n', '\r\n', '\n# "[x]" = \'\n', '\n\n  ');
const part = fc.constantFrom('a', 'b', 'c', '1', 'a-b', '"a"', "'b'", '"x.y"', '"q\\"=\\u00e9"', "'#]'");
const key = fc
  .array(fc.tuple(space, part, space), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((each) => each.join('')).join('.'));
const scalar = fc.constantFrom(
  ...['1', '-1_0.5e3', 'true', 'inf', '0x1f', '1979-05-27T07:32:00Z', '1979-05-27 07:32:00', '07:32:00'],
  ...[
    '""',
    "''",
    '"a\\"]b"',
    '"\\\\"',
    "'\\'",
    '"# no"',
    '"""a\n"b" \\""" c"""',
    '"""\na""""',
    "'''x''y''''",
  ],
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.array(fc.tuple(space, tie('value'), space), { maxLength: 3 }), fc.boolean(), breaks)
      .map(([items, isLong, gap]) => {
        const texts = items.map((each) => each.join(''));
        return isLong ? `[${gap}${texts.map((each) => `${each},${gap}`).join('')}]` : `[${texts.join(',')}]`;
      }),
    fc
      .array(fc.tuple(key, space, tie('value'), space), { maxLength: 3 })
      .map(
        (pairs) => `{${pairs.map(([name, gap, inner, end]) => `${name}=${gap}${inner}${end}`).join(',')}}`,
      ),
  ),
}));
const line = fc.oneof(
  fc.tuple(key, space, value, space).map(([name, gap, inner, end]) => `${name}=${gap}${inner}${end}`),
  fc.tuple(key, space).map(([name, gap]) => `[${name}]${gap}`),
  fc.tuple(key, space).map(([name, gap]) => `[[${name}]]${gap}# [c]`),
);
const document = fc
  .tuple(
    fc.constantFrom('', '\n', '\ufeff', '# x\n'),
    fc.array(fc.tuple(space, line, breaks), { maxLength: 8 }),
  )
  .map(([start, lines]) => start + lines.map((each) => each.join('')).join(''));

describe('the places of a TOML text', () => {
  it('are those that a parser with positions gives, in whatever order they are asked for', () => {
    let compared = 0;
    fc.assert(
      fc.property(document, fc.boolean(), (text, isReversed) => {
        fc.pre(isValid(text));
        const known = [...listPlaces(text)];
        const locate = createTomlLocator(text);
        for (const { path, ...place } of isReversed ? known.reverse() : known) {
          const { key: found, value: held } = locate(path) ?? {};
          expect({ key: found, value: held }, `${JSON.stringify(path)} in ${JSON.stringify(text)}`).toEqual(
            place,
          );
          compared += 1;
        }
        expect(locate(['nothing'])).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it('are found in any text without a fault or a search that does not end', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '"""',
      '=',
      ',',
      '.',
      'a',
      '\\',
      '\n',
      ' ',
      '#',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.constantFrom('a', 0), { maxLength: 4 }),
        (all, path) => {
          const found = createTomlLocator(all.join(''))(path);
          expect(found?.value.end ?? 0).toBeLessThanOrEqual(all.join('').length);
        },
      ),
    );
  });

  it('cost no stack and no memory of what is nested without end', () => {
    const text = `a = ${'['.repeat(1_000_000)}`;
    expect(createTomlLocator(text)(['a'])?.value).toEqual({ start: 4, end: text.length });
    expect(createTomlLocator(text)(['a', 0, 0])?.value.start).toBe(6);
  });
});

/** Both parsers must read it: they differ in what of TOML 1.1 they know. */
function isValid(text: string): boolean {
  try {
    parse(text);
    parseTOML(text, { tomlVersion: '1.1' });
    return true;
  } catch {
    return false;
  }
}
