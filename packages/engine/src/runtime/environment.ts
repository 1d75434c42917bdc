import { parameterVariable, toEnvironmentString, type JsonValue } from '@sheaf/workflow';

/** What a step sees of the caller's environment: enough to find programs and to behave like the caller's shell, no secret. */
const INHERITED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'TMPDIR',
  'TZ',
  'LANG',
  'LANGUAGE',
]);

/** The caller's variables that steps inherit; everything else, tokens and keys above all, stays out. */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (INHERITED.has(name) || name.startsWith('LC_'))) kept[name] = value;
  }
  return kept;
}

export interface StepEnvironment {
  readonly inherited: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** The step's own `env`, evaluated. */
  readonly env: Readonly<Record<string, string>>;
  /** What a reusable step was given. */
  readonly inputs?: Readonly<Record<string, JsonValue>>;
  /** In `catch`: what failed. */
  readonly failedStep?: string;
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly cwd: string;
  readonly bundleDir?: string;
}

/** The whole environment of one attempt. Later ones win: inherited, `PARAM_…`, `INPUT_…`, the step's `env`, `SHEAF_…`. */
export function stepEnvironment(of: StepEnvironment): Readonly<Record<string, string>> {
  const variables = Object.create(null) as Record<string, string>;
  Object.assign(variables, of.inherited);
  for (const [name, value] of Object.entries(of.parameters)) {
    variables[parameterVariable(name)] = toEnvironmentString(value);
  }
  for (const [name, value] of Object.entries(of.inputs ?? {})) {
    variables[parameterVariable(name).replace(/^PARAM_/, 'INPUT_')] = toEnvironmentString(value);
  }
  if (of.failedStep !== undefined) variables['FAILED_STEP'] = of.failedStep;
  Object.assign(variables, of.env);
  variables['SHEAF_RUN_ID'] = of.runId;
  variables['SHEAF_STEP'] = of.step;
  variables['SHEAF_ATTEMPT'] = String(of.attempt);
  variables['SHEAF_WORKSPACE'] = of.cwd;
  if (of.bundleDir !== undefined) variables['SHEAF_BUNDLE'] = of.bundleDir;
  return variables;
}
