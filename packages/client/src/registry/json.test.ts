import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { thrown } from '../testing/failure.js';
import { parseBounded, readJson } from './json.js';

const bytes = (text: string) => Buffer.from(text);
const Schema = Type.Object({ a: Type.Array(Type.String()) });

describe('readJson', () => {
  it('leaves members alone that the schema does not know', () => {
    expect(readJson(Schema, bytes('{"a":["x"],"later":1}'), 'https://host')).toEqual({ a: ['x'], later: 1 });
  });

  it.each(['', '{}', '{"a":[1]}', '[]', 'null', '{"a":["x"]', '<html>', '\ufeff{"a":[]}x'])(
    'refuses %j',
    async (text) => {
      await thrown(() => readJson(Schema, bytes(text), 'https://host'), 'response.invalid');
    },
  );

  it('refuses bytes that are not UTF-8', async () => {
    await thrown(() => readJson(Schema, Buffer.from([0x7b, 0xff]), 'https://host'), 'response.invalid');
  });
});

describe('parseBounded', () => {
  it('allows 32 levels and no more, whatever stands in strings', () => {
    const nested = (levels: number) => bytes('['.repeat(levels) + ']'.repeat(levels));
    expect(parseBounded(nested(32))).toBeDefined();
    expect(parseBounded(nested(33))).toBeUndefined();
    const text = JSON.stringify('["\\'.repeat(100));
    expect(parseBounded(bytes(text))).toBe('["\\'.repeat(100));
  });

  it('reads a text with millions of escapes', () => {
    const text = 'a\n'.repeat(3_000_000);
    expect(parseBounded(bytes(JSON.stringify(text))) === text).toBe(true);
  });

  it('stays quick with a million brackets or quotes', () => {
    const before = process.cpuUsage();
    expect(parseBounded(bytes('['.repeat(1_000_000)))).toBeUndefined();
    expect(parseBounded(bytes('"\\"'.repeat(1_000_000)))).toBeUndefined();
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
  });

  it('gives a member called __proto__ no power', () => {
    const value = parseBounded(bytes('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});
