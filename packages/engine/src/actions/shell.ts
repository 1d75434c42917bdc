import type { JsonValue, PlanStep } from '@sheaf/workflow';
import type { Reason, StepOutcome } from '../core/events.js';
import type { Confine } from '../isolation/confine.js';
import { LIMITS } from '../limits.js';
import type { ProcessOutcome, ProcessSpec } from '../ports.js';
import type { Redactor } from '../redaction/redactor.js';
import { parseOutputs } from '../runtime/outputs.js';

/** Absolute paths of the shells and interpreters that the plan's steps ask for, by their names. */
export type Shells = Readonly<Partial<Record<string, string>>>;

export interface ShellAttempt {
  readonly runId: string;
  readonly step: PlanStep;
  readonly path: string;
  readonly attempt: number;
  readonly cwd: string;
  readonly shells: Shells;
  readonly environment: Readonly<Record<string, string>>;
  readonly confine: Confine | undefined;
  /** Of what is confined. */
  readonly maxTasks: number;
  readonly redactor: Redactor;
}

/** What is said of a process that the engine stopped. */
export interface ShellLimits {
  readonly timeoutMs?: number | undefined;
  readonly maxTasks: number;
}

/** Errors end the script, also inside a pipeline where the shell can tell; no start-up file of the user is read. */
const ARGUMENTS = {
  bash: ['--noprofile', '--norc', '-eo', 'pipefail', '-c'],
  sh: ['-e', '-c'],
} as const;

/** The process that an attempt at a `run` step is, or why it cannot be one. */
export function shellProcess(attempt: ShellAttempt): ProcessSpec | { readonly problem: Reason } {
  const { step, path, shells } = attempt;
  const { work } = step;
  if (work.kind !== 'shell') throw new TypeError(`step ${path} runs no shell`);
  const problem = findEnvironmentProblem(attempt.environment);
  if (problem !== undefined) return { problem };
  const [file, ...args] =
    typeof work.shell === 'string'
      ? [shells[work.shell] ?? `/bin/${work.shell}`, ...ARGUMENTS[work.shell]]
      : [shells[work.shell[0] ?? ''] ?? work.shell[0] ?? '', ...work.shell.slice(1)];
  return {
    runId: attempt.runId,
    step: path,
    attempt: attempt.attempt,
    file,
    args: [...args, work.run],
    cwd: attempt.cwd,
    env: attempt.environment,
    redactor: attempt.redactor,
    ...(attempt.confine === undefined ? {} : { confine: attempt.confine, maxTasks: attempt.maxTasks }),
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
  };
}

/**
 * What became of a step, from how its process ended. Not for a process that was stopped on request.
 *
 * @param limits what it was held to
 */
export function shellOutcome(limits: ShellLimits, process: ProcessOutcome): StepOutcome {
  const outputs = Object.create(null) as Record<string, JsonValue>;
  if (process.stdout !== undefined) outputs['stdout'] = process.stdout.replace(/(?:\r?\n)+$/, '');
  if (process.exitCode !== undefined) outputs['exit_code'] = process.exitCode;
  // A step that failed may still say what it found out: a later step can use it where the failure counts as done.
  const unreadable = addWrittenOutputs(outputs, process.output);
  const reason = findFailure(limits, process) ?? unreadable;
  return {
    status: reason === undefined ? 'succeeded' : 'failed',
    outputs,
    durationMs: Math.round(process.durationMs * 1000) / 1000,
    ...(process.exitCode === undefined ? {} : { exitCode: process.exitCode }),
    ...(process.stdout === undefined && process.spawnError === undefined ? { stdoutDropped: true } : {}),
    ...(process.logTruncated === undefined ? {} : { logTruncated: true }),
    ...(process.redactions === undefined ? {} : { redactions: process.redactions }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function findFailure({ timeoutMs, maxTasks }: ShellLimits, process: ProcessOutcome): Reason | undefined {
  if (process.spawnError !== undefined) {
    return { code: 'step.spawn', message: `its shell could not be started: ${process.spawnError}` };
  }
  if (process.stopped === 'timeout') {
    return { code: 'step.timeout', message: `it took longer than its timeout of ${timeoutMs ?? 0} ms` };
  }
  if (process.stopped === 'processes') {
    return { code: 'step.processes', message: `it began more than ${maxTasks} processes` };
  }
  if (process.exitCode === undefined) {
    return { code: 'step.signal', message: `it was ended by ${process.signal ?? 'a signal'}` };
  }
  if (process.exitCode !== 0) return { code: 'step.exit', message: `exit ${process.exitCode}` };
  return undefined;
}

function addWrittenOutputs(
  outputs: Record<string, JsonValue>,
  written: ProcessOutcome['output'],
): Reason | undefined {
  if (written === undefined) return undefined;
  if (written === 'too_large') {
    return {
      code: 'output.too_large',
      message: `the file $SHEAF_OUTPUT is larger than ${LIMITS.outputFileBytes} bytes`,
      hint: 'hand large results on as files in the workspace',
    };
  }
  if (written === 'not_a_file') {
    return { code: 'output.invalid', message: '$SHEAF_OUTPUT is not a regular file any more' };
  }
  const parsed = parseOutputs(written);
  if ('problem' in parsed) return parsed.problem;
  Object.assign(outputs, parsed.outputs);
  return undefined;
}

function findEnvironmentProblem(environment: Readonly<Record<string, string>>): Reason | undefined {
  for (const [name, value] of Object.entries(environment)) {
    if (value.includes('\0')) {
      return {
        code: 'step.environment',
        message: `variable ${name} would hold a NUL, which no process can be given`,
      };
    }
    if (Buffer.byteLength(value) + name.length + 1 > LIMITS.argumentBytes) {
      return {
        code: 'step.environment',
        message: `variable ${name} would be larger than ${LIMITS.argumentBytes} bytes`,
        hint: 'hand large values on as files in the workspace',
      };
    }
  }
  return undefined;
}
