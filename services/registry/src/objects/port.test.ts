import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertObjectKey, assertObjectPrefix, blobKey, isObjectKey } from './port.js';

const HEX = '0123456789abcdef'.repeat(4);

describe('the key of a blob', () => {
  it('is fanned out by the first byte of the digest', () => {
    expect(blobKey(`sha256:${HEX}`)).toBe(`b/sha256/01/${HEX}`);
    expect(isObjectKey(blobKey(`sha256:${HEX}`))).toBe(true);
  });

  it.each([
    'sha256:',
    `sha256:${HEX}0`,
    `sha256:${HEX.slice(1)}`,
    `sha256:${HEX.toUpperCase()}`,
    `sha256:${HEX}\n`,
  ])('is refused for %j', (digest) => {
    expect(() => blobKey(digest as `sha256:${string}`)).toThrow(
      expect.objectContaining({ code: 'object.key_invalid' }),
    );
  });
});

describe('an object key', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'z', '0', '.', '_', '-', '/', 'A', '\\', ' ', '\0'),
    maxLength: 12,
  });

  it('stays below its folder', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (key) => {
        fc.pre(isObjectKey(key));
        expect(posix.normalize(`/store/${key}`)).toBe(`/store/${key}`);
        expect(key).toMatch(/^[a-z0-9._/-]+$/);
        expect(key).not.toContain('..' + '/');
      }),
    );
  });

  it('begins with every prefix of it that ends between two segments', () => {
    fc.assert(
      fc.property(text, (key) => {
        fc.pre(isObjectKey(key));
        for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1)) {
          assertObjectPrefix(key.slice(0, end + 1));
        }
      }),
    );
  });

  it('has at most 512 characters, and 200 in a segment', () => {
    const segment = 'a'.repeat(200);
    expect(isObjectKey(segment)).toBe(true);
    expect(isObjectKey(`${segment}a`)).toBe(false);
    expect(isObjectKey(`${segment}/${segment}/${'a'.repeat(110)}`)).toBe(true);
    expect(isObjectKey(`${segment}/${segment}/${'a'.repeat(111)}`)).toBe(false);
  });

  it('is shown shortened and without control characters when it is refused', () => {
    const message = `object key "a?[2Jb${'x'.repeat(74)}" is not valid`;
    expect(() => {
      assertObjectKey(`a\u001b[2Jb${'x'.repeat(500)}`);
    }).toThrow(message);
  });

  it('is refused in no time when it is long', () => {
    const before = process.cpuUsage();
    expect(isObjectKey('a.'.repeat(1_000_000))).toBe(false);
    expect(isObjectKey(`${'.'.repeat(511)}!`)).toBe(false);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(100);
  });
});
