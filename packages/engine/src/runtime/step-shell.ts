import { existsSync } from 'node:fs';
import { quote } from '@sheaf/workflow';
import type { ShellRequest, StepShell } from '../api.js';
import { beginStep } from '../core/begin.js';
import type { StartCommand } from '../core/command.js';
import type { RunState } from '../core/run-state.js';
import type { StepState } from '../core/scope.js';
import { EngineError } from '../errors.js';
import type { Confine } from '../isolation/confine.js';
import { prepareProtection } from '../isolation/protection.js';
import { terminalFilter } from '../isolation/terminal-filter.js';
import { namedSecrets } from '../secrets/named-secrets.js';
import { loadSecret } from '../secrets/use-secrets.js';
import { environmentOf } from './attempt.js';
import { folderMissing } from './drive.js';
import { readRun } from './journaled.js';
import { errorOf } from './result.js';
import type { Runtime } from './runtime.js';
import { confinementOf, permissionsOf } from './step-permissions.js';

/**
 * How a shell is started where a run works, as a step of it sees that: with its environment, and under the profile of the run. Nothing is
 * started here. Throws EngineError `run.not_found`, `run.folder_missing`, `step.not_found`, `isolation.unavailable`; ActionError
 * `secret.…`.
 */
export async function stepShell(runtime: Runtime, runId: string, request: ShellRequest): Promise<StepShell> {
  const { state, started, isolation, workDir, bundleDirs, bundleDir } = readRun(runtime, runId);
  if (!existsSync(workDir)) throw folderMissing(workDir);
  const entry = findStep(state, request.step);
  const protection = await prepareProtection(runtime.protection, started.plan, {
    profile: isolation.profile,
  });
  const folders = Object.entries({ ...bundleDirs, ...(bundleDir === undefined ? {} : { '': bundleDir }) });
  const context = {
    ...{ state, runId, protection, inherited: runtime.inherited, cwd: workDir },
    // That of a run that has ended is gone with it, unless it is a folder of the user.
    bundleDirs: new Map(folders.filter(([, folder]) => existsSync(folder))),
  };
  const scope = {
    permissions: permissionsOf(context, entry),
    names: entry.names,
    secrets: protection.secrets,
  };
  const command = commandOf(state, entry);
  const names = namedSecrets(command);
  if (request.withSecrets === true) for (const name of names) await loadSecret(scope, name);
  const env = request.withSecrets === true ? command.env : withoutTexts(command.env);
  const variables = environmentOf(context, entry, { ...command, env }, scope);
  const confine = confinementOf(context, entry, context.bundleDirs.get(entry.scope.workflow ?? ''));
  return {
    step: entry.path,
    cwd: workDir,
    variables,
    withheld: request.withSecrets === true ? [] : names,
    profile: isolation.profile,
    sandbox: confine === undefined ? 'none' : 'bwrap',
    ...startOf({ file: request.shell, args: [], cwd: workDir, env: variables }, confine),
  };
}

/** The one that is named; else the one that made the run fail, or the first that began. */
function findStep(state: RunState, path: string | undefined): StepState {
  if (path === undefined) {
    const failed = state.steps.get(errorOf(state).error?.step ?? '');
    const begun = [...state.steps.values()].find(({ attempts }) => attempts > 0);
    const found = failed ?? begun ?? state.root.steps[0];
    if (found !== undefined) return found;
  }
  const entry = path === undefined ? undefined : state.steps.get(path);
  if (entry !== undefined) return entry;
  throw new EngineError('step.not_found', `run ${state.runId} has no step called ${quote(path ?? '')}`, {
    hint: `see its steps: sheaf status ${state.runId}`,
  });
}

/** What the step was started with, from what the journal says of those before it; of one that runs nothing itself, nothing. */
function commandOf(state: RunState, entry: StepState): StartCommand {
  const attempt = Math.max(1, entry.attempts);
  const command = entry.role === 'loop' ? undefined : beginStep(state, entry);
  return command?.type === 'start'
    ? { ...command, attempt }
    : { type: 'start', step: entry.path, attempt, env: {}, inputs: {} };
}

function withoutTexts(env: StartCommand['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}

type Spec = Parameters<Confine>[0];

function startOf(spec: Spec, confine: Confine | undefined): Pick<StepShell, 'start'> {
  const { file, args, cwd, env } = spec;
  if (confine === undefined) return { start: { file, args, cwd, env, inputs: [] } };
  const filter = terminalFilter();
  const confined = confine({ ...spec, terminal: filter === undefined ? 'apart' : 'filtered' }, []);
  const inputs = filter === undefined ? [confined.input] : [confined.input, filter];
  return { start: { file: confined.file, args: confined.args, cwd: '/', env: {}, inputs } };
}
