import type { RunRecords, RunResult, StepResult } from '@sheaf/engine';

/** Why a run did not succeed, with the end of what the step wrote. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly step?: string;
  readonly lines: readonly string[];
  readonly totalLines: number;
  readonly hint?: string;
}

const SHOWN_LINES = 20;

/** Finds the step that made the run fail. Undefined when it did not. */
export async function describeFailure(
  engine: RunRecords,
  result: RunResult,
): Promise<RunFailure | undefined> {
  if (result.status !== 'failed') return undefined;
  const failed = result.error?.step ?? '';
  const step = result.steps[failed];
  if (step === undefined) {
    const { reason } = result;
    return {
      code: 'run.failed',
      message: reason?.message ?? 'the run failed',
      lines: [],
      totalLines: 0,
      ...(reason?.hint === undefined ? {} : { hint: reason.hint }),
    };
  }
  const { lines, totalLines } = await tailOf(engine, result.runId, failed, SHOWN_LINES);
  return {
    code: 'step.failed',
    message: `step ${failed}, ${describeStepFailure(step)}, attempt ${step.attempts}, run ${result.runId}`,
    step: failed,
    lines,
    totalLines,
    ...(step.reason?.hint === undefined ? {} : { hint: step.reason.hint }),
  };
}

/** `exit 22`, or why else a step failed. */
export function describeStepFailure({ reason, exitCode }: StepResult): string {
  return reason?.code === 'step.exit' && exitCode !== undefined
    ? `exit ${exitCode}`
    : (reason?.message ?? 'failed');
}

/** The last lines of what a step wrote, and how many there are. */
export async function tailOf(
  engine: Pick<RunRecords, 'readLog'>,
  runId: string,
  step: string,
  count: number,
): Promise<{ readonly lines: readonly string[]; readonly totalLines: number }> {
  const [log] = await engine.readLog(runId, step);
  if (log === undefined) return { lines: [], totalLines: 0 };
  const lines = Buffer.from(log.bytes)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .filter((line, _, all) => all.length > 1 || line !== '');
  return { lines: lines.slice(-count), totalLines: lines.length };
}
