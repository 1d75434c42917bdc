import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findInterfaceBreaks,
  mustStayCompatible,
  type DeclaredInterface,
  type DeclaredParameter,
} from './interface.js';
import { parseVersion } from './names.js';

const none: DeclaredInterface = { parameters: {}, outputs: [] };
const taking = (parameter: DeclaredParameter): DeclaredInterface => ({
  ...none,
  parameters: { p: parameter },
});

describe('a version that may not break', () => {
  test.each([
    ['1.0.0', '1.0.1', true],
    ['1.0.0', '1.1.0', true],
    ['1.9.0', '2.0.0', false],
    ['0.1.0', '0.1.1', true],
    ['0.1.0', '0.2.0', false],
    ['0.0.1', '0.0.2', false],
    ['1.0.0', '1.1.0-rc.1', false],
  ])('after %s, %s must stay compatible: %s', (before, after, expected) => {
    expect(mustStayCompatible(parseVersion(before), parseVersion(after))).toBe(expected);
  });
});

describe('what breaks', () => {
  const string: DeclaredParameter = { type: 'string', required: false };
  test.each<[string, DeclaredInterface, DeclaredInterface, string, string]>([
    [
      'an output that is gone',
      { ...none, outputs: ['a/b'] },
      none,
      '/outputs/a~1b',
      'the output was removed',
    ],
    ['a parameter that is gone', taking(string), none, '/parameters/p', 'the parameter was removed'],
    [
      'a new one that is required',
      none,
      taking({ ...string, required: true }),
      '/parameters/p',
      'the parameter is new and required',
    ],
    [
      'one that became required',
      taking(string),
      taking({ ...string, required: true }),
      '/parameters/p',
      'the parameter became required',
    ],
    [
      'another type',
      taking(string),
      taking({ type: 'integer', required: false }),
      '/parameters/p',
      'the type changed from string to integer',
    ],
    [
      'a narrower number',
      taking({ type: 'number', required: false }),
      taking({ type: 'integer', required: false }),
      '/parameters/p',
      'the type changed from number to integer',
    ],
    [
      'a pattern where there was none',
      taking(string),
      taking({ ...string, pattern: '^a' }),
      '/parameters/p',
      'a pattern was added',
    ],
    [
      'another pattern',
      taking({ ...string, pattern: '^b' }),
      taking({ ...string, pattern: '^a' }),
      '/parameters/p',
      'the pattern changed',
    ],
    [
      'fewer values',
      taking({ type: 'enum', required: false, values: ['a', 'b'] }),
      taking({ type: 'enum', required: false, values: ['b', 'c'] }),
      '/parameters/p',
      '1 of the values is no longer taken',
    ],
    [
      'a higher minimum',
      taking({ type: 'integer', required: false }),
      taking({ type: 'integer', required: false, minimum: 0 }),
      '/parameters/p',
      'the minimum was raised',
    ],
    [
      'a lower maximum',
      taking({ type: 'number', required: false, maximum: 9 }),
      taking({ type: 'number', required: false, maximum: 8 }),
      '/parameters/p',
      'the maximum was lowered',
    ],
    [
      'another access',
      taking({ type: 'path', required: false, access: 'read' }),
      taking({ type: 'path', required: false, access: 'write' }),
      '/parameters/p',
      'the access changed from read to write',
    ],
  ])('is %s', (_name, before, after, pointer, detail) => {
    expect(findInterfaceBreaks(before, after)).toEqual([{ pointer, detail }]);
  });

  test.each<[string, DeclaredInterface, DeclaredInterface]>([
    ['a new output and a new optional parameter', none, { ...taking(string), outputs: ['o'] }],
    [
      'a wider number',
      taking({ type: 'integer', required: true }),
      taking({ type: 'number', required: false }),
    ],
    [
      'any text where a few were taken',
      taking({ type: 'enum', required: false, values: ['a'] }),
      taking(string),
    ],
    [
      'wider bounds',
      taking({ type: 'integer', required: false, minimum: 1, maximum: 2 }),
      taking({ type: 'integer', required: false, maximum: 3 }),
    ],
    ['no pattern any more', taking({ ...string, pattern: '^a' }), taking(string)],
  ])('is not %s', (_name, before, after) => {
    expect(findInterfaceBreaks(before, after)).toEqual([]);
  });

  test('is told for a parameter whose name means something to objects', () => {
    const before = {
      outputs: [],
      parameters: Object.fromEntries([
        ['toString', string],
        ['__proto__', string],
      ]),
    };
    expect(findInterfaceBreaks(before, none).map(({ pointer }) => pointer)).toEqual([
      '/parameters/toString',
      '/parameters/__proto__',
    ]);
  });
});

const numbers = fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined });
const parameters: fc.Arbitrary<DeclaredParameter> = fc
  .oneof(
    fc.record({
      type: fc.constantFrom('integer', 'number'),
      required: fc.boolean(),
      minimum: numbers,
      maximum: numbers,
    }),
    fc.record({
      type: fc.constant('enum'),
      required: fc.boolean(),
      values: fc.uniqueArray(fc.constantFrom('a', 'b', '1')),
    }),
    fc.record({ type: fc.constant('string'), required: fc.boolean() }),
  )
  .map(
    (p) =>
      Object.fromEntries(
        Object.entries(p).filter(([, v]) => v !== undefined),
      ) as unknown as DeclaredParameter,
  );
const interfaces: fc.Arbitrary<DeclaredInterface> = fc.record({
  outputs: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
  parameters: fc.dictionary(fc.constantFrom('p', 'q', '__proto__'), parameters),
});

/** Whether a declared parameter takes a value, or its absence. */
function takes(parameter: DeclaredParameter | undefined, value: string | number | undefined): boolean {
  if (parameter === undefined) return value === undefined;
  if (value === undefined) return !parameter.required;
  if (parameter.type === 'enum') return typeof value === 'string' && (parameter.values ?? []).includes(value);
  if (parameter.type === 'string') return typeof value === 'string';
  if (typeof value !== 'number' || (parameter.type === 'integer' && !Number.isInteger(value))) return false;
  return value >= (parameter.minimum ?? -Infinity) && value <= (parameter.maximum ?? Infinity);
}

test('nothing breaks against itself', () => {
  fc.assert(
    fc.property(interfaces, (one) => {
      expect(findInterfaceBreaks(one, one)).toEqual([]);
    }),
  );
});

test('when nothing breaks, every value that was taken is taken still, and every output is there', () => {
  const values = [undefined, 'a', 'b', '1', 'c', 0.5, -4, -3, -2, -1, 0, 1, 2, 3, 4];
  fc.assert(
    fc.property(interfaces, interfaces, (before, after) => {
      if (findInterfaceBreaks(before, after).length > 0) return;
      for (const output of before.outputs) expect(after.outputs).toContain(output);
      for (const name of new Set([...Object.keys(before.parameters), ...Object.keys(after.parameters)])) {
        const [old, now] = [before, after].map(({ parameters: all }) =>
          Object.hasOwn(all, name) ? all[name] : undefined,
        );
        for (const value of values) if (takes(old, value)) expect(takes(now, value)).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});
