import { describe, expect, it } from 'vitest';

import { createBudget } from '../budget.js';
import { evaluateExpression } from '../evaluate.js';
import { FUNCTIONS } from '../functions/table.js';
import { findSoleExpression, parseTemplate } from '../segments.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  NULL,
  SECRET,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
  kindOf,
  type CelType,
  type RecordType,
} from '../types.js';
import { TYPE_VALUES, listOf, mapOfEntries, typeOf, type CelValue } from '../value.js';
import { checkExpression } from './check.js';

const mapOf = (key: string, value: CelValue) => mapOfEntries(new Map([[key, { key, value }]]));
const record = (
  what: RecordType['what'],
  fields: Readonly<Record<string, CelType>>,
  optional: readonly string[] = [],
): RecordType => ({
  kind: 'record',
  what,
  fields: new Map(Object.entries(fields)),
  optional: new Set(optional),
});

/** A name of each type, with a value of it. */
const SAMPLES: readonly (readonly [name: string, type: CelType, value: CelValue])[] = [
  ['b', BOOL, true],
  ['i', INT, 2n],
  ['u', UINT, { kind: 'uint', value: 2n }],
  ['d', DOUBLE, 1.5],
  ['s', STRING, 'a'],
  ['y', BYTES, { kind: 'bytes', value: Uint8Array.of(97) }],
  ['n', NULL, null],
  ['t', TIMESTAMP, { kind: 'timestamp', nanos: 0n }],
  ['p', DURATION, { kind: 'duration', nanos: 5n }],
  ['k', TYPE, TYPE_VALUES.get('int') ?? null],
  ['li', { kind: 'list', item: INT }, listOf([1n, 2n])],
  ['ls', { kind: 'list', item: STRING }, listOf(['a', 'b'])],
  ['m', { kind: 'map', value: INT }, mapOf('a', 1n)],
  ['r', record('field', { a: STRING }), mapOf('a', 'x')],
];
const NAMES = SAMPLES.map(([name]) => name);
const TYPES = record('field', Object.fromEntries(SAMPLES.map(([name, type]) => [name, type])));
const VALUES = new Map(SAMPLES.map(([name, , value]) => [name, value]));

function check(text: string, names: RecordType = TYPES) {
  const expression = findSoleExpression(parseTemplate(`\${{ ${text} }}`));
  if (expression === undefined) throw new Error(`not one expression: ${text}`);
  const references = { parameters: new Set<string>(), steps: new Map(), readsAnyParameter: false };
  return { ...checkExpression(expression, names, references, { remaining: 1e6 }), expression, references };
}

/** The kind of an expression's value, or the code of its error. */
function evaluate({ expression }: ReturnType<typeof check>): string {
  try {
    const names = { get: (name: string) => VALUES.get(name) };
    return typeOf(evaluateExpression(expression, { names, budget: createBudget() }));
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** What the checker says and what comes of it, where the two do not fit. */
function contradictions(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const checked = check(text);
    const outcome = evaluate(checked);
    const kind = kindOf(checked.type);
    if (checked.problems.length > 0) {
      // Refused although they can be done: what is always false, ints with doubles, lists of this and that.
      const isRefused =
        / [=!]= /.test(text) || /^(?:i . d|d . i)$/.test(text) || /^l[is] \+ l[is]$/.test(text);
      return outcome === 'expression.type' || isRefused ? [] : [`${text} is refused and gives ${outcome}`];
    }
    if (outcome === 'expression.type') return [`${text} is accepted and fails for its types`];
    const isFine = outcome.startsWith('expression.') || kind === 'dyn' || kind === outcome;
    return isFine ? [] : [`${text} is said to give ${kind} and gives ${outcome}`];
  });
}

