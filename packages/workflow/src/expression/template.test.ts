import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { WorkflowError } from '../errors.js';
import { LazyMap, SecretReference, scopeOfParameters, type Scope } from './scope.js';
import { evaluateCondition, evaluateSecretText, evaluateTemplate, evaluateTemplates } from './template.js';

const scope: Scope = {
  params: {
    who: 'wörld😀',
    n: 3,
    f: 1.5,
    yes: true,
    list: [1, 'two', null],
    map: { 'a-b': { c: 2 } },
    none: null,
  },
  steps: {
    log: { status: 'succeeded', outputs: { stdout: 'a\nb', exit_code: 0 } },
    off: { status: 'skipped', outputs: {} },
  },
};

const value = (expression: string) => evaluateTemplate(`\${{ ${expression} }}`, scope);
const codeOf = (expression: string) => {
  try {
    value(expression);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

describe('expressions', () => {
  it.each<[string, unknown]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['-7 % 3', -1],
    ['7.0 / 2.0', 3.5],
    ['params.n / 2.0 + 1', 2.5],
    ['-9223372036854775808 < 0', true],
    ['1 == 1.0', true],
    ["1 == '1'", false],
    ['0x10', 16],
    ['1e3', 1000],
    ['.5', 0.5],
    ['"a\\n\\x41\\u00e9\\101"', 'a\nAéA'],
    ["r'\\n'", '\\n'],
    ["'''it's'''", "it's"],
    ['true ? 1 : 2', 1],
    ['false ? 1 : true ? 2 : 3', 2],
    ['1 in [1, 2]', true],
    ["'a' in {'a': 1}", true],
    ['[1] + [2, 3]', [1, 2, 3]],
    ["{'a': {'b': [1]}}", { a: { b: [1] } }],
    ["{'a': {'b': 1}}.a.b", 1],
    ['[1, 2][1]', 2],
    ["params.map['a-b'].c + 1", 3],
    ['params.list[1]', 'two'],
    ['params.none == null', true],
    ['size(params.who)', 6],
    ['params.list.size()', 3],
    ["params.who.startsWith('w') && params.who.contains('ö')", true],
    ["steps.log.outputs.stdout.split('\n').join(',')", 'a,b'],
    ["'a,b,c'.split(',', 2)", ['a', 'b,c']],
    ["'aaa'.replace('a', 'b', 2)", 'bba'],
    ["'aaa'.replace('a', 'bb')", 'bbbbbb'],
    ["' x '.trim().upperAscii()", 'X'],
    ["'É'.lowerAscii()", 'É'],
    ["'v12'.matches('^v[0-9]+$')", true],
    ["matches('abc', 'b')", true],
    ['has(steps.off.outputs.stdout)', false],
    ["has(params.map['a-b'])", true],
    ["steps.off.status == 'skipped'", true],
    ['true || 1 / 0 == 0', true],
    ['1 / 0 == 0 || true', true],
    ['1 / 0 == 0 && false', false],
    ["int('42') + int(1.9)", 43],
    ["double('2.5')", 2.5],
    ['string(1.5) + string(2) + string(true)', '1.52true'],
    ["'\ud83d\ude00' > '\uffff'", true],
    ["[1, {'a': 2.0}] == [1.0, {'a': 2}]", true],
    ['!params.yes', false],
    ['- -1', 1],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  it.each([
    ['1 / 0', 'expression.division'],
    ['1 % 0', 'expression.division'],
    ['9223372036854775807 + 1', 'expression.overflow'],
    ['-(-9223372036854775808)', 'expression.overflow'],
    ['9223372036854775808', 'expression.syntax'],
    ['7 % 2.0', 'expression.type'],
    ["1 + '1'", 'expression.type'],
    ["'a' && true", 'expression.type'],
    ['params.nope', 'expression.missing'],
    ['params.__proto__', 'expression.missing'],
    ['params.constructor', 'expression.missing'],
    ['params.who.constructor', 'expression.type'],
    ['params.list[3]', 'expression.missing'],
    ['params.list[-1]', 'expression.missing'],
    ['steps.off.outputs.stdout', 'expression.missing'],
    ['nope', 'expression.unknown'],
    ['nope()', 'expression.unknown'],
    ['size(1)', 'expression.type'],
    ["'a'.matches('(?=a)')", 'expression.pattern'],
    ["{'a': 1, 'a': 2}", 'expression.value'],
    ["int('x')", 'expression.value'],
    ["b'\\u0041'", 'expression.syntax'],
    ['1u + 1', 'expression.type'],
    ['[1].map(1, 2)', 'expression.syntax'],
    ['[1].map(x)', 'expression.syntax'],
    ['has(1)', 'expression.syntax'],
    ['1 2', 'expression.syntax'],
    ['a.', 'expression.syntax'],
    ['[1, , 2]', 'expression.syntax'],
    ['"\\q"', 'expression.syntax'],
    ['9007199254740993', 'expression.overflow'],
    ['1.0 / 0.0', 'expression.overflow'],
  ])('%s fails with %s', (expression, code) => {
    expect(codeOf(expression)).toBe(code);
  });

  it('writes several values into a text', () => {
    expect(
      evaluateTemplate('${{ params.n }}-${{ params.f }}/${{ params.yes }} ${{ [1] }}${{ null }}!', scope),
    ).toBe('3-1.5/true [1]!');
  });

  it('does not end an expression at a }} inside text or a map', () => {
    expect(evaluateTemplate("${{ '}}' }}${{ {'a': {'b': 1}}}}", scope)).toBe('}}{"a":{"b":1}}');
  });

  it('says where in the template an error lies', () => {
    const template = 'x ${{ params.n + params.who }}';
    expect(() => evaluateTemplate(template, scope)).toThrow(
      expect.objectContaining({ range: { start: 6, end: 27 } }) as Error,
    );
  });

  it('wants true or false of a condition', () => {
    expect(evaluateCondition('${{ params.n > 2 }}', scope)).toBe(true);
    expect(() => evaluateCondition('${{ params.who }}', scope)).toThrow(/true or false/);
  });

  it('stops work that grows without bound', () => {
    const doubled = (times: number) =>
      Array.from({ length: times }).reduce(
        (text: string) => `(${text}).replace('', 'aaaaaaaa')`,
        "'aaaaaaaa'",
      );
    expect(codeOf(doubled(12))).toBe('expression.budget');
  });

  it('never throws anything but its own error', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '${{',
        '}}',
        'params',
        '.',
        'n',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '+',
        '-',
        '!',
        '&&',
        '==',
        '?',
        ':',
        ',',
        "'",
        '"',
        '1',
        '0.5',
        ' in ',
        'has(',
        'size(',
        '\\',
        'r"',
        '__proto__',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 25 }), (parts) => {
        try {
          evaluateTemplate(`\${{ ${parts.join('')} }}`, scope);
        } catch (error) {
          expect(error).toMatchObject({ name: 'WorkflowError' });
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('names', () => {
  it('are looked up as they are read', () => {
    const asked: string[] = [];
    const steps = new LazyMap(
      (id) => {
        asked.push(id);
        return id === 'log' ? { outputs: { stdout: 'x' } } : undefined;
      },
      () => ['log', 'other'],
    );
    expect(evaluateTemplate('${{ steps.log.outputs.stdout }}', { steps })).toBe('x');
    expect(asked).toEqual(['log']);
    expect(evaluateTemplate('${{ has(steps.other) }}', { steps })).toBe(false);
    expect(evaluateTemplate('${{ steps.map(id, id) }}', { steps })).toEqual(['log', 'other']);
  });

  it('may stand for null', () => {
    expect(evaluateTemplate('${{ item == null ? [null].map(x, x) : [] }}', { item: null })).toEqual([null]);
  });

  it('of a macro hide those around them, and a dot before a name finds those', () => {
    expect(evaluateTemplate("${{ ['in'].map(x, [x, .x]) }}", { x: 'out' })).toEqual([['in', 'out']]);
    expect(evaluateTemplate('${{ [1].map(x, [2].map(x, x)) }}', {})).toEqual([[2]]);
  });

  it('are not found in prototypes', () => {
    expect(() => evaluateTemplate('${{ constructor }}', {})).toThrow(/unknown name/);
    expect(() => evaluateTemplate('${{ __proto__ }}', {})).toThrow(/unknown name/);
    const forged = { json: '{"__proto__": {"a": 1}}' };
    expect(() => evaluateTemplate('${{ json.decode(params.json).a }}', { params: forged })).toThrow(/no "a"/);
  });
});

describe('parameters', () => {
  it('are doubles and secrets by their types', () => {
    const types = { n: { type: 'number' }, i: { type: 'integer' }, token: { type: 'secret' } } as const;
    const params = scopeOfParameters({ n: 3, i: 3, token: 'TOKEN', other: 1 }, types);
    expect(
      evaluateTemplate('${{ [params.n / params.n * 0.5, params.i / 2, params.n / 2] }}', { params }),
    ).toEqual([0.5, 1, 1.5]);
    expect(evaluateTemplate('${{ type(params.n) == double && type(params.i) == int }}', { params })).toBe(
      true,
    );
    expect(evaluateSecretText('${{ params.token }}', { params })).toEqual([{ secret: 'TOKEN' }]);
    expect(evaluateTemplate('${{ params.n }}', { params })).toBe(3);
  });
});

describe('templates in JSON', () => {
  it('are evaluated at any depth, and keep their types', () => {
    const value = { a: ['${{ params.n }}', { b: 'n=${{ params.n }}', c: 2 }], '${{ x }}': null };
    expect(evaluateTemplates(value, scope)).toEqual({ a: [3, { b: 'n=3', c: 2 }], '${{ x }}': null });
  });

  it('share one budget', () => {
    const one = '${{ lists.range(20000).map(x, x).size() }}';
    expect(evaluateTemplates([one], scope)).toEqual([20000]);
    expect(() => evaluateTemplates([one, one, one, one], scope)).toThrow(/too much work/);
  });
});

describe('secrets', () => {
  const secrets: Scope = { params: { token: new SecretReference('GITHUB_TOKEN'), n: 3 } };

  it('stand by name in the text that they belong to', () => {
    expect(evaluateSecretText('Bearer ${{ params.token }} ${{ params.n }}!', secrets)).toEqual([
      'Bearer ',
      { secret: 'GITHUB_TOKEN' },
      ' 3!',
    ]);
    expect(evaluateSecretText('${{ params.n > 2 ? params.token : "" }}', secrets)).toEqual([
      { secret: 'GITHUB_TOKEN' },
    ]);
    expect(evaluateSecretText('', secrets)).toEqual([]);
  });

  it.each([
    'params.token + "x"',
    'params.token == "GITHUB_TOKEN"',
    'params.token in ["GITHUB_TOKEN"]',
    '[params.token].exists(x, x == "a")',
    'string(params.token)',
    'size(params.token)',
    'type(params.token)',
    'dyn(params.token)',
    'json.encode(params)',
    "'%s'.format([params.token])",
    'params.token',
    '[params.token]',
    'params.token < params.token',
    '{params.token: 1}',
    '[params.token, params.token].distinct()',
    '[params.token].sort()',
    '[params.token].join()',
  ])('cannot be read by %s', (expression) => {
    for (const text of [`\${{ ${expression} }}`, `a \${{ ${expression} }}`]) {
      expect(() => evaluateTemplate(text, secrets)).toThrow(WorkflowError);
    }
  });
});
