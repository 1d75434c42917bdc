import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  bindParameters,
  createPlan,
  evaluateTemplate,
  readDefinition,
  scopeOfParameters,
  type WorkflowDefinition,
} from './index.js';

function define(body: string): WorkflowDefinition {
  const text = `id = "acme/demo"\nversion = "1.0.0"\n${body}`;
  const { definition, diagnostics } = readDefinition({ text, file: 'workflow.toml' });
  if (definition === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return definition;
}

const PARAMETERS = `
[parameters.s]
type = "string"
pattern = "^v"
[parameters.i]
type = "integer"
minimum = 1
[parameters.f]
type = "number"
default = 3
[parameters.b]
type = "boolean"
default = false
[parameters.e]
type = "enum"
values = ["fast", "slow"]
required = false
[parameters.p]
type = "path"
access = "write"
default = "out/x"
[parameters.j]
type = "json"
required = false
[steps.a]
run = "env"
env.HALF = "\${{ params.f / 2.0 }}"
[permissions]
write = ["tmp/**"]
`;

describe('parameters', () => {
  it('are typed by their declaration, with defaults and paths resolved', () => {
    const definition = define(PARAMETERS);
    const given = { s: 'v1', i: '7', j: '{"__proto__":{"x":1},"a":[1.5]}', p: '../y' };
    const { values, problems } = bindParameters(definition, given, { cwd: '/home/me' });
    expect(problems).toEqual([]);
    expect({ ...values, j: JSON.stringify(values['j']) }).toEqual({
      s: 'v1',
      i: 7,
      f: 3,
      b: false,
      e: null,
      p: '/home/y',
      j: '{"__proto__":{"x":1},"a":[1.5]}',
    });
    expect(Object.getPrototypeOf(values['j'])).toBeNull();
  });

  it('that do not fit are all told, with the nearest name', () => {
    const given = { s: '1', i: '1.5', b: 'yes', e: 'fats', j: '{', ff: '1', f: '1e999' };
    const { problems } = bindParameters(define(PARAMETERS), given);
    expect(problems.map(({ parameter, code, hint }) => [parameter, code, hint])).toEqual([
      ['ff', 'parameter.unknown', 'did you mean "f"?'],
      ['s', 'parameter.invalid', 'give text that matches "^v"'],
      ['i', 'parameter.invalid', undefined],
      ['f', 'parameter.invalid', undefined],
      ['b', 'parameter.invalid', undefined],
      ['e', 'parameter.invalid', 'did you mean "fast"?'],
      ['j', 'parameter.invalid', undefined],
    ]);
  });

  it('that are required and missing are told', () => {
    const { problems } = bindParameters(define(PARAMETERS), Object.create(null) as Record<string, string>);
    expect(problems.map(({ parameter, code }) => `${parameter} ${code}`)).toEqual([
      's parameter.missing',
      'i parameter.missing',
    ]);
  });

  it.each([
    ['/a/b', 'c', '/a/b/c'],
    ['/a/b', '../../../c', '/c'],
    ['/a/b', '/x//y/.', '/x/y'],
    ['C:\\a', 'b/c', 'C:\\a\\b\\c'],
    ['C:\\a', 'D:\\x', 'D:\\x'],
  ])('of type path resolve in %s: %s is %s', (cwd, path, expected) => {
    const { values } = bindParameters(define(PARAMETERS), { s: 'v', i: '1', p: path }, { cwd });
    expect(values['p']).toBe(expected);
  });
});

describe('plans', () => {
  it('hold the values, what path parameters add to the permissions, and the default shell', () => {
    const plan = createPlan(define(PARAMETERS), { s: 'v1', i: 1 });
    expect(plan.parameters).toMatchObject({ s: 'v1', i: 1, f: 3, e: null });
    expect(plan.permissions.write).toEqual(['tmp/**', 'out/x']);
    expect(plan.steps[0]).toMatchObject({
      id: 'a',
      work: { kind: 'shell', run: expect.any(String) as string, shell: 'bash' },
      onFailure: 'fail',
      needs: [],
    });
    expect(JSON.parse(JSON.stringify(plan))).toMatchObject({ schema: 'sheaf.plan/1' });
  });

  it('divide a number parameter as a number also when it has no fraction', () => {
    const { steps, parameters, parameterTypes = {} } = createPlan(define(PARAMETERS), { s: 'v1', i: 1 });
    expect(parameterTypes).toMatchObject({ f: 'number', i: 'integer', s: 'string' });
    const types = Object.fromEntries(Object.entries(parameterTypes).map(([name, type]) => [name, { type }]));
    const params = scopeOfParameters(parameters, types);
    expect(steps[0]?.env['HALF']).toBe('${{ params.f / 2.0 }}');
    expect(evaluateTemplate(steps[0]?.env['HALF'] ?? '', { params, steps: {} })).toBe(1.5);
  });

  it('are refused without a required value', () => {
    expect(() => createPlan(define(PARAMETERS), { s: 'v1' })).toThrow(
      expect.objectContaining({ code: 'parameter.missing' }) as Error,
    );
  });

  it('need what their templates read, and keep the order of the file where they can', () => {
    const plan = createPlan(
      define(`
[steps.last]
run = "true"
when = "\${{ steps.log.outputs.stdout != '' }}"
env = { X = "\${{ steps['a-b'].status }}" }
needs = ["free"]
[steps.free]
run = "true"
[steps.a-b]
run = "true"
[steps.log]
run = "true"
[outputs]
x = "\${{ steps.free.status }}"
`),
      {},
    );
    expect(plan.steps.map(({ id, needs }) => [id, needs])).toEqual([
      ['free', []],
      ['a-b', []],
      ['log', []],
      ['last', ['free', 'a-b', 'log']],
    ]);
  });

  it('put every step after what it needs', () => {
    const edges = fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 120 });
    fc.assert(
      fc.property(edges, fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 }), (pairs, order) => {
        const needs = order.map((id) =>
          pairs.filter(([a, b]) => a === id && b < a).map(([, b]) => `"s${b}"`),
        );
        const body = order.map(
          (id, at) => `[steps.s${id}]\nrun = "true"\nneeds = [${[...new Set(needs[at])].join()}]\n`,
        );
        const done = new Set<string>();
        for (const step of createPlan(define(body.join('')), {}).steps) {
          expect(step.needs.every((need) => done.has(need))).toBe(true);
          done.add(step.id);
        }
        expect(done.size).toBe(40);
      }),
      { numRuns: 50 },
    );
  });
});