const all = (...lists: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  lists.reduce<readonly (readonly string[])[]>(
    (found, list) => found.flatMap((before) => list.map((next) => [...before, next])),
    [[]],
  );

describe('checking', () => {
  it('accepts an operator exactly for the types that it takes', () => {
    const operators = ['+', '-', '*', '/', '%', '<', '<=', '>', '>=', '==', '!=', 'in'];
    const binary = all(NAMES, operators, NAMES).map((parts) => parts.join(' '));
    const unary = all(['-', '!'], NAMES).map((parts) => parts.join(''));
    const ternary = all(NAMES, ['b', 's'], NAMES).map(([a, test, b]) => `${test} ? ${a} : ${b}`);
    expect(contradictions([...binary, ...unary, ...ternary])).toEqual([]);
  });

  it('accepts a function exactly for the types that it takes', () => {
    const calls = [...FUNCTIONS.keys()].flatMap((name) => [
      ...all(NAMES).map((args) => `${name}(${args.join(', ')})`),
      ...all(NAMES, NAMES).map((args) => `${name}(${args.join(', ')})`),
      ...(name.includes('.')
        ? []
        : [
            ...NAMES.map((target) => `${target}.${name}()`),
            ...all(NAMES, NAMES).map(([target, arg]) => `${target}.${name}(${arg})`),
            ...all(['s', 'ls', 't'], NAMES, NAMES).map(([target, a, b]) => `${target}.${name}(${a}, ${b})`),
          ]),
    ]);
    expect(calls.length).toBeGreaterThan(20_000);
    expect(contradictions(calls)).toEqual([]);
  });

  it('accepts a macro exactly for the types that it takes', () => {
    const bodies = ['x', 'x == x', 'x + x', '[x]', "{'a': x}"];
    const one = all(NAMES, ['all', 'exists', 'exists_one', 'map', 'filter'], bodies).map(
      ([target, macro, body]) => `${target}.${macro}(x, ${body})`,
    );
    const two = all(
      NAMES,
      ['all', 'existsOne', 'transformList', 'transformMap', 'transformMapEntry'],
      bodies,
    ).map(([target, macro, body]) => `${target}.${macro}(z, x, ${body})`);
    const dynamic = [...one, ...two].filter((text) => !/^(?:n|k)\b/.test(text));
    expect(contradictions(dynamic)).toEqual([]);
  });

  it('says where in an expression the mistake lies', () => {
    const [problem] = check('li.map(x, x + s)').problems;
    expect(problem).toMatchObject({ message: 'no + of an integer and text', range: { start: 14, end: 19 } });
  });

  it('knows the types of what is made of lists and maps', () => {
    expect(check('li.map(x, string(x)).filter(x, x != "")').type).toEqual({ kind: 'list', item: STRING });
    expect(check('[[], [1]][0]').type).toEqual({ kind: 'list', item: INT });
    expect(check("{'a': 1}.transformMap(k, v, k)").type).toEqual({ kind: 'map', key: STRING, value: STRING });
    expect(check('cel.bind(x, li, x[0])').type).toEqual(INT);
    expect(check('[1, "a"][0]').type).toEqual(DYN);
  });

  it('suggests names of variables and of macros', () => {
    expect(check('li.map(item, itm)').problems[0]?.hint).toBe('did you mean `item`?');
    expect(check('li.exist(1)').problems[0]?.hint).toBe('did you mean `exists`?');
    expect(check('math.ceiling(1.0)').problems[0]?.message).toBe('no function is called `math.ceiling`');
  });

  it('looks at a few fields only of what has thousands', () => {
    let asked = 0;
    const many = new Map(Array.from({ length: 10_000 }, (_, at) => [`s${at}`, INT]));
    const values = many.values.bind(many);
    many.values = function* () {
      for (const type of values()) {
        asked++;
        yield type;
      }
      return undefined;
    };
    const names = record('field', { block: { kind: 'record', what: 'field', fields: many }, li: DYN });
    expect(check('[block, {}].map(x, x.s1)', names).problems).toEqual([]);
    expect(asked).toBeLessThan(1000);
  });

  it('finds the steps that are read inside macros', () => {
    const outputs = record('field', { stdout: STRING });
    const names = record('field', { steps: record('step', { log: record('field', { outputs }) }), li: DYN });
    const { references, problems } = check('li.exists(x, steps.log.outputs.stdout == x)', names);
    expect(problems).toEqual([]);
    expect([...references.steps.keys()]).toEqual(['log']);
  });
});

describe('fields that may not be there', () => {
  const outputs = record('field', { stdout: STRING }, ['stdout']);
  const names = record('field', {
    steps: record('step', {
      a: record('field', { status: STRING, outputs }),
      b: record('field', { outputs }),
    }),
  });
  const warns = (text: string) =>
    check(text, names).problems.map(({ code, severity }) => `${severity} ${code}`);

  it.each([
    'steps.a.outputs.stdout',
    'steps.a.outputs["stdout"]',
    'has(steps.b.outputs.stdout) ? steps.a.outputs.stdout : ""',
    'has(steps.a.outputs.stdout) ? "" : steps.a.outputs.stdout',
    'has(steps.a.outputs.stdout) || steps.a.outputs.stdout == ""',
    'steps.a.status == "failed" ? steps.a.outputs.stdout : ""',
  ])('%s is warned of', (text) => {
    expect(warns(text)).toEqual(['warning expression.optional']);
  });

  it.each([
    'has(steps.a.outputs.stdout)',
    'has(steps.a.outputs.stdout) ? steps.a.outputs.stdout : ""',
    'has(steps.a.outputs.stdout) && steps.a.outputs.stdout != ""',
    '!has(steps.a.outputs.stdout) || steps.a.outputs.stdout != ""',
    '!(has(steps.a.outputs.stdout) && true) ? "" : steps.a.outputs.stdout',
    'steps.a.status == "succeeded" ? steps.a.outputs.stdout : ""',
    '"skipped" != steps.a.status && steps.a.outputs.stdout == ""',
  ])('%s is fine', (text) => {
    expect(warns(text)).toEqual([]);
  });
});

describe('secrets', () => {
  const names = record('field', { params: record('parameter', { token: SECRET, name: STRING }), b: BOOL });
  const codes = (text: string) => check(text, names).problems.map(({ code }) => code);

  it.each([
    'params.token',
    'params["token"]',
    'b ? params.token : params.name',
    'cel.bind(x, params.token, x)',
  ])('%s is handed on as a secret', (text) => {
    expect(check(text, names)).toMatchObject({ type: { secret: true }, problems: [] });
  });

  it.each([
    'params.token + "x"',
    'params.token == ""',
    'size(params.token)',
    'params.token.startsWith("a")',
    '[params.token]',
    '{"a": params.token}',
    '[1].map(x, params.token)',
    'params.token ? 1 : 2',
    'string(params.token)',
    'cel.bind(x, params.token, x + "a")',
  ])('%s is refused', (text) => {
    expect(codes(text)).toContain('expression.secret');
  });
});
