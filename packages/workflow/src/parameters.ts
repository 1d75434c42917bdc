import type { JsonValue, Parameter, WorkflowDefinition } from './model.js';
import { checkParameterValue, MAX_VALUE_LENGTH } from './parameter-value.js';
import { resolvePath } from './path.js';
import { suggest } from './suggest.js';
import { printable, quote } from './text.js';

/** Why a given value cannot be bound. */
export interface ParameterProblem {
  readonly parameter: string;
  readonly code: 'parameter.unknown' | 'parameter.missing' | 'parameter.invalid';
  readonly message: string;
  readonly hint?: string;
}

const MAX_JSON_DEPTH = 32;

/**
 * Turns the texts of `-p name=value` into values of the declared types, and adds defaults; an optional parameter that is not given is null.
 * Paths are resolved against `context.cwd` when it is given; with `hasWorkspace` those of defaults stay as they are, relative to where the
 * steps work, which is another place. Says everything that is wrong; with a problem, `values` lacks that parameter.
 */
export function bindParameters(
  definition: WorkflowDefinition,
  given: Readonly<Record<string, string>>,
  context: { readonly cwd?: string; readonly hasWorkspace?: boolean } = {},
): { readonly values: Readonly<Record<string, JsonValue>>; readonly problems: readonly ParameterProblem[] } {
  const values = Object.create(null) as Record<string, JsonValue>;
  const problems: ParameterProblem[] = findUnknown(definition, given);
  for (const [parameter, declared] of Object.entries(definition.parameters)) {
    const text = Object.hasOwn(given, parameter) ? given[parameter] : undefined;
    const bound = text === undefined ? bindMissing(declared) : parseValue(declared, text);
    if ('message' in bound) {
      const code = text === undefined ? 'parameter.missing' : 'parameter.invalid';
      problems.push({ parameter, code, ...bound, message: `parameter ${quote(parameter)} ${bound.message}` });
      continue;
    }
    const { value } = bound;
    const isMeantHere = text !== undefined || context.hasWorkspace !== true;
    const isPath = declared.type === 'path' && typeof value === 'string' && isMeantHere;
    values[parameter] = isPath && context.cwd !== undefined ? resolvePath(context.cwd, value) : value;
  }
  return { values, problems };
}

type Bound = { readonly value: JsonValue } | { readonly message: string; readonly hint?: string };

function findUnknown(
  definition: WorkflowDefinition,
  given: Readonly<Record<string, string>>,
): ParameterProblem[] {
  const names = Object.keys(definition.parameters);
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(definition.parameters, name))
    .map((parameter) => {
      const near = suggest(parameter, names);
      const known = names.length === 0 ? 'this workflow has no parameters' : `it has: ${names.join(', ')}`;
      return {
        parameter,
        code: 'parameter.unknown',
        message: `there is no parameter ${quote(parameter)}`,
        hint: near === undefined ? known : `did you mean ${quote(near)}?`,
      };
    });
}

function bindMissing(parameter: Parameter): Bound {
  if (parameter.default !== undefined) return { value: parameter.default };
  if (!parameter.required) return { value: null };
  const about = parameter.description === undefined ? '' : `: ${printable(parameter.description, 200)}`;
  return { message: 'is required', hint: `give ${describe(parameter)}${about}` };
}

function parseValue(parameter: Parameter, text: string): Bound {
  if (text.length > MAX_VALUE_LENGTH) {
    return { message: `has more than ${MAX_VALUE_LENGTH} characters`, hint: 'give long text as a file' };
  }
  const value = readText(parameter, text);
  if (value === undefined) {
    return { message: `must be ${describe(parameter)}, not ${quote(text, 40)}` };
  }
  const problem = checkParameterValue(parameter, value);
  return problem === undefined ? { value } : { hint: `give ${describe(parameter)}`, ...problem };
}

/** Undefined for text that is no value of the type. */
function readText(parameter: Parameter, text: string): JsonValue | undefined {
  switch (parameter.type) {
    case 'string':
    case 'enum':
    case 'path':
    case 'secret':
      return text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'integer':
      return /^[+-]?\d{1,20}$/.test(text) && Number.isSafeInteger(Number(text))
        ? Number(text) + 0
        : undefined;
    case 'number': {
      const isNumber = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/.test(text);
      return isNumber && Number.isFinite(Number(text)) ? Number(text) : undefined;
    }
    case 'json':
      return readJson(text);
  }
}

function readJson(text: string): JsonValue | undefined {
  try {
    return copyJson(JSON.parse(text), 0);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Copies parsed JSON into tables without prototype. Throws RangeError for what is nested too deeply. */
function copyJson(value: unknown, depth: number): JsonValue {
  if (depth > MAX_JSON_DEPTH) throw new RangeError('nested too deeply');
  if (Array.isArray(value)) return value.map((item: unknown) => copyJson(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const table = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of Object.entries(value)) table[key] = copyJson(item, depth + 1);
  return table;
}

function describe(parameter: Parameter): string {
  switch (parameter.type) {
    case 'string':
      return parameter.pattern === undefined ? 'text' : `text that matches ${quote(parameter.pattern)}`;
    case 'enum':
      return `one of ${parameter.values.slice(0, 10).join(', ')}`;
    case 'path':
      return 'a path';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `an integer${describeRange(parameter)}`;
    case 'number':
      return `a number${describeRange(parameter)}`;
    case 'secret':
      return 'the name of a secret';
    case 'json':
      return 'JSON';
  }
}

function describeRange({
  minimum,
  maximum,
}: {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}): string {
  if (minimum === undefined) return maximum === undefined ? '' : ` of at most ${maximum}`;
  return maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
}
