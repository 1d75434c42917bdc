import { inputVariable, parameterVariable } from '../environment.js';
import { WorkflowError } from '../errors.js';
import type { JsonValue, Parameter, WorkflowDefinition } from '../model.js';
import { checkParameterValue, MAX_PARAMETERS } from '../parameter-value.js';
import { compilePattern, MAX_PATTERN_WORK } from '../pattern/pattern.js';
import { isTable, nameOf } from '../schema/check.js';
import type { Finding, Path } from '../source/tree.js';
import type { Table } from '../tables.js';
import { quote, tick } from '../text.js';
import { findTable } from './raw.js';
import { definitionOf } from './related.js';

/** The options that only some types have. */
const OPTIONS: Readonly<Record<string, readonly Parameter['type'][]>> = {
  pattern: ['string'],
  values: ['enum'],
  minimum: ['integer', 'number'],
  maximum: ['integer', 'number'],
  access: ['path'],
};

/** Checks the options and defaults of as many parameters as the schema allows. `data` is the file's own, for what the model leaves out. */
export function checkParameters(
  definition: WorkflowDefinition,
  data: Readonly<Record<string, JsonValue>>,
): readonly Finding[] {
  const work = { remaining: MAX_PATTERN_WORK };
  return [
    ...checkDeclared(definition.parameters, data, ['parameters'], parameterVariable, work),
    ...Object.entries(definition.actions).flatMap(([name, { inputs }]) =>
      checkDeclared(inputs, data, ['actions', name, 'inputs'], inputVariable, work),
    ),
  ];
}

function checkDeclared(
  parameters: Readonly<Record<string, Parameter>>,
  data: Table,
  table: Path,
  variableOf: (name: string) => string,
  work: { remaining: number },
): readonly Finding[] {
  const variables = new Map<string, string>();
  const entries = findTable(data, table) ?? {};
  const kind = table.length === 1 ? 'parameters' : 'inputs';
  const declared = Object.entries(parameters).slice(0, MAX_PARAMETERS);
  return declared.flatMap(([name, parameter]) => {
    const raw = entries[name];
    if (!isTable(raw) || raw['type'] !== parameter.type) return [];
    const path = [...table, name];
    const findings = [
      ...checkOptions(path, parameter, raw),
      ...checkDefault(name, path, parameter, raw, work),
    ];
    const variable = variableOf(name);
    const twin = variables.get(variable);
    if (twin !== undefined) {
      findings.push({
        code: 'parameter.conflict',
        message: `${kind} ${tick(twin)} and ${tick(name)} would both be ${variable}`,
        label: `would also be ${variable}`,
        related: [definitionOf([...table, twin])],
        hint: 'rename one of them',
        path,
        at: 'key',
      });
    }
    variables.set(variable, name);
    return findings;
  });
}

function checkOptions(
  path: Path,
  parameter: Parameter,
  raw: Readonly<Record<string, JsonValue>>,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [option, types] of Object.entries(OPTIONS)) {
    if (raw[option] === undefined || types.includes(parameter.type)) continue;
    findings.push({
      code: 'parameter.option',
      message: `a parameter of type ${parameter.type} has no ${option}`,
      related: [{ path: [...path, 'type'], label: 'its type' }],
      hint: `${option} is for ${types.join(' and ')}`,
      path: [...path, option],
      at: 'key',
    });
  }
  if (parameter.type === 'enum') findings.push(...checkValues(path, parameter.values, raw));
  if (parameter.type === 'string' && parameter.pattern !== undefined) {
    findings.push(...checkPattern(path, parameter.pattern));
  }
  const isNumeric = parameter.type === 'integer' || parameter.type === 'number';
  if (isNumeric && (parameter.minimum ?? -Infinity) > (parameter.maximum ?? Infinity)) {
    findings.push({
      code: 'parameter.option',
      message: 'minimum is above maximum',
      path: [...path, 'minimum'],
      related: [{ path: [...path, 'maximum'], label: 'the maximum' }],
      hint: 'swap them',
    });
  }
  return findings;
}

function checkValues(
  path: Path,
  values: readonly string[],
  raw: Readonly<Record<string, JsonValue>>,
): readonly Finding[] {
  if (raw['values'] === undefined) {
    return [
      {
        code: 'key.missing',
        message: `${nameOf(path)} has no "values"`,
        hint: 'list the values to choose from',
        path,
        at: 'key',
      },
    ];
  }
  const seen = new Map<string, number>();
  return values.flatMap((value, at) => {
    const first = seen.get(value);
    if (first === undefined) {
      seen.set(value, at);
      return [];
    }
    const list = [...path, 'values'];
    return [
      {
        code: 'parameter.option' as const,
        message: `${quote(value)} is listed twice`,
        label: 'listed again',
        hint: 'list it once',
        path: [...list, at],
        related: [{ path: [...list, first], label: 'listed here first' }],
      },
    ];
  });
}

function checkPattern(path: Path, pattern: string): readonly Finding[] {
  try {
    compilePattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    return [
      {
        code: 'parameter.pattern',
        message: error.message,
        path: [...path, 'pattern'],
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        ...(error.range === undefined ? {} : { within: error.range }),
      },
    ];
  }
}

function checkDefault(
  name: string,
  path: Path,
  parameter: Parameter,
  raw: Readonly<Record<string, JsonValue>>,
  work: { remaining: number },
): readonly Finding[] {
  const fallback = raw['default'];
  if (fallback === undefined) return [];
  const problem = checkParameterValue(parameter, fallback, work);
  if (problem === undefined) return [];
  return [
    {
      code: 'parameter.default',
      message: `the default of ${tick(name)} ${problem.message}`,
      related: [{ path: [...path, 'type'], label: 'its type' }],
      path: [...path, 'default'],
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    },
  ];
}
