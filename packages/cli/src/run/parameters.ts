import {
  bindParameters,
  createPlan,
  type Parameter,
  type ParameterProblem,
  type Plan,
  type PlanOptions,
  type WorkflowDefinition,
} from '@sheaf/workflow';
import type { Flag } from '../frame/args.js';
import { CliError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';

export const PARAMETER_FLAG: Flag = {
  name: 'param',
  short: 'p',
  value: 'NAME=VALUE',
  completes: 'parameter',
  repeat: true,
  summary: 'a parameter of the workflow',
};

/** Reads `-p name=value`, each name once. @throws CliError `usage.parameter` */
export function readParameters(words: readonly string[]): Readonly<Record<string, string>> {
  const given = Object.create(null) as Record<string, string>;
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) {
      throw new CliError('usage.parameter', `-p ${JSON.stringify(word)} is not NAME=VALUE`, {
        hint: '-p who=world',
      });
    }
    const name = word.slice(0, equals);
    if (name in given)
      throw new CliError('usage.parameter', `the parameter ${name} is given twice`, { hint: 'give it once' });
    given[name] = word.slice(equals + 1);
  }
  return given;
}

/**
 * Binds parameters and makes the plan.
 *
 * @param cwd what paths that are given are relative to; those of defaults too, unless the run has a workspace of its own
 * @throws CliError `parameter.…` with every problem
 */
export function bindPlan(
  definition: WorkflowDefinition,
  given: Readonly<Record<string, string>>,
  cwd: string,
  options: PlanOptions = {},
  hasWorkspace = false,
): Plan {
  const { values, problems } = bindParameters(definition, given, { cwd, hasWorkspace });
  const [first] = problems;
  if (first === undefined) return createPlan(definition, values, options);
  if (problems.length === 1)
    throw new CliError(first.code, first.message, { hint: helpFor(definition, first), data: { problems } });
  throw new CliError(first.code, `${problems.length} parameters of ${definition.id} are not right`, {
    evidence: problems.map((problem) => problem.message),
    hint: problems.flatMap((problem) =>
      helpFor(definition, problem).map((line) => `${problem.parameter}: ${line}`),
    ),
    data: { problems },
  });
}

/** What the parameter takes, and the flag as it would be typed. */
function helpFor(definition: WorkflowDefinition, { parameter, hint }: ParameterProblem): readonly string[] {
  const declared = Object.hasOwn(definition.parameters, parameter)
    ? definition.parameters[parameter]
    : undefined;
  return [
    ...(hint === undefined ? [] : [hint]),
    ...(declared === undefined ? [] : [`-p ${shellPair(parameter, exampleOf(declared))}`]),
  ];
}

function shellPair(name: string, value: string): string {
  return shellWord(value) === value ? `${name}=${value}` : shellWord(`${name}=${value}`);
}

/** A value that a parameter takes, as far as its declaration tells. */
function exampleOf(parameter: Parameter): string {
  if (parameter.default !== undefined)
    return typeof parameter.default === 'string' ? parameter.default : JSON.stringify(parameter.default);
  switch (parameter.type) {
    case 'enum':
      return parameter.values[0] ?? '';
    case 'integer':
    case 'number':
      return String(parameter.minimum ?? parameter.maximum ?? 1);
    case 'boolean':
      return 'true';
    case 'path':
      return './file';
    case 'json':
      return '{"key": "value"}';
    case 'secret':
      return 'NAME_OF_A_SECRET';
    case 'string':
      return 'text';
  }
}
