import { dirname, join, resolve } from 'node:path';
import { toEnvironmentString, type JsonValue, type Tool } from '@sheaf/workflow';
import { LIMITS } from '../../limits.js';
import { takeOutputFile } from '../../processes/output-file.js';
import { parseOutputs } from '../../runtime/outputs.js';
import { ActionError } from '../action-error.js';
import type { Action, ActionContext, ActionOutputs, ActionProcessEnd } from '../action.js';
import { assertProgram } from '../allowed-program.js';
import type { Inputs } from '../inputs.js';
import { conversation } from './json-lines.js';

type CommandTool = Tool & { readonly work: Extract<Tool['work'], { readonly kind: 'command' }> };

/** An action that a program of the project does. `file` is the absolute path of the tool's file, which `./` begins at. */
export function commandAction({ manifest, work }: CommandTool, file: string): Action {
  const [program = '', ...args] = work.command;
  const executable = program.includes('/') ? resolve(dirname(file), program) : program;
  return {
    manifest,
    run: async (given, context) => {
      assertProgram(context, program);
      const inputs = await withSecrets(manifest.inputs, given, context);
      const start = { file: executable, args };
      return work.protocol === 'plain' ? runPlain(start, inputs, context) : runLines(start, inputs, context);
    },
  };
}

interface Start {
  readonly file: string;
  readonly args: readonly string[];
}

/** The program finds each input as INPUT_<NAME>, and all of them as JSON on its standard input. */
async function runPlain(start: Start, inputs: Inputs, context: ActionContext): Promise<ActionOutputs> {
  const outputFile = join(context.scratchDir, 'output');
  const env: Record<string, string> = { ...context.env, SHEAF_OUTPUT: outputFile };
  for (const [name, value] of Object.entries(inputs)) {
    const text = toEnvironmentString(value);
    // A NUL or a long text cannot be a variable; standard input has it.
    if (!text.includes('\0') && Buffer.byteLength(text) < LIMITS.argumentBytes - 100) {
      env[`INPUT_${name.toUpperCase().replaceAll('-', '_')}`] = text;
    }
  }
  const end = await context.startProcess({ ...start, env, stdin: `${JSON.stringify(inputs)}\n` }).done;
  context.signal.throwIfAborted();
  const outputs: ActionOutputs = {
    ...readOutputs(outputFile),
    stdout: (end.stdout ?? '').replace(/(?:\r?\n)+$/, ''),
    exit_code: end.exitCode ?? -1,
  };
  if (end.exitCode === 0) return outputs;
  throw new ActionError('plugin.failed', howItEnded(end), {
    outputs,
    retryable: end.spawnError === undefined,
  });
}

async function runLines(start: Start, inputs: Inputs, context: ActionContext): Promise<ActionOutputs> {
  const { runId, step, attempt, cwd, now } = context;
  const talk = conversation((text) => {
    context.log('stdout', text);
  });
  const request = { schema: 'sheaf.action/1', run: runId, step, attempt, workspace: cwd, now, inputs };
  const process = context.startProcess({
    ...start,
    stdin: `${JSON.stringify(request)}\n`,
    onStdout: (chunk) => {
      if (!talk.take(chunk)) process.stop();
    },
  });
  const end = await process.done;
  context.signal.throwIfAborted();
  const outputs = talk.result();
  if (outputs !== undefined && end.exitCode === 0) return outputs;
  throw new ActionError(
    'plugin.failed',
    end.exitCode === 0 ? 'the plugin ended without saying its outputs' : howItEnded(end),
    { retryable: end.spawnError === undefined },
  );
}

async function withSecrets(
  declared: Action['manifest']['inputs'],
  inputs: Inputs,
  context: ActionContext,
): Promise<Inputs> {
  const all = Object.assign(Object.create(null), inputs) as Record<string, JsonValue>;
  for (const [name, input] of Object.entries(declared)) {
    const value = all[name];
    if (input.type === 'secret' && typeof value === 'string') all[name] = await context.secret(value);
  }
  return all;
}

function readOutputs(path: string): ActionOutputs {
  const written = takeOutputFile(path, LIMITS.outputFileBytes);
  if (written === undefined) return {};
  const parsed = typeof written === 'string' ? undefined : parseOutputs(written);
  if (parsed === undefined || 'problem' in parsed) {
    throw new ActionError(
      'action.output',
      parsed?.problem.message ?? 'the file $SHEAF_OUTPUT cannot be read',
    );
  }
  return parsed.outputs;
}

function howItEnded({ spawnError, exitCode, signal }: ActionProcessEnd): string {
  if (spawnError !== undefined) return `its program could not be started: ${spawnError}`;
  return exitCode === undefined ? `it was ended by ${signal ?? 'a signal'}` : `exit ${exitCode}`;
}
