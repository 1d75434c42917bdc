import {
  bindParameters,
  createPlan,
  type Plan,
  type PlanOptions,
  type WorkflowDefinition,
} from '@sheaf/workflow';
import type { Flag } from '../frame/args.js';
import { CliError } from '../frame/errors.js';

export const PARAMETER_FLAG: Flag = {
  name: 'param',
  short: 'p',
  value: 'NAME=VALUE',
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

/** Binds parameters and makes the plan. @throws CliError `parameter.…` with every problem */
export function bindPlan(
  definition: WorkflowDefinition,
  given: Readonly<Record<string, string>>,
  cwd: string,
  options: PlanOptions = {},
): Plan {
  const { values, problems } = bindParameters(definition, given, { cwd });
  const [first] = problems;
  if (first === undefined) return createPlan(definition, values, options);
  const hints = problems.flatMap((problem) => (problem.hint === undefined ? [] : [problem.hint]));
  if (problems.length === 1)
    throw new CliError(first.code, first.message, { hint: hints, data: { problems } });
  throw new CliError(first.code, `${problems.length} parameters of ${definition.id} are not right`, {
    evidence: problems.map((problem) => problem.message),
    hint: hints,
    data: { problems },
  });
}
