import {
  evaluateCondition,
  evaluateTemplate,
  toEnvironmentString,
  type JsonValue,
  type Scope,
  type StepScope,
  type Templates,
} from '@sheaf/workflow';
import { viewOf, type Names } from './scope.js';

/** The value of a template. Throws WorkflowError `expression.…`. */
export function evaluate(template: string, names: Names, runId: string): JsonValue {
  return evaluateTemplate(template, scopeOf(names, runId));
}

/** Whether a condition holds. Throws WorkflowError `expression.…`. */
export function holds(template: string, names: Names, runId: string): boolean {
  return evaluateCondition(template, scopeOf(names, runId));
}

/** Any JSON whose texts, at any depth, may be templates. `at` is told the key before each is evaluated. */
export function evaluateAll(
  templates: Templates,
  names: Names,
  runId: string,
  at: (key: string) => void,
): Readonly<Record<string, JsonValue>> {
  const scope = scopeOf(names, runId);
  const values = Object.create(null) as Record<string, JsonValue>;
  for (const [key, value] of Object.entries(templates)) {
    at(key);
    values[key] = fill(value, scope);
  }
  return values;
}

/** As {@link evaluateAll}, each value as the text that a process is given. */
export function evaluateTexts(
  templates: Readonly<Record<string, string>>,
  names: Names,
  runId: string,
  at: (key: string) => void,
): Readonly<Record<string, string>> {
  const scope = scopeOf(names, runId);
  const texts = Object.create(null) as Record<string, string>;
  for (const [key, template] of Object.entries(templates)) {
    at(key);
    texts[key] = toEnvironmentString(evaluateTemplate(template, scope));
  }
  return texts;
}

function fill(value: JsonValue, scope: Scope): JsonValue {
  if (typeof value === 'string') return evaluateTemplate(value, scope);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => fill(item, scope));
  const filled = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of Object.entries(value)) filled[key] = fill(item, scope);
  return filled;
}

function scopeOf(names: Names, runId: string): Scope {
  return { params: names.parameters, steps: stepsOf(names), run: { id: runId }, vars: names.variables };
}

/** Steps are looked up when an expression names them: a scope may have 10,000, and so may its loops have items. */
function stepsOf({ findStep }: Names): Readonly<Record<string, StepScope>> {
  const find = (key: string | symbol): StepScope | undefined => {
    const entry = typeof key === 'string' ? findStep(key) : undefined;
    return entry === undefined ? undefined : viewOf(entry);
  };
  return new Proxy(Object.create(null) as Record<string, StepScope>, {
    get: (_, key) => find(key),
    has: (_, key) => find(key) !== undefined,
    getOwnPropertyDescriptor: (_, key) => {
      const value = find(key);
      return value === undefined
        ? undefined
        : { value, configurable: true, enumerable: true, writable: false };
    },
    ownKeys: () => [],
  });
}
