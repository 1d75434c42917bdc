import { printable, type Permissions } from '@sheaf/workflow';
import { shellOutcome, shellProcess } from '../actions/shell.js';
import type { StartCommand } from '../core/command.js';
import type { StepOutcome } from '../core/events.js';
import type { StepState } from '../core/scope.js';
import type { Redactor } from '../redaction/redactor.js';
import { fillSecrets, withoutSecrets, type SecretScope } from '../secrets/use-secrets.js';
import {
  STOPPED,
  type Attempt,
  type AttemptContext,
  type AttemptEnd,
  type AttemptHooks,
  type StartAttempt,
} from './attempt-port.js';
import { ephemeralAttempt } from './ephemeral-attempt.js';
import { stepEnvironment } from './environment.js';
import { failedAttempt } from './failed-attempt.js';
import { assertResources, holdTimeout, maxTasksOf } from './hold-to-rules.js';
import { leasedAttempt } from './lease.js';
import { runAction } from './run-action.js';
import { withSecrets } from './secret-attempt.js';
import { cachedAttempt } from './step-cache.js';
import { confinedBy, decisionsOf, tooManyProcesses, type Decide } from './step-decisions.js';
import { confinementOf, permissionsOf, refusedTo } from './step-permissions.js';

/** Makes the function that begins attempts of this run's steps. What an attempt gives back has no secret in it. */
export function attemptStarter(context: AttemptContext): StartAttempt {
  return (command, hooks) => {
    const entry = context.state.steps.get(command.step);
    if (entry === undefined) throw new TypeError(`no step ${command.step}`);
    const { ephemeral } = context;
    // A script touches no file.
    return ephemeral === undefined || entry.step.work.kind === 'script'
      ? beginAttempt(context, entry, { command, hooks })
      : ephemeralAttempt(ephemeral, { command, hooks }, (cwd) =>
          beginAttempt({ ...context, cwd }, entry, { command, hooks }),
        );
  };
}

function beginAttempt(
  context: AttemptContext,
  entry: StepState,
  { command, hooks }: Pick<Start, 'command' | 'hooks'>,
): Attempt {
  const { secrets } = context.protection;
  const decide = decisionsOf(secrets.redactor, command, hooks.note);
  const { rules } = context.state;
  tellRefused(context, entry, decide);
  const scope = { permissions: permissionsOf(context, entry), secrets };
  return withSecrets({ command, hooks, scope, decide }, () => {
    const env = environmentOf(context, entry, command, scope);
    const { resources } = entry.step;
    assertResources(resources, rules);
    const { leases, time } = context;
    const work = (): Attempt => startWork(context, entry, { command, hooks, env, decide });
    const begin = (): Attempt =>
      resources === undefined || leases === undefined ? work() : leasedAttempt(leases, time, resources, work);
    if (entry.step.cache === undefined || context.cache === undefined) return begin();
    return cachedAttempt(context, context.cache, { entry, command, hooks, env, begin });
  });
}

/** What the workflow of a step was given by one that has no right to it. */
function tellRefused(context: AttemptContext, entry: StepState, decide: Decide): void {
  for (const { kind, value } of refusedTo(context, entry))
    decide({
      subject: kind === 'secrets' ? 'secret' : kind,
      result: 'limited',
      value,
      by: 'workflow',
      why: 'the workflow that hands it on may not use it itself',
    });
}

function startWork(context: AttemptContext, entry: StepState, start: Start): Attempt {
  const { redactor } = context.protection.secrets;
  const bundleDir = context.bundleDirs.get(entry.scope.workflow ?? '');
  const attempt =
    entry.step.work.kind === 'shell'
      ? startShell(context, entry, start)
      : runAction(context, entry, { ...start, bundleDir });
  if (!redactor.isActive) return attempt;
  return { ...attempt, end: attempt.end.then((end) => redactEnd(redactor, end)) };
}

interface Start {
  readonly command: StartCommand;
  readonly hooks: AttemptHooks;
  readonly env: Readonly<Record<string, string>>;
  readonly decide: Decide;
}

