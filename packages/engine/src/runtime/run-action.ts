import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ActionError } from '../actions/action-error.js';
import { isActionError } from '../actions/action-error.js';
import type { ActionContext, ActionOutputs } from '../actions/action.js';
import type { StartCommand } from '../core/command.js';
import type { Reason, StepOutcome } from '../core/events.js';
import type { StepState } from '../core/scope.js';
import { LIMITS } from '../limits.js';
import { openLogFile } from '../processes/log-file.js';
import type { OutputStream, ProcessHandle } from '../ports.js';
import { giveInputs } from '../secrets/give-inputs.js';
import { namedSecrets } from '../secrets/named-secrets.js';
import { loadSecret } from '../secrets/use-secrets.js';
import type { InputsFor } from './action-port.js';
import { createActionProcesses } from './action-processes.js';
import {
  STOPPED,
  type Attempt,
  type AttemptContext,
  type AttemptEnd,
  type AttemptHooks,
} from './attempt-port.js';
import { holdContainer, holdTimeout, maxTasksOf } from './hold-to-rules.js';
import { confinedBy, type Decide } from './step-decisions.js';
import { KEPT_STEP } from './kept-step.js';
import { confinementOf, EVERYTHING, permissionsOf } from './step-permissions.js';
import { stepFile } from './step-file.js';

export interface ActionAttempt {
  readonly command: StartCommand;
  readonly hooks: AttemptHooks;
  readonly env: Readonly<Record<string, string>>;
  readonly bundleDir: string | undefined;
  readonly decide: Decide;
}

/** Begins an attempt at a step that an action or a script does. */
export function runAction(context: AttemptContext, entry: StepState, given: ActionAttempt): Attempt {
  const began = performance.now();
  const abort = new AbortController();
  const gone = createGate();
  let ended: 'timeout' | 'request' | undefined;
  const processes = new Set<ProcessHandle>();
  const end = (why: 'timeout' | 'request'): void => {
    ended ??= why;
    abort.abort();
    for (const handle of processes) handle.stop();
  };
  const { timeoutMs } = holdTimeout(entry.step, context.state.rules, given.decide);
  const cancelTimeout =
    timeoutMs === undefined
      ? undefined
      : context.time.after(timeoutMs, () => {
          end('timeout');
          // Code that runs in this process cannot be ended: what does not listen is left behind.
          context.time.after(context.graceMs, gone.open);
        });
  const perform = async (): Promise<AttemptEnd> => {
    const result = await Promise.race([
      settle(work(context, entry, given, { abort, processes })),
      gone.promise,
    ]);
    cancelTimeout?.();
    for (const handle of processes) handle.stop();
    await Promise.all([...processes].map((handle) => handle.done));
    if (ended === 'request') return STOPPED;
    const durationMs = Math.round((performance.now() - began) * 1000) / 1000;
    if (ended === 'timeout') return { outcome: failed(timeoutReason(timeoutMs ?? 0), durationMs) };
    if (result === undefined) return STOPPED;
    if ('outputs' in result) return { outcome: { status: 'succeeded', outputs: result.outputs, durationMs } };
    const { error } = result;
    if (!isActionError(error)) throw error;
    if (error.denied !== undefined) given.decide({ ...error.denied, result: 'refused' });
    const retryable = error.retryable || error.code === 'action.failed';
    return { outcome: { ...failed(reasonOf(error), durationMs), outputs: error.outputs ?? {} }, retryable };
  };
  return {
    stop: () => {
      end('request');
      context.time.after(context.graceMs, gone.open);
    },
    kill: () => {
      end('request');
      for (const handle of processes) handle.kill();
      gone.open();
    },
    end: perform(),
  };
}

