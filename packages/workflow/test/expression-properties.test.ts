import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../src/expression/budget.js';
import { checkExpression } from '../src/expression/check/check.js';
import { evaluateExpression } from '../src/expression/evaluate.js';
import { fromJson } from '../src/expression/json.js';
import { printExpression } from '../src/expression/print.js';
import { findSoleExpression, parseTemplate } from '../src/expression/segments.js';
import { DYN, INT, STRING, kindOf } from '../src/expression/types.js';
import { typeOf, type CelValue } from '../src/expression/value.js';
import { anyExpression, withoutPlaces } from './support/expressions.js';
import { typedExpression } from './support/typed-expressions.js';

const SCOPE = fromJson({
  params: { n: 3, text: 'a b', list: [1, 'two', null, [true]], map: { 'a-b': { c: 1.5 } } },
  x: [3, 1, 2],
  y: 'now 😀',
});
const names = {
  get: (name: string) => (typeof SCOPE === 'object' && SCOPE?.kind === 'map' ? SCOPE.get(name) : undefined),
};

describe('any expression', () => {
  it('is printed as text that is read as the same expression', () => {
    fc.assert(
      fc.property(anyExpression, (expression) => {
        const template = `\${{ ${printExpression(expression)} }}`;
        fc.pre(template.length < 4000);
        const read = findSoleExpression(parseTemplate(template));
        expect(withoutPlaces(read)).toEqual(withoutPlaces(expression));
      }),
      { numRuns: 1500 },
    );
  });

  it('is evaluated to a value or an error of this package', () => {
    fc.assert(
      fc.property(anyExpression, (expression) => {
        try {
          evaluateExpression(expression, { names, budget: createBudget() });
        } catch (error) {
          expect(error).toMatchObject({ name: 'WorkflowError', range: { start: 0, end: 0 } });
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is checked without an error, and never twice in another way', () => {
    const types = { kind: 'record', what: 'field', fields: new Map([['x', DYN]]), others: DYN } as const;
    const check = (expression: Parameters<typeof checkExpression>[0]) => {
      const references = { parameters: new Set<string>(), steps: new Map(), readsAnyParameter: false };
      return checkExpression(expression, types, references, { remaining: 1000 });
    };
    fc.assert(
      fc.property(anyExpression, (expression) => {
        expect(check(expression)).toEqual(check(expression));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an expression whose types go together', () => {
  const types = {
    kind: 'record',
    what: 'field',
    fields: new Map([
      ['i', INT],
      ['s', STRING],
    ]),
  } as const;
  const values = new Map<string, CelValue>([
    ['i', 3n],
    ['s', '1h'],
  ]);
  const run = (text: string) => {
    const expression = findSoleExpression(parseTemplate(`\${{ ${text} }}`));
    if (expression === undefined) throw new Error(`not one expression: ${text}`);
    const references = { parameters: new Set<string>(), steps: new Map(), readsAnyParameter: false };
    const { type, problems } = checkExpression(expression, types, references, { remaining: 1e6 });
    try {
      const value = evaluateExpression(expression, {
        names: { get: (name) => values.get(name) },
        budget: createBudget(),
      });
      return { type, problems, outcome: typeOf(value) };
    } catch (error) {
      return { type, problems, outcome: (error as { code: string }).code };
    }
  };

  it('is accepted, and gives a value of its type or fails for a value', () => {
    fc.assert(
      fc.property(typedExpression('well'), ({ text, kind }) => {
        fc.pre(text.length < 4000);
        const { type, problems, outcome } = run(text);
        expect(problems).toEqual([]);
        expect(kindOf(type)).toBe(kind);
        expect([kind, ...FOR_VALUES]).toContain(outcome);
      }),
      { numRuns: 1500 },
    );
  });

  it('never fails for its types when it was accepted', () => {
    let accepted = 0;
    fc.assert(
      fc.property(typedExpression('badly'), ({ text }) => {
        fc.pre(text.length < 4000);
        const { problems, outcome } = run(text);
        if (problems.length > 0) return;
        accepted++;
        expect(['expression.type', 'expression.unknown']).not.toContain(outcome);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});

/** What an expression may fail with whatever its types are. */
const FOR_VALUES = ['value', 'missing', 'division', 'overflow', 'pattern', 'budget'].map(
  (code) => `expression.${code}`,
);
