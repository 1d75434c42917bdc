import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOutputs } from './outputs.js';

const parse = (text: string) => parseOutputs(new TextEncoder().encode(text));

describe('parseOutputs', () => {
  it('reads lines of key=value, the last of equal keys winning', () => {
    expect(parse('a=1\r\n\nb=x=y\na=2\n')).toEqual({ outputs: { a: '2', b: 'x=y' } });
  });

  it('reads one JSON object with its types', () => {
    expect(parse(' {"n": 1, "list": [true, null]}\n')).toEqual({ outputs: { n: 1, list: [true, null] } });
  });

  it('gives nothing for an empty file', () => {
    expect(parse('')).toEqual({ outputs: {} });
  });

  it.each([
    ['a line without =', 'just text'],
    ['a key with a space', 'a b=1'],
    ['a key of the engine', 'stdout=x'],
    ['broken JSON', '{"a": '],
    ['deep JSON', `{"a": ${'['.repeat(40)}${']'.repeat(40)}}`],
    ['a number that JSON cannot hold', '{"a": 1e999}'],
    ['too many keys', Array.from({ length: 300 }, (_, index) => `k${index}=1`).join('\n')],
  ])('refuses %s', (_what, text) => {
    expect(parse(text)).toMatchObject({ problem: { code: 'output.invalid' } });
  });

  it('refuses what is not UTF-8', () => {
    expect(parseOutputs(Uint8Array.of(0x61, 0x3d, 0xff))).toMatchObject({
      problem: { code: 'output.invalid' },
    });
  });

  it('keeps keys that are special in JavaScript as plain keys', () => {
    const parsed = parse('{"__proto__": {"x": 1}, "constructor": 2}');
    if (!('outputs' in parsed)) throw new Error('refused');
    expect(Object.getPrototypeOf(parsed.outputs)).toBeNull();
    expect(Object.keys(parsed.outputs)).toEqual(['__proto__', 'constructor']);
  });

  it('never throws, and gives back what JSON held', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof parseOutputs(bytes) === 'object'));
    fc.assert(fc.property(fc.string(), (text) => typeof parse(text) === 'object'));
    const keys = fc
      .stringMatching(/^[a-z_][a-z0-9_-]{0,20}$/)
      .filter((key) => key !== 'stdout' && key !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue({ maxDepth: 5 }), { maxKeys: 20 }), (outputs) => {
        const text = JSON.stringify(outputs);
        expect(JSON.stringify(parse(text))).toBe(JSON.stringify({ outputs: JSON.parse(text) as unknown }));
      }),
    );
  });
});
