import { describe, expect, it } from 'vitest';

import { createBudget } from '../src/expression/budget.js';
import { checkExpression } from '../src/expression/check/check.js';
import { isEqual } from '../src/expression/equality.js';
import { evaluateExpression } from '../src/expression/evaluate.js';
import { findSoleExpression, parseTemplate } from '../src/expression/segments.js';
import { typeOf, type CelValue } from '../src/expression/value.js';
import { casesOf, type CelCase } from './support/cel-cases.js';

/** What an expression came to: a value and its type, or a sentence of why not. */
function failureOf(test: CelCase): string | undefined {
  try {
    const expression = findSoleExpression(parseTemplate(`\${{ ${test.expression}\n}}`));
    if (expression === undefined) return 'is not one expression';
    const references = { parameters: new Set<string>(), steps: new Map(), readsAnyParameter: false };
    const checked = checkExpression(expression, test.types, references, { remaining: 1_000_000 });
    const isWrong = test.isChecked && checked.problems.length > 0;
    if (isWrong && (test.value !== undefined || test.isTypeOnly)) {
      return `is refused: ${checked.problems[0]?.message ?? ''}`;
    }
    if (test.type !== undefined && JSON.stringify(test.type) !== JSON.stringify(checked.type)) {
      return `has the type ${JSON.stringify(checked.type)}`;
    }
    if (test.isTypeOnly) return undefined;
    const value = evaluateExpression(expression, { names: test.names, budget: createBudget() });
    if (test.value === undefined) return `gives ${show(value)} and should fail`;
    return isSame(value, test.value) ? undefined : `gives ${show(value)}, not ${show(test.value)}`;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowError') throw error;
    return test.value === undefined ? undefined : `fails: ${error.message}`;
  }
}

/** Equal and of the same type; two values that are no number are the same here. */
function isSame(a: CelValue, b: CelValue): boolean {
  if (typeOf(a) !== typeOf(b)) return false;
  return (Number.isNaN(a) && Number.isNaN(b)) || isEqual(a, b, createBudget());
}

function show(value: CelValue): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
}

interface Section {
  readonly name: string;
  /** Of the cases that need no protobuf. */
  readonly cases: number;
  /** Why the others do not pass, by the end of their names. */
  readonly missing?: Readonly<Record<string, string>>;
}

const CONTAINER = 'names are looked up in a package of protobuf';
const DECLARED = 'the environment declares a function';
const OPTIONAL = 'optional values are an extension of CEL';

/** Every section of the language itself. Counts stand here so that a case cannot be lost unseen. */
const CORE: readonly Section[] = [
  { name: 'basic', cases: 43 },
  { name: 'comparisons', cases: 334 },
  { name: 'conversions', cases: 109 },
  { name: 'fields', cases: 60 },
  { name: 'fp_math', cases: 30 },
  { name: 'integer_math', cases: 64 },
  { name: 'lists', cases: 39 },
  { name: 'logic', cases: 30 },
  { name: 'macros', cases: 44 },
  {
    name: 'namespace',
    cases: 3,
    missing: { self_eval_container_lookup: CONTAINER, self_eval_container_lookup_unchecked: CONTAINER },
  },
  { name: 'parse', cases: 193 },
  { name: 'plumbing', cases: 5 },
  { name: 'string', cases: 51 },
  { name: 'timestamps', cases: 76 },
  {
    name: 'type_deductions',
    cases: 26,
    missing: {
      function_result_type: DECLARED,
      multiple_parameters_generality: DECLARED,
      multiple_parameters_generality_2: DECLARED,
      multiple_parameters_parameterized_ovl: DECLARED,
      multiple_parameters_parameterized_ovl_2: DECLARED,
      optional_none: OPTIONAL,
      optional_none_2: OPTIONAL,
      optional_dyn_promotion: OPTIONAL,
      optional_dyn_promotion_2: OPTIONAL,
      optional_in_ternary: OPTIONAL,
      null_assignable_to_abstract_parameter_candidate: OPTIONAL,
    },
  },
];

/** The extensions that expressions have. */
const EXTENSIONS: readonly Section[] = [
  { name: 'macros2', cases: 46 },
  { name: 'string_ext', cases: 206 },
  { name: 'math_ext', cases: 199 },
  { name: 'encoders_ext', cases: 4 },
  { name: 'bindings_ext', cases: 5 },
];

describe('the conformance suite of CEL', () => {
  it.each([...CORE, ...EXTENSIONS])('passes the section $name', ({ name, cases, missing = {} }) => {
    const all = casesOf(name);
    const failures = all.flatMap((test) => {
      const failure = failureOf(test);
      return failure === undefined ? [] : [`${test.name} ${failure}`];
    });
    const unexpected = failures.filter(
      (failure) => !Object.keys(missing).some((end) => failure.includes(`/${end} `)),
    );
    expect(unexpected).toEqual([]);
    expect(failures).toHaveLength(Object.keys(missing).length);
    expect(all).toHaveLength(cases);
  });

  it('passes at least 98 of 100 cases of the language that need no protobuf', () => {
    const all = CORE.flatMap(({ name }) => casesOf(name));
    const passed = all.filter((test) => failureOf(test) === undefined).length;
    console.info(`CEL ${passed} of ${all.length} core cases, ${((100 * passed) / all.length).toFixed(1)} %`);
    expect(all.length).toBeGreaterThanOrEqual(1046);
    expect(passed / all.length).toBeGreaterThanOrEqual(0.98);
  });
});