async function work(
  context: AttemptContext,
  entry: StepState,
  { command, hooks, env, bundleDir, decide }: ActionAttempt,
  { abort, processes }: { readonly abort: AbortController; readonly processes: Set<ProcessHandle> },
): Promise<ActionOutputs> {
  const { runId } = context;
  const { step, attempt, secretInputs = {} } = command;
  const { work } = entry.step;
  const { rules } = context.state;
  const dir = context.runDir(runId);
  const log = openLogFile(join(dir, `${stepFile(step)}.log`), LIMITS.logBytes);
  const { secrets, profile } = context.protection;
  const { redactor } = secrets;
  const masks = { stdout: redactor.stream(), stderr: redactor.stream() };
  const show = (stream: OutputStream, chunk: Uint8Array): void => {
    if (chunk.length === 0) return;
    log.write(chunk);
    void hooks.onOutput?.(step, stream, chunk);
  };
  const write: ActionContext['log'] = (stream, text) => {
    const chunk = Buffer.from(text);
    show(stream, redactor.isActive ? masks[stream].write(chunk) : chunk);
  };
  const made = new Set<string>();
  const scratch = join(dir, `${stepFile(step)}.${attempt}.tmp`);
  // An action may be told the same when it is done again after a crash, so this does not depend on the attempt.
  const seed = `${runId} ${step}`;
  try {
    if (work.kind === 'script') {
      const onLog = (text: string): void => {
        write('stdout', text);
      };
      const request = {
        script: work.script,
        input: command.inputs,
        seed,
        now: hooks.now,
        signal: abort.signal,
        onLog,
      };
      return await context.actions.runScript(request);
    }
    const permissions = permissionsOf(context, entry);
    if (work.kind !== 'action') throw new TypeError(`step ${step} is no action`);
    const scope = { permissions, secrets };
    const named = new Set(namedSecrets(command));
    const inputs =
      work.action === 'container' ? holdContainer(command.inputs, rules, decide) : command.inputs;
    const inputsFor: InputsFor = (manifest) => giveInputs(scope, manifest, inputs, secretInputs);
    const place = {
      env,
      cwd: context.cwd,
      confine: confinementOf(context, entry, bundleDir),
      onConfine: () => {
        decide(confinedBy(permissions, maxTasksOf(rules)));
      },
    };
    const startProcess = createActionProcesses(context, { ...place, step, attempt, processes, hooks });
    return await context.actions.perform(work.action, inputsFor, {
      runId,
      step,
      attempt,
      cwd: context.cwd,
      ...(bundleDir === undefined ? {} : { bundleDir }),
      get scratchDir() {
        mkdirSync(scratch, { recursive: true, mode: 0o700 });
        made.add(scratch);
        return scratch;
      },
      env,
      permissions: profile === 'disabled' ? EVERYTHING : permissions,
      signal: abort.signal,
      log: write,
      secret: async (name) => {
        const { value, source } = await loadSecret(scope, name);
        if (!named.has(name)) hooks.note({ type: 'step.secret', step, attempt, name, from: source });
        named.add(name);
        return value;
      },
      seed,
      now: hooks.now,
      startProcess,
      onReach: (host) => {
        decide({ subject: 'network', result: 'allowed', value: host, by: 'workflow' });
      },
      // What it may do is part of it: a workflow that is called twice may do what it was given each time.
      keep: context.keeper.for(JSON.stringify([entry.scope.workflow, permissions]), (all) =>
        createActionProcesses(context, {
          ...place,
          step: KEPT_STEP,
          attempt: 1,
          processes: all,
          hooks: UNHEARD,
        }),
      ),
    });
  } finally {
    for (const stream of ['stdout', 'stderr'] as const) show(stream, masks[stream].end());
    log.close();
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  }
}

/** What is kept belongs to no attempt that could tell of it. */
const UNHEARD: AttemptHooks = { now: 0, onOutput: undefined, note: () => undefined };

function failed(reason: Reason, durationMs: number): StepOutcome {
  return { status: 'failed', outputs: {}, durationMs, reason };
}

function timeoutReason(timeoutMs: number): Reason {
  return { code: 'step.timeout', message: `it took longer than its timeout of ${timeoutMs} ms` };
}

function reasonOf({ code, message, hint }: ActionError): Reason {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

async function settle(
  done: Promise<ActionOutputs>,
): Promise<{ readonly outputs: ActionOutputs } | { readonly error: unknown }> {
  try {
    return { outputs: await done };
  } catch (error) {
    return { error };
  }
}

interface Gate {
  readonly promise: Promise<undefined>;
  readonly open: () => void;
}

function createGate(): Gate {
  let open: () => void = () => undefined;
  const promise = new Promise<undefined>((resolve) => {
    open = () => {
      resolve(undefined);
    };
  });
  return { promise, open };
}
