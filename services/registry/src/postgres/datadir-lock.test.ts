import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHolder } from './datadir-lock.js';

describe('the content of a lock file', () => {
  it('names a process', () => {
    expect(parseHolder('{"pid":7,"started":"boot:1"}')).toEqual({ pid: 7, started: 'boot:1' });
  });

  it.each([
    '',
    'released',
    'null',
    '[]',
    '7',
    '{"pid":"7","started":""}',
    '{"pid":7}',
    '{"pid":7,"started":1}',
  ])('names nobody when it reads %j', (text) => {
    expect(parseHolder(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const holder = parseHolder(text);
        expect(holder === undefined || typeof holder.pid === 'number').toBe(true);
      }),
    );
  });
});
