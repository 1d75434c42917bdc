import { parameterVariable } from '../environment.js';
import { WorkflowError } from '../errors.js';
import type { JsonValue, Parameter, WorkflowDefinition } from '../model.js';
import { checkParameterValue, MAX_PARAMETERS } from '../parameter-value.js';
import { compilePattern, MAX_PATTERN_WORK } from '../pattern/pattern.js';
import { isTable } from '../schema/check.js';
import type { Finding } from '../source/tree.js';
import { quote, tick } from '../text.js';
import { listScripts } from '../walk.js';
import { definitionOf } from './related.js';
import type { TemplateAnalysis } from './templates.js';

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
  const variables = new Map<string, string>();
  const work = { remaining: MAX_PATTERN_WORK };
  const parameters = isTable(data['parameters']) ? data['parameters'] : {};
  const declared = Object.entries(definition.parameters).slice(0, MAX_PARAMETERS);
  return declared.flatMap(([name, parameter]) => {
    const raw = parameters[name];
    if (!isTable(raw) || raw['type'] !== parameter.type) return [];
    const findings = [...checkOptions(name, parameter, raw), ...checkDefault(name, parameter, raw, work)];
    const variable = parameterVariable(name);
    const twin = variables.get(variable);
    if (twin !== undefined) {
      findings.push({
        code: 'parameter.conflict',
        message: `parameters ${tick(twin)} and ${tick(name)} would both be ${variable}`,
        label: `would also be ${variable}`,
        related: [definitionOf(['parameters', twin])],
        hint: 'rename one of them',
        path: ['parameters', name],
        at: 'key',
      });
    }
    variables.set(variable, name);
    return findings;
  });
}

function checkOptions(
  name: string,
  parameter: Parameter,
  raw: Readonly<Record<string, JsonValue>>,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [option, types] of Object.entries(OPTIONS)) {
    if (raw[option] === undefined || types.includes(parameter.type)) continue;
    findings.push({
      code: 'parameter.option',
      message: `a parameter of type ${parameter.type} has no ${option}`,
      related: [{ path: ['parameters', name, 'type'], label: 'its type' }],
      hint: `${option} is for ${types.join(' and ')}`,
      path: ['parameters', name, option],
      at: 'key',
    });
  }
  if (parameter.type === 'enum') findings.push(...checkValues(name, parameter.values, raw));
  if (parameter.type === 'string' && parameter.pattern !== undefined) {
    findings.push(...checkPattern(name, parameter.pattern));
  }
  const isNumeric = parameter.type === 'integer' || parameter.type === 'number';
  if (isNumeric && (parameter.minimum ?? -Infinity) > (parameter.maximum ?? Infinity)) {
    findings.push({
      code: 'parameter.option',
      message: 'minimum is above maximum',
      path: ['parameters', name, 'minimum'],
      related: [{ path: ['parameters', name, 'maximum'], label: 'the maximum' }],
      hint: 'swap them',
    });
  }
  return findings;
}

function checkValues(
  name: string,
  values: readonly string[],
  raw: Readonly<Record<string, JsonValue>>,
): readonly Finding[] {
  if (raw['values'] === undefined) {
    return [
      {
        code: 'key.missing',
        message: `parameters.${name} has no "values"`,
        hint: 'list the values to choose from',
        path: ['parameters', name],
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
    const list = ['parameters', name, 'values'];
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

function checkPattern(name: string, pattern: string): readonly Finding[] {
  try {
    compilePattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    return [
      {
        code: 'parameter.pattern',
        message: error.message,
        path: ['parameters', name, 'pattern'],
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        ...(error.range === undefined ? {} : { within: error.range }),
      },
    ];
  }
}

function checkDefault(
  name: string,
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
      related: [{ path: ['parameters', name, 'type'], label: 'its type' }],
      path: ['parameters', name, 'default'],
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    },
  ];
}

/**
 * Warns of parameters that nothing reads. Says nothing when a step starts a program of the bundle or lists its environment, because
 * parameters reach those without being named.
 */
export function checkUnused(definition: WorkflowDefinition, analysis: TemplateAnalysis): readonly Finding[] {
  const runs = [...listScripts(definition)].map(({ run }) => run);
  const isHidden = runs.some((run) =>
    /SHEAF_BUNDLE|\$\{!|\b(?:env|printenv|compgen|declare|export -p)\b/.test(run),
  );
  if (isHidden || analysis.readsAnyParameter) return [];
  const named = new Set(runs.flatMap((run) => run.match(/PARAM_[A-Za-z0-9_]+/g) ?? []));
  return Object.keys(definition.parameters)
    .filter((name) => !analysis.parameters.has(name) && !named.has(parameterVariable(name)))
    .map((name) => ({
      severity: 'warning' as const,
      code: 'parameter.unused' as const,
      message: `parameter ${tick(name)} is never used`,
      hint: `read it as $${parameterVariable(name)} in run, or as params in \${{ }}`,
      path: ['parameters', name],
      at: 'key' as const,
    }));
}
