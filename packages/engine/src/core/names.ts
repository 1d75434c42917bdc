import {
  evaluateCondition,
  evaluateSecretText,
  evaluateTemplate,
  evaluateTemplates,
  LazyMap,
  scopeOfParameters,
  type JsonValue,
  type Scope,
  type SecretText,
  type Templates,
} from '@sheaf/workflow';
import { evaluateWithSecrets, hasSecrets, type JsonWithSecrets } from './secret-inputs.js';
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
    values[key] = evaluateTemplates(value, scope);
  }
  return values;
}

/** As {@link evaluateAll}, with the values apart in which secrets stand by name. */
export function evaluateGiven(
  templates: Templates,
  names: Names,
  runId: string,
  at: (key: string) => void,
): Given {
  const scope = scopeOf(names, runId);
  const values = Object.create(null) as Record<string, JsonValue>;
  const secrets = Object.create(null) as Record<string, JsonWithSecrets>;
  for (const [key, template] of Object.entries(templates)) {
    at(key);
    const value = evaluateWithSecrets(template, scope);
    if (hasSecrets(value)) secrets[key] = value;
    else values[key] = value;
  }
  return { values, secrets };
}

/** What a step is given. */
export interface Given {
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, JsonWithSecrets>>;
}

/** As {@link evaluateAll}, each value as the text that a process is given, in which secrets stand by name. */
export function evaluateTexts(
  templates: Readonly<Record<string, string>>,
  names: Names,
  runId: string,
  at: (key: string) => void,
): Readonly<Record<string, string | SecretText>> {
  const scope = scopeOf(names, runId);
  const texts = Object.create(null) as Record<string, string | SecretText>;
  for (const [key, template] of Object.entries(templates)) {
    at(key);
    const parts = evaluateSecretText(template, scope);
    texts[key] = parts.every((part) => typeof part === 'string') ? parts.join('') : parts;
  }
  return texts;
}

function scopeOf({ parameters, declared = {}, variables, inputs, findStep }: Names, runId: string): Scope {
  // Steps are looked up when an expression names them: a scope may have 10,000, and so may its loops have items.
  const steps = new LazyMap(
    (id) => {
      const entry = findStep(id);
      return entry === undefined ? undefined : viewOf(entry);
    },
    () => [],
  );
  const params = parametersOf(parameters, declared);
  return { ...variables, ...(inputs && { inputs }), params, steps, run: { id: runId } };
}

/** They are the same for all steps of a scope, and each of these has some expressions. */
function parametersOf(
  parameters: Names['parameters'],
  declared: NonNullable<Names['declared']>,
): ReturnType<typeof scopeOfParameters> {
  const known = PARAMETERS.get(parameters);
  if (known !== undefined) return known;
  const made = scopeOfParameters(parameters, declared);
  PARAMETERS.set(parameters, made);
  return made;
}

const PARAMETERS = new WeakMap<Names['parameters'], ReturnType<typeof scopeOfParameters>>();
