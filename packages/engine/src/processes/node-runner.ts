import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MAX_TASKS } from '../isolation/bwrap-arguments.js';
import { giveArguments } from '../isolation/give-arguments.js';
import { openSandboxInfo, type SandboxInfo } from '../isolation/sandbox-info.js';
import { guardTasks } from '../isolation/task-guard.js';
import { LIMITS } from '../limits.js';
import type {
  OutputListener,
  OutputStream,
  ProcessHandle,
  ProcessInput,
  ProcessOutcome,
  ProcessRunner,
  ProcessSpec,
} from '../ports.js';
import { stepFile } from '../runtime/step-file.js';
import { createCapture } from './capture.js';
import { deliver, type Pump } from './deliver.js';
import { endLeftover } from './group.js';
import { watchLife } from './life.js';
import { openLogFile } from './log-file.js';
import { clearOutputFile, takeOutputFile } from './output-file.js';
import type { ProcessTable } from './table.js';

export interface NodeRunnerOptions {
  readonly table: ProcessTable;
  /** The folder of a run, which exists: logs and output files go there. */
  readonly runDir: (runId: string) => string;
  /** Between TERM and KILL. */
  readonly graceMs: number;
  /** How long, after the shell of a step ended, what it left may still write before it is stopped. */
  readonly drainMs: number;
}

/**
 * Runs each process as the leader of its own session and group. A step is over when its shell is: what it leaves running in
 * its group is given `drainMs` to finish writing and is then ended like a cancelled step.
 */
export function nodeProcessRunner(options: NodeRunnerOptions): ProcessRunner {
  return {
    start: (spec, onOutput) => startProcess(options, spec, onOutput),
    reap: (leftover) => endLeftover(options.table, leftover, options.graceMs),
  };
}

function startProcess(
  options: NodeRunnerOptions,
  spec: ProcessSpec,
  onOutput: OutputListener | undefined,
): ProcessHandle {
  const began = performance.now();
  const dir = options.runDir(spec.runId);
  const base = join(dir, `${stepFile(spec.step)}.${spec.attempt}`);
  // What is confined gets a folder: a file alone, mounted, could not be replaced by another.
  const outputPath = spec.confine === undefined ? `${base}.out` : join(`${base}.box`, 'output');
  let child: ChildProcess;
  let sandbox: SandboxInfo | undefined;
  try {
    if (spec.isPart !== true) clearOutputFile(outputPath);
    sandbox = spec.confine && openSandboxInfo(`${base}.info`);
    child = spawnChild(spec, { outputPath, boxPath: `${base}.box`, infoFd: sandbox?.fd });
  } catch (error) {
    sandbox?.close();
    return neverBegan(error, began);
  }
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) {
    sandbox?.close();
    return neverBegan(new Promise((resolve) => child.once('error', resolve)), began);
  }

  const log = openLogFile(join(dir, `${stepFile(spec.step)}.log`), LIMITS.logBytes);
  const capture = createCapture(LIMITS.stdoutBytes);
  const pump: Pump = { held: 0, chunks: 0 };
  const input = feed(child, spec);
  let redactions = 0;
  const onFind = (): void => {
    redactions += 1;
  };
  const show = (name: OutputStream, chunk: Uint8Array): Promise<void> | undefined => {
    if (chunk.length === 0) return undefined;
    log.write(chunk);
    return onOutput?.(spec.step, name, chunk) ?? undefined;
  };
  const follow = async (name: OutputStream, stream: Readable): Promise<void> => {
    const mask = spec.redactor?.isActive === true ? spec.redactor.stream(onFind) : undefined;
    await deliver(stream, pump, (chunk) => {
      if (name === 'stdout') capture.write(chunk);
      if (name === 'stdout' && spec.onStdout !== undefined) {
        spec.onStdout(chunk);
        return undefined;
      }
      if (name === 'stderr') spec.onStderr?.(chunk);
      return show(name, mask === undefined ? chunk : mask.write(chunk));
    });
    if (mask !== undefined) await show(name, mask.end())?.catch(() => undefined);
  };
  const delivered = Promise.all([follow('stdout', stdout), follow('stderr', stderr)]);

  const life = watchLife(child, pid, { ...options, sandbox }, pump);
  const endGuard =
    spec.confine === undefined || process.getuid?.() !== 0
      ? undefined
      : guardTasks(pid, spec.maxTasks ?? MAX_TASKS, () => {
          life.terminate('processes');
          life.killGroup();
        });
  const timeout =
    spec.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          life.terminate('timeout');
        }, spec.timeoutMs);

  const finish = async (): Promise<ProcessOutcome> => {
    const end = await life.ended;
    sandbox?.close();
    await delivered;
    clearTimeout(timeout);
    endGuard?.();
    // What moved to another group to outlive its step is found by its mark, but only when the step was told to end.
    if (end.stopped !== undefined) {
      await endLeftover(options.table, { ...spec, process: undefined }, options.graceMs).catch(
        () => undefined,
      );
    }
    const text = capture.text();
    const output = spec.isPart === true ? undefined : takeOutputFile(outputPath, LIMITS.outputFileBytes);
    if (spec.confine !== undefined && spec.isPart !== true)
      await rm(`${base}.box`, { recursive: true, force: true });
    return {
      ...end,
      ...(redactions === 0 ? {} : { redactions }),
      ...(text === undefined ? {} : { stdout: text }),
      ...(output === undefined ? {} : { output }),
      ...(log.close() ? {} : { logTruncated: true as const }),
      durationMs: performance.now() - began,
    };
  };
  return {
    ...(input === undefined ? {} : { input }),
    identity: options.table.identify(pid, performance.timeOrigin + began),
    done: finish(),
    stop: () => {
      life.terminate('request');
    },
    kill: () => {
      life.terminate('request');
      life.killGroup();
    },
  };
}

