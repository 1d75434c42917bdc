import { toEnvironmentString } from '../environment.js';
import { WorkflowError } from '../errors.js';
import type { JsonValue } from '../model.js';
import { EVALUATION_BUDGET, charge, chargeText, type Budget } from './budget.js';
import { evaluateExpression, type Evaluation } from './evaluate.js';
import type { Scope, StepScope } from './scope.js';
import { findSoleExpression, parseTemplate } from './segments.js';
import { fromJson, mapOf, typeOf, type CelMap, type CelValue } from './value.js';

/**
 * Evaluates a template. One that is a single `${{ … }}` keeps the type of its value; otherwise each value is written into the
 * text as `toEnvironmentString` writes it. Work and result size are bounded (about 0.1 s, 1 MiB).
 * Throws WorkflowError `expression.…` with the range in the template.
 */
export function evaluateTemplate(template: string, scope: Scope): JsonValue {
  const segments = parseTemplate(template);
  const evaluation = { names: namesOf(scope), budget: { remaining: EVALUATION_BUDGET } };
  const sole = findSoleExpression(segments);
  if (sole !== undefined) return toJson(evaluateExpression(sole, evaluation), evaluation.budget);
  let result = '';
  for (const segment of segments) {
    const part =
      segment.kind === 'text'
        ? segment.text
        : textOf(evaluateExpression(segment.expression, evaluation), evaluation);
    chargeText(evaluation.budget, result.length + part.length);
    result += part;
  }
  return result;
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

function textOf(value: CelValue, evaluation: Evaluation): string {
  return typeof value === 'bigint' ? value.toString() : toEnvironmentString(toJson(value, evaluation.budget));
}

function namesOf(scope: Scope): CelMap {
  const names: Record<string, CelValue> = {
    params: mapOf(scope.params, fromJson),
    steps: mapOf(scope.steps, stepMap),
    ...(scope.env === undefined ? {} : { env: mapOf(scope.env, fromJson) }),
    ...(scope.run === undefined ? {} : { run: mapOf(scope.run, fromJson) }),
  };
  return mapOf(names, (value) => value);
}

function stepMap(step: StepScope): CelMap {
  const fields: Record<string, CelValue> = { status: step.status, outputs: mapOf(step.outputs, fromJson) };
  return mapOf(fields, (value) => value);
}

function toJson(value: CelValue, budget: Budget): JsonValue {
  charge(budget, 1);
  if (typeof value === 'bigint') {
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
      throw new WorkflowError('expression.overflow', 'the integer is too large for JSON', {
        hint: 'turn it into text with string()',
      });
    }
    return Number(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new WorkflowError('expression.overflow', `a result must be finite, not ${String(value)}`);
  }
  if (value === null || typeof value !== 'object') return value;
  if (value.kind === 'list') return value.items.map((item) => toJson(item, budget));
  const table = Object.create(null) as Record<string, JsonValue>;
  for (const key of value.keys()) {
    if (typeof key !== 'string') {
      throw new WorkflowError(
        'expression.type',
        `a map with keys of type ${typeOf(key)} has no form as JSON`,
      );
    }
    table[key] = toJson(value.get(key) ?? null, budget);
  }
  return table;
}
