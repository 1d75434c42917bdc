import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isShallow, parseBounded, type ReadBytes } from './json.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The same question, answered character by character. */
function isShallowSlowly(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (inString && character === '\\') at++;
    else if (character === '"') inString = !inString;
    else if (!inString && '[{'.includes(character)) depth++;
    else if (!inString && ']}'.includes(character)) depth--;
    if (depth > 32) return false;
  }
  return true;
}

/** Bytes that count how many of them are looked at, one by one or by a search. */
function counted(text: string): { readonly bytes: ReadBytes; readonly looks: () => number } {
  const inner = bytesOf(text);
  let looks = 0;
  const handler: ProxyHandler<Uint8Array> = {
    get(target, name) {
      if (name === 'length') return target.length;
      if (name === 'indexOf')
        return (byte: number, from: number): number => {
          const found = target.indexOf(byte, from);
          // What a call costs, and what it passes over, which is much less for each byte than a look.
          looks += 16 + ((found === -1 ? target.length : found) - from) / 16;
          return found;
        };
      looks++;
      return target[Number(name)];
    },
  };
  return { bytes: new Proxy(inner, handler), looks: () => looks };
}

describe('the depth of a JSON text', () => {
  it('is what counting character by character gives, for any text', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '"',
      '\\',
      'é',
      '\u{1f33e}',
      ' ',
      '\\"',
      'x'.repeat(40),
      'y'.repeat(33),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 300 }), fc.integer({ min: 0, max: 40 }), (pieces, open) => {
        const text = '['.repeat(open) + pieces.join('');
        expect(isShallow(bytesOf(text))).toBe(isShallowSlowly(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is at most 32, where brackets in strings do not count', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}"${'[{'.repeat(40)}"${']'.repeat(depth)}`;
    expect(parseBounded(bytesOf(nested(32)))).toBeDefined();
    expect(parseBounded(bytesOf(nested(33)))).toBeUndefined();
  });

  it.each([
    ['brackets', '[]'],
    ['empty strings', '"",'],
    ['short strings', `"${'x'.repeat(30)}",`],
    ['strings a bit too long to be short', `"${'x'.repeat(33)}",`],
    ['escaped quotes', '\\"'],
    ['escaped quotes far from each other', `${'x'.repeat(33)}\\"`],
    ['backslashes', '\\\\'],
    ['quotes that never pair', '"\\'],
  ])('costs about one look for each byte of %s', (_, piece) => {
    for (const start of ['', '"']) {
      const text = start + piece.repeat(20_000 / piece.length);
      const { bytes, looks } = counted(text);
      isShallow(bytes);
      expect(looks()).toBeLessThan(1.6 * text.length + 100);
    }
  });
});