interface OutputPlace {
  readonly outputPath: string;
  /** A folder that a confined step may write, with the output in it. */
  readonly boxPath: string;
  /** Where bwrap says what it has started. */
  readonly infoFd: number | undefined;
}

/** Starts the process itself, or the sandbox around it. */
function spawnChild(spec: ProcessSpec, { outputPath, boxPath, infoFd }: OutputPlace): ChildProcess {
  const env = spec.isPart === true ? spec.env : { ...spec.env, SHEAF_OUTPUT: outputPath };
  const stdin = spec.stdin === undefined && spec.keepStdin !== true ? 'ignore' : 'pipe';
  if (spec.confine === undefined) {
    const stdio = [stdin, 'pipe', 'pipe'] as const;
    return spawn(spec.file, spec.args, { cwd: spec.cwd, env, detached: true, stdio: [...stdio] });
  }
  if (spec.isPart !== true) mkdirSync(boxPath, { recursive: true, mode: 0o700 });
  const own = spec.isPart === true ? [] : [boxPath];
  const { file, args, input } = spec.confine({ ...spec, env }, own);
  const child = spawn(file, args, {
    cwd: '/',
    env: marksOf(spec.env),
    detached: true,
    stdio: [stdin, 'pipe', 'pipe', 'pipe', infoFd],
  });
  giveArguments(child, input);
  return child;
}

/** By these what a step left running is found after a crash; nothing else of a step's environment may reach the sandbox's own programs. */
function marksOf(env: ProcessSpec['env']): Readonly<Record<string, string>> {
  const marks = ['SHEAF_RUN_ID', 'SHEAF_STEP', 'SHEAF_ATTEMPT'];
  return Object.fromEntries(marks.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** A process may end without reading what it is given. */
function feed({ stdin }: ChildProcess, spec: ProcessSpec): ProcessInput | undefined {
  stdin?.on('error', () => undefined);
  if (spec.keepStdin !== true) {
    stdin?.end(spec.stdin);
    return undefined;
  }
  if (spec.stdin !== undefined) stdin?.write(spec.stdin);
  return {
    write: (text) => {
      if (stdin?.writable === true) stdin.write(text);
    },
    end: () => {
      stdin?.end();
    },
  };
}

function neverBegan(cause: unknown, began: number): ProcessHandle {
  const describe = async (): Promise<ProcessOutcome> => {
    const error: unknown = await cause;
    return {
      spawnError: error instanceof Error ? error.message : String(error),
      durationMs: performance.now() - began,
    };
  };
  return { identity: undefined, done: describe(), stop: () => undefined, kill: () => undefined };
}
