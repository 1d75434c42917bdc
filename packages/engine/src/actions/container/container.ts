import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printable, toEnvironmentString } from '@sheaf/workflow';
import { takeOutputFile } from '../../processes/output-file.js';
import { LIMITS } from '../../limits.js';
import { parseOutputs } from '../../runtime/outputs.js';
import { allowedPath } from '../access.js';
import { ActionError } from '../action-error.js';
import type { ActionContext, ActionImplementation, ActionOutputs } from '../action.js';
import { isSet, mapOf, type Inputs } from '../inputs.js';
import { containerArguments, environmentFile, variablesOf } from './arguments.js';
import { findContainerEngine, type ContainerEngine } from './find-engine.js';

/** What an engine itself ends with when the container never ran: it failed, or the command cannot be started or found. */
const ENGINE_FAILED: readonly number[] = [125, 126, 127];

/** `container`. */
export const run: ActionImplementation = async (inputs, context) => {
  const engine = findContainerEngine(context);
  await assertAllowed(inputs, context);
  const name = nameOf(context);
  const files = await writeFiles(inputs, context);
  const args = containerArguments(inputs, { name, cwd: context.cwd, ...files });
  context.signal.throwIfAborted();
  const end = await context.startProcess({ file: engine, args }).done;
  if (context.signal.aborted) {
    // What was stopped is only a client: the container goes on without it.
    await removeContainer(engine, name, context);
    context.signal.throwIfAborted();
  }
  if (end.spawnError !== undefined) {
    throw new ActionError(
      'container.missing',
      `${engine} could not be started: ${printable(end.spawnError)}`,
    );
  }
  const exitCode = end.exitCode ?? -1;
  const outputs: ActionOutputs = {
    ...readOutputs(files.outputFile),
    stdout: (end.stdout ?? '').replace(/(?:\r?\n)+$/, ''),
    exit_code: exitCode,
    engine,
  };
  if (exitCode === 0) return outputs;
  const last = printable(end.stderrTail.trim().split('\n').at(-1) ?? '', 300);
  const said = ENGINE_FAILED.includes(exitCode)
    ? `${engine} could not run the container: ${last}`
    : `the container ended with exit code ${exitCode}`;
  throw new ActionError('container.failed', said, { outputs, retryable: true });
};

/** What a container cannot enforce in part is allowed as a whole or not at all. */
async function assertAllowed(inputs: Inputs, context: ActionContext): Promise<void> {
  await allowedPath(context, '.', 'read');
  if (isSet(inputs, 'writable')) await allowedPath(context, '.', 'write');
  if (isSet(inputs, 'network') && !context.permissions.network.includes('*')) {
    throw new ActionError(
      'policy.denied',
      'the run may not reach every host, and a container with a network can',
      {
        hint: 'add "*" to network under [permissions] of the workflow, or leave network out',
        denied: { subject: 'network', value: '*', by: 'workflow' },
      },
    );
  }
}

/** The same for the same attempt, so that what a crash left can be removed by its name. */
function nameOf({ runId, step, attempt }: ActionContext): string {
  const hash = createHash('sha256').update(`${runId}/${step}/${attempt}`).digest('hex').slice(0, 16);
  return `sheaf-${hash}`;
}

interface ContainerFiles {
  readonly envFile: string;
  readonly secretsDir?: string;
  readonly outputFile: string;
}

async function writeFiles(inputs: Inputs, context: ActionContext): Promise<ContainerFiles> {
  const envFile = join(context.scratchDir, 'env');
  const outputFile = join(context.scratchDir, 'output');
  const secretsDir = join(context.scratchDir, 'secrets');
  const own = {
    SHEAF_RUN_ID: context.runId,
    SHEAF_STEP: context.step,
    SHEAF_ATTEMPT: String(context.attempt),
    SHEAF_WORKSPACE: '/workspace',
    SHEAF_OUTPUT: '/run/sheaf/output',
  };
  await writeFile(envFile, environmentFile({ ...variablesOf(inputs, toEnvironmentString), ...own }), {
    mode: 0o600,
  });
  // Who runs in the container is somebody else to the host.
  await writeFile(outputFile, '', { mode: 0o666 });
  const secrets = Object.entries(mapOf(inputs, 'secrets'));
  if (secrets.length === 0) return { envFile, outputFile };
  await mkdir(secretsDir, { mode: 0o755 });
  for (const [name, value] of secrets) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/.test(name)) {
      throw new ActionError('action.input', `"${printable(name)}" is no name of a file for a secret`);
    }
    await writeFile(join(secretsDir, name), toEnvironmentString(value), { mode: 0o444 });
  }
  return { envFile, outputFile, secretsDir };
}

function readOutputs(path: string): ActionOutputs {
  const written = takeOutputFile(path, LIMITS.outputFileBytes);
  if (written === undefined) return {};
  if (written === 'too_large' || written === 'not_a_file') {
    throw new ActionError('action.output', 'the file $SHEAF_OUTPUT of the container cannot be read');
  }
  const parsed = parseOutputs(written);
  if ('problem' in parsed) throw new ActionError('action.output', parsed.problem.message);
  return parsed.outputs;
}

async function removeContainer(engine: ContainerEngine, name: string, context: ActionContext): Promise<void> {
  const args = ['rm', '--force', name];
  await context.startProcess({ file: engine, args, tidies: true, onStdout: () => undefined }).done;
}
