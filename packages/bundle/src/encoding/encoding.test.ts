import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/codes.js';
import { encodeBase64, findBase64 } from './base64.js';
import { compareUtf8 } from '../archive/path.js';
import { canonicalJson } from './canonical-json.js';
import { readMembers } from './members.js';
import { parseStrictJson, type StrictJson } from './strict-json.js';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const parse = (text: string | Uint8Array, max = 65536) =>
  parseStrictJson(text, max, 'json.invalid', 'the text');

/** A strict value as plain JSON, for comparing with JSON.parse. */
function plain(value: StrictJson): unknown {
  if (value instanceof Map) {
    return Object.fromEntries(
      [...(value as ReadonlyMap<string, StrictJson>)].map(([key, member]) => [key, plain(member)]),
    );
  }
  return Array.isArray(value) ? (value as readonly StrictJson[]).map(plain) : value;
}

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger().filter((n) => !Object.is(n, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('base64', () => {
  it('is what Buffer makes of it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(findBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it('has one spelling for each byte string', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9+/=_-]{0,12}$/), (text) => {
        const bytes = findBase64(text);
        if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(text);
      }),
      { numRuns: 1000 },
    );
    for (const bad of ['A', 'AB', 'AB=', 'AB==AB==', 'AB==\n', 'AA=A', '====', 'AC-_', 'AB C', 'AB==']) {
      expect(findBase64(bad), bad).toBeUndefined();
    }
  });
});

describe('canonicalJson', () => {
  it('sorts by UTF-16 code units, as RFC 8785 §3.2.3 shows', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(decode(canonicalJson(value))) as object)).toEqual(
      [
        'One',
        'Carriage Return',
        'Control',
        'Latin Small Letter O With Diaeresis',
        'Euro Sign',
        'Emoji: Grinning Face',
        'Hebrew Letter Dalet With Dagesh',
      ].sort((a, b) => (a === 'One' ? -1 : b === 'One' ? 1 : 0)),
    );
    const keys = [...decode(canonicalJson(value)).matchAll(/"([^"]+)":/g)].map(
      (match) => JSON.parse(`"${match[1] ?? ''}"`) as string,
    );
    expect(keys).toEqual(['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']);
    expect(keys).not.toEqual([...keys].sort(compareUtf8));
  });

  it('escapes as RFC 8785 §3.2.2 shows', () => {
    expect(decode(canonicalJson('\u20ac$\u000f\u000aA\'B"\\\\"/'))).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it('leaves out what is undefined, and no key is special', () => {
    const value = JSON.parse('{"__proto__":1,"constructor":2}') as Record<string, number>;
    expect(decode(canonicalJson({ ...value, b: undefined }))).toBe('{"__proto__":1,"constructor":2}');
  });

  it.each([[1.5], [2 ** 53], [Number.NaN], [Infinity], [-0], ['\ud800'], [{ '\udc00': 1 }]])(
    'refuses %j',
    (value) => {
      expect(codeOf(() => canonicalJson(value))).toBe('json.invalid');
    },
  );

  it('is read back by the strict parser', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = canonicalJson(value as never);
        expect(plain(parse(bytes))).toEqual(JSON.parse(decode(bytes)));
        expect(canonicalJson(plain(parse(bytes)) as never)).toEqual(bytes);
      }),
    );
  });
});

describe('parseStrictJson', () => {
  it.each([
    '',
    ' ',
    '{',
    '{}x',
    '[1,]',
    '[,1]',
    '{"a":1,}',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{a:1}',
    "{'a':1}",
    '01',
    '-',
    '+1',
    '1.0',
    '1e2',
    '9007199254740992',
    '-0',
    'NaN',
    'nul',
    'truex',
    '"\n"',
    '"\\x"',
    '"\\u12"',
    '"',
    '"\\ud800"',
    '\ufeff{}',
    '[1 2]',
    '{"a" 1}',
    '1 2',
    '//',
    '['.repeat(40) + ']'.repeat(40),
  ])('refuses %j', (text) => {
    expect(codeOf(() => parse(text))).toBe('json.invalid');
  });

  it('refuses bytes that are not UTF-8, and documents over the limit', () => {
    expect(codeOf(() => parse(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('json.invalid');
    expect(codeOf(() => parse('[1,2]', 4))).toBe('json.invalid');
  });

  it('accepts what JSON.parse accepts and nothing else, apart from the narrowing above', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]{}",:0-9a\\ tfn-]{0,12}$/), (text) => {
        if (codeOf(() => parse(text)) === 'nothing') expect(plain(parse(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(json, (value) => {
        const spaced = JSON.stringify(value, undefined, 2);
        expect(plain(parse(spaced))).toEqual(JSON.parse(spaced));
      }),
    );
  });

  it('stays linear on a string that never ends', () => {
    const before = process.cpuUsage();
    expect(codeOf(() => parse(`"${'\\"'.repeat(100_000)}`, 1 << 20))).toBe('json.invalid');
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  });

  it('keeps keys that name a prototype as keys', () => {
    const value = parse('{"__proto__":{"a":1}}') as ReadonlyMap<string, StrictJson>;
    expect([...value.keys()]).toEqual(['__proto__']);
    expect(
      codeOf(() => {
        readMembers(value, 'leaf.invalid', 'x').end();
      }),
    ).toBe('leaf.invalid');
    expect(codeOf(() => readMembers(new Map(), 'leaf.invalid', 'x').string('constructor'))).toBe(
      'leaf.invalid',
    );
  });
});
