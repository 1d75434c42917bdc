import { WorkflowError } from './errors.js';
import type { JsonValue, Parameter } from './model.js';
import { compilePattern, MAX_PATTERN_WORK, testPattern } from './pattern/pattern.js';
import { suggest } from './suggest.js';
import { quote } from './text.js';

/** Why a value does not fit: the end of a sentence that begins with what it is the value of. */
export interface ValueProblem {
  readonly message: string;
  readonly hint?: string;
}

/** Most parameters of a definition. */
export const MAX_PARAMETERS = 100;
/** Longest text of one value, in UTF-16 units: the kernel gives one environment variable 128 KiB. */
export const MAX_VALUE_LENGTH = 32_768;

/** Says why a value does not fit its parameter's declaration. `work` bounds what patterns may do, and may be shared by calls. */
export function checkParameterValue(
  parameter: Parameter,
  value: JsonValue,
  work: { remaining: number } = { remaining: MAX_PATTERN_WORK },
): ValueProblem | undefined {
  if (typeof value === 'string' && value.includes('\0')) return { message: 'holds a NUL character' };
  if (typeof value === 'string' && value.length > MAX_VALUE_LENGTH) {
    return { message: `has more than ${MAX_VALUE_LENGTH} characters`, hint: 'give long text as a file' };
  }
  switch (parameter.type) {
    case 'string':
      return typeof value === 'string'
        ? checkPattern(parameter.pattern, value, work)
        : wrongType('text', value);
    case 'enum':
      return checkEnum(parameter.values, value);
    case 'path':
      if (typeof value !== 'string') return wrongType('a path in quotes', value);
      return value === '' ? { message: 'must not be empty' } : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType('true or false', value);
    case 'integer':
    case 'number':
      return checkNumber(parameter, value);
    case 'secret':
      return typeof value === 'string' ? checkSecretName(value) : wrongType('the name of a secret', value);
    case 'json':
      return undefined;
  }
}

/** A secret is named like a variable: its value never stands in a definition or on a command line. */
function checkSecretName(value: string): ValueProblem | undefined {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(value)) return undefined;
  return {
    message: 'must be the name of a secret, not the secret',
    hint: 'a name has letters, digits and _, like GITHUB_TOKEN',
  };
}

function checkPattern(
  pattern: string | undefined,
  value: string,
  work: { remaining: number },
): ValueProblem | undefined {
  if (pattern === undefined) return undefined;
  try {
    if (testPattern(compilePattern(pattern), value, work)) return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    // A pattern that does not compile has a diagnostic of its own, and no value fits it.
    return { message: `cannot be checked: ${error.message}` };
  }
  return { message: `does not match the pattern ${quote(pattern)}` };
}

function checkEnum(values: readonly string[], value: JsonValue): ValueProblem | undefined {
  if (typeof value !== 'string') return wrongType('one of the values, in quotes', value);
  if (values.includes(value)) return undefined;
  const near = suggest(value, values);
  return {
    message: `is not one of the values: ${quote(value)}`,
    hint:
      near === undefined
        ? `use one of: ${values
            .slice(0, 10)
            .map((v) => quote(v))
            .join(', ')}`
        : `did you mean ${quote(near)}?`,
  };
}

function checkNumber(
  parameter: Extract<Parameter, { readonly type: 'integer' | 'number' }>,
  value: JsonValue,
): ValueProblem | undefined {
  const isInteger = parameter.type === 'integer';
  if (typeof value !== 'number' || !Number.isFinite(value) || (isInteger && !Number.isSafeInteger(value))) {
    return wrongType(isInteger ? 'an integer' : 'a number', value);
  }
  if (value < (parameter.minimum ?? -Infinity)) return { message: `is below ${String(parameter.minimum)}` };
  if (value > (parameter.maximum ?? Infinity)) return { message: `is above ${String(parameter.maximum)}` };
  return undefined;
}

function wrongType(wanted: string, value: JsonValue): ValueProblem {
  const shown = typeof value === 'string' ? quote(value, 40) : value === null ? 'nothing' : undefined;
  const kind = Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a table' : String(value);
  return { message: `must be ${wanted}, not ${shown ?? kind}` };
}
