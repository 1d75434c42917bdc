import { describe, expect, it } from 'vitest';
import { readParameters } from './parameters.js';

describe('readParameters', () => {
  it('cuts at the first equals sign', () => {
    expect({ ...readParameters(['a=b=c', 'd=']) }).toEqual({ a: 'b=c', d: '' });
  });

  it('treats names of every object like others', () => {
    const given = readParameters(['__proto__=x', 'constructor=y']);
    expect(Object.keys(given)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(given)).toBeNull();
  });

  it.each([['who'], ['=x']])('refuses %j', (word) => {
    expect(() => readParameters([word])).toThrow(
      expect.objectContaining({ code: 'usage.parameter' }) as Error,
    );
  });

  it('refuses a name given twice', () => {
    expect(() => readParameters(['a=1', 'a=2'])).toThrow(
      expect.objectContaining({ code: 'usage.parameter' }) as Error,
    );
  });
});
