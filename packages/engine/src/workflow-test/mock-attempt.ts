import type { JsonValue, MockAttempt } from '@sheaf/workflow';
import { bareRecord } from '../core/bare.js';
import type { Reason, ReasonCode, StepOutcome } from '../core/events.js';
import type { StepState } from '../core/scope.js';
import type { Time } from '../ports.js';
import { STOPPED, type Attempt, type AttemptEnd } from '../runtime/attempt-port.js';

/** An attempt that does what a test says. Its timeout is that of the step, in the time of the test. */
export function mockAttempt({ step }: StepState, mock: MockAttempt, time: Time): Attempt {
  const { timeoutMs } = step;
  const isTooLong = timeoutMs !== undefined && mock.takesMs > timeoutMs;
  const durationMs = isTooLong ? timeoutMs : mock.takesMs;
  const end: AttemptEnd = isTooLong
    ? { outcome: failedAfter(durationMs, timedOut(timeoutMs)) }
    : { outcome: outcomeOf(step.work.kind === 'shell', mock), retryable: mock.failure?.retryable ?? true };
  return endAfter(durationMs, end, time);
}

/** An attempt that goes on until it is stopped. */
export function endlessAttempt(): Attempt {
  let stop: () => void = () => undefined;
  const end = new Promise<AttemptEnd>((resolve) => {
    stop = () => {
      resolve(STOPPED);
    };
  });
  return { stop, kill: stop, end };
}

function endAfter(durationMs: number, end: AttemptEnd, time: Time): Attempt {
  if (durationMs === 0) return { stop: ignore, kill: ignore, end: Promise.resolve(end) };
  let settle: (end: AttemptEnd) => void = () => undefined;
  const done = new Promise<AttemptEnd>((resolve) => {
    settle = resolve;
  });
  const forget = time.after(durationMs, () => {
    settle(end);
  });
  const stop = (): void => {
    forget();
    settle(STOPPED);
  };
  return { stop, kill: stop, end: done };
}

function outcomeOf(isShell: boolean, mock: MockAttempt): StepOutcome {
  const { exitCode = mock.failure === undefined ? 0 : 1, stdout = '', failure, takesMs } = mock;
  const outputs: Record<string, JsonValue> = { ...bareRecord(mock.outputs) };
  if (isShell) {
    outputs['stdout'] = stdout.replace(/(?:\r?\n)+$/, '');
    outputs['exit_code'] = exitCode;
  }
  const reason: Reason | undefined =
    failure === undefined
      ? exitCode === 0
        ? undefined
        : { code: 'step.exit', message: `its shell ended with exit code ${exitCode}` }
      : // A test may give any code: an action of the project may have its own.
        { code: failure.code as ReasonCode, message: failure.message };
  return {
    status: reason === undefined ? 'succeeded' : 'failed',
    outputs,
    durationMs: takesMs,
    ...(isShell ? { exitCode } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

function failedAfter(durationMs: number, reason: Reason): StepOutcome {
  return { status: 'failed', outputs: {}, durationMs, reason };
}

function timedOut(timeoutMs: number): Reason {
  return { code: 'step.timeout', message: `it took longer than its timeout of ${timeoutMs} ms` };
}

function ignore(): void {
  return undefined;
}
