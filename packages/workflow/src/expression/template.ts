import { toEnvironmentString } from '../environment.js';
import { WorkflowError } from '../errors.js';
import type { JsonValue } from '../model.js';
import type { Expression } from './ast.js';
import {
  ITEM_BYTES,
  charge,
  chargeMemory,
  chargeText,
  checkDepth,
  createBudget,
  type Budget,
} from './budget.js';
import { evaluateExpression } from './evaluate.js';
import type { Names } from './evaluation.js';
import { fromJson, toJson } from './json.js';
import type { Scope } from './scope.js';
import { findSoleExpression, parseTemplate } from './segments.js';
import type { CelValue } from './value.js';

/** A text in which secrets stand by name: parts of text, and a name where a secret's value belongs. */
export type SecretText = readonly (string | { readonly secret: string })[];

/**
 * Evaluates a template. One that is a single `${{ … }}` keeps the type of its value; otherwise each value is written into the
 * text as `toEnvironmentString` writes it. Work, memory and result size are bounded (about 0.1 s, 16 MiB, 1 MiB).
 * Throws WorkflowError `expression.…` with the range in the template.
 */
export function evaluateTemplate(template: string, scope: Scope): JsonValue {
  return evaluateWithin(template, namesOf(scope), createBudget());
}

/** Evaluates a template that is one expression of type bool. Throws WorkflowError `expression.…`. */
export function evaluateCondition(template: string, scope: Scope): boolean {
  const value = evaluateTemplate(template, scope);
  if (typeof value !== 'boolean') {
    throw new WorkflowError('expression.type', 'a condition must give true or false', {
      hint: 'compare the value, as in ${{ params.name != "" }}',
      range: { start: 0, end: template.length },
    });
  }
  return value;
}

/** Evaluates the templates in JSON, at any depth, within one budget; keys stay as they are. Throws like {@link evaluateTemplate}. */
export function evaluateTemplates(value: JsonValue, scope: Scope): JsonValue {
  return evaluateDeep(value, namesOf(scope), createBudget(), 0);
}

/**
 * Evaluates a template to text in which secrets stand by name, for who puts their values in at the last moment. A part is a secret only
 * when its `${{ … }}` gives the secret itself. Throws like {@link evaluateTemplate}.
 */
export function evaluateSecretText(template: string, scope: Scope): SecretText {
  const names = namesOf(scope);
  const budget = createBudget();
  const parts: (string | { readonly secret: string })[] = [];
  for (const segment of parseTemplate(template)) {
    const value =
      segment.kind === 'text' ? segment.text : evaluateExpression(segment.expression, { names, budget });
    if (typeof value === 'object' && value?.kind === 'secret') {
      parts.push({ secret: value.name });
      continue;
    }
    const text = segment.kind === 'text' ? segment.text : textOf(value, segment.expression, budget);
    chargeText(budget, text.length);
    const last = parts.at(-1);
    if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  }
  return parts;
}

function evaluateDeep(value: JsonValue, names: Names, budget: Budget, depth: number): JsonValue {
  charge(budget, 1);
  checkDepth(depth);
  if (typeof value === 'string') return evaluateWithin(value, names, budget);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    chargeMemory(budget, items.length * ITEM_BYTES);
    return items.map((item) => evaluateDeep(item, names, budget, depth + 1));
  }
  const table = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of Object.entries(value)) table[key] = evaluateDeep(item, names, budget, depth + 1);
  return table;
}

function evaluateWithin(template: string, names: Names, budget: Budget): JsonValue {
  const segments = parseTemplate(template);
  const sole = findSoleExpression(segments);
  if (sole !== undefined) {
    return placedAt(sole, () => toJson(evaluateExpression(sole, { names, budget }), budget));
  }
  let result = '';
  for (const segment of segments) {
    const part =
      segment.kind === 'text'
        ? segment.text
        : textOf(evaluateExpression(segment.expression, { names, budget }), segment.expression, budget);
    chargeText(budget, result.length + part.length);
    result += part;
  }
  return result;
}

/** An int is written whole, whatever its size. */
function textOf(value: CelValue, from: Expression, budget: Budget): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object' && value?.kind === 'uint') return value.value.toString();
  return placedAt(from, () => toEnvironmentString(toJson(value, budget)));
}

/** Gives an error the place of the expression whose value could not be used. */
function placedAt<T>({ start, end }: Expression, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof WorkflowError) || error.range !== undefined) throw error;
    throw new WorkflowError(error.code, error.message, {
      range: { start, end },
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function namesOf(scope: Scope): Names {
  return {
    get: (name) => {
      const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
      return value === undefined ? undefined : fromJson(value);
    },
  };
}
