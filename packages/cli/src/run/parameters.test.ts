import { describe, expect, it } from 'vitest';
import { readDefinition } from '@sheaf/workflow';
import { bindPlan, readParameters } from './parameters.js';

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

describe('bindPlan', () => {
  const { definition } = readDefinition({
    file: 'workflow.toml',
    text: `id = "acme/x"
version = "1.0.0"
[parameters.n]
type = "integer"
minimum = 1
maximum = 5
[parameters.mode]
type = "enum"
values = ["very fast", "slow"]
[parameters.who]
type = "string"
default = "world"
pattern = "^[a-z]+$"
[steps.a]
run = "true"
`,
  });
  const refusal = (given: Readonly<Record<string, string>>): unknown => {
    if (definition === undefined) throw new Error('the definition is not valid');
    try {
      return bindPlan(definition, given, '/');
    } catch (error) {
      return error;
    }
  };

  it('says what a parameter takes, and the flag as it would be typed', () => {
    expect(refusal({ n: '9', mode: 'slow' })).toMatchObject({
      code: 'parameter.invalid',
      message: 'parameter "n" is above 5',
      hint: ['give an integer from 1 to 5', '-p n=1'],
    });
    expect(refusal({ n: '2', mode: 'slow', who: 'W' })).toMatchObject({
      hint: ['give text that matches "^[a-z]+$"', '-p who=world'],
    });
    expect(refusal({ n: '2', mode: 'slow', whoo: 'W' })).toMatchObject({
      code: 'parameter.unknown',
      hint: ['did you mean "who"?'],
    });
  });

  it('tells several apart', () => {
    expect(refusal({ n: 'x' })).toMatchObject({
      hint: ['n: -p n=1', 'mode: give one of very fast, slow', "mode: -p 'mode=very fast'"],
    });
  });
});