function startShell(
  context: AttemptContext,
  entry: StepState,
  { command, hooks, env, decide }: Start,
): Attempt {
  const { step, attempt } = command;
  const { rules } = context.state;
  const bundleDir = context.bundleDirs.get(entry.scope.workflow ?? '');
  const confine = confinementOf(context, entry, bundleDir);
  const maxTasks = maxTasksOf(rules);
  const held = holdTimeout(entry.step, rules, decide);
  if (confine !== undefined) decide(confinedBy(permissionsOf(context, entry), maxTasks));
  const spec = shellProcess({
    ...context,
    step: held,
    path: step,
    attempt,
    environment: env,
    confine,
    maxTasks,
    redactor: context.protection.secrets.redactor,
  });
  if ('problem' in spec) return failedAttempt(spec.problem);
  const handle = context.runner.start(spec, hooks.onOutput);
  const process = handle.identity;
  if (process !== undefined) hooks.note({ type: 'step.spawned', step, attempt, process });
  const end = handle.done.then((ended): AttemptEnd => {
    if (ended.stopped === 'request') return STOPPED;
    if (ended.stopped === 'processes') decide(tooManyProcesses(maxTasks, rules));
    const outcome = shellOutcome({ timeoutMs: held.timeoutMs, maxTasks }, ended);
    const permissions = confine === undefined ? undefined : permissionsOf(context, entry);
    return { outcome: hintAtRules(hintAtSandbox(outcome, permissions), entry, rules) };
  });
  return {
    stop: () => {
      handle.stop();
    },
    kill: () => {
      handle.kill();
    },
    end,
  };
}

/** What stopped a step may be the sandbox, which only the step itself has seen. */
function hintAtSandbox(outcome: StepOutcome, permissions: Permissions | undefined): StepOutcome {
  const { reason } = outcome;
  if (permissions === undefined || reason?.code !== 'step.exit') return outcome;
  const { network, write } = permissions;
  const writes = write.length === 0 ? 'write nothing' : `write ${printable(write.join(', '), MAX_SHOWN)}`;
  const reach = network.length === 0 ? 'reach no network' : 'reach the network';
  return {
    ...outcome,
    reason: {
      ...reason,
      hint: `it ran in a sandbox, where it may ${writes} and ${reach}: [permissions] of the workflow say so`,
    },
  };
}

/** A time that the step has not set itself. */
function hintAtRules(
  outcome: StepOutcome,
  { step }: StepState,
  rules: AttemptContext['state']['rules'],
): StepOutcome {
  const { reason } = outcome;
  const isHeld = rules?.timeoutMs !== undefined && !((step.timeoutMs ?? Infinity) <= rules.timeoutMs);
  if (reason?.code !== 'step.timeout' || !isHeld) return outcome;
  return { ...outcome, reason: { ...reason, hint: `${rules.from} says so` } };
}

/** Of what is listed in a hint. */
const MAX_SHOWN = 200;

function redactEnd(redactor: Redactor, end: AttemptEnd): AttemptEnd {
  if ('interrupted' in end) return end;
  const { outputs, reason } = end.outcome;
  const shown = reason && {
    ...reason,
    message: redactor.text(reason.message),
    ...(reason.hint === undefined ? {} : { hint: redactor.text(reason.hint) }),
  };
  return {
    ...end,
    outcome: {
      ...end.outcome,
      outputs: redactor.json(outputs),
      ...(shown === undefined ? {} : { reason: shown }),
    },
  };
}

/** The whole environment of an attempt. Throws ActionError `policy.denied`. */
export function environmentOf(
  context: Pick<AttemptContext, 'bundleDirs' | 'inherited' | 'runId' | 'cwd'>,
  entry: StepState,
  { step, attempt, env, inputs }: StartCommand,
  scope: SecretScope,
): Readonly<Record<string, string>> {
  const bundleDir = context.bundleDirs.get(entry.scope.workflow ?? '');
  const { error } = entry.names.variables;
  const filled = Object.entries(env).map(([name, text]) => [name, fillSecrets(scope, text)]);
  return stepEnvironment({
    inherited: context.inherited,
    parameters: withoutSecrets(entry.names),
    env: Object.fromEntries(filled) as Record<string, string>,
    inputs: entry.step.work.kind === 'shell' ? inputs : {},
    runId: context.runId,
    step,
    attempt,
    cwd: context.cwd,
    ...(bundleDir === undefined ? {} : { bundleDir }),
    ...(isError(error) ? { failedStep: error.step } : {}),
  });
}

function isError(value: unknown): value is { readonly step: string } {
  return typeof value === 'object' && value !== null && 'step' in value && typeof value.step === 'string';
}
