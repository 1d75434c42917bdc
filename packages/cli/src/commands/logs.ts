import { existsSync } from 'node:fs';
import type { RunRecords, RunSummary } from '@sheaf/engine';
import type { Input } from '../frame/args.js';
import { findCi } from '../frame/ci.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { isJobLog } from '../frame/guard-output.js';
import type { LogsJson } from '../json/logs.js';
import { withRecords } from '../run/records.js';
import { followRun, type Offsets } from '../run/follow.js';
import { createLogPrinter } from '../run/log-printer.js';
import { getRunId } from '../run/run-id.js';
import { assertStep, isWithin } from '../run/step-id.js';
import { lastLines } from '../run/tail.js';
import { printableLines } from '../terminal/escape.js';
import { formatBytes } from '../terminal/text.js';

interface Logs {
  readonly runId: string;
  readonly status: RunSummary['status'];
  readonly steps: readonly {
    readonly step: string;
    readonly text: string;
    readonly sizeBytes: number;
    readonly truncated: boolean;
  }[];
  readonly single: boolean;
  /** In the log of a job, where it is shown as on a terminal. */
  readonly inJob: boolean;
  /** It was printed while it came. */
  readonly followed: boolean;
  readonly cleaned: boolean;
}

/** Of each step's log, the end that is printed. */
const MAX_BYTES = 64 * 1024 * 1024;

export const command = defineCommand<Logs, LogsJson>({
  name: 'logs',
  about: 'Print what the steps of a run wrote; of one step, exactly that, with what the steps in it wrote.',
  positionals: { names: ['RUN', 'STEP'], required: 1, completes: ['run', []] },
  flags: [
    { name: 'follow', short: 'f', summary: 'go on until the run has ended, also one of another terminal' },
    { name: 'tail', short: 'n', value: 'N', summary: 'only the last lines of each step' },
  ],
  examples: ['sheaf logs 7f3k --follow', 'sheaf logs 7f3k notes | less'],
  exitCodes: [0, 1, 4, 130],
  run: (context, input) =>
    withRecords(context, async (engine) => {
      const [word = '', step] = input.positionals;
      const run = engine.getRun(getRunId(engine, word));
      const { runId } = run;
      if (step !== undefined) assertStep(run, step);
      const opened = Object.keys(run.steps).filter((path) => step === undefined || isWithin(path, step));
      const single = opened.length === 1 && step !== undefined;
      const tail = readTail(input);
      const inJob = isJobLog(findCi(context.env));
      if (input.has('follow')) {
        const follow = { runId, step, single, tail };
        const status = await followLogs(context, engine, follow);
        const data = { runId, status, steps: [], single, inJob, followed: true, cleaned: false };
        return { data, exitCode: context.signal.aborted ? 130 : 0 };
      }
      const logs = await engine.readLog(runId, step, { maxBytes: MAX_BYTES });
      return {
        data: {
          runId,
          status: run.status,
          steps: logs.map((log) => {
            const bytes = lastLines(log.bytes, tail);
            const truncated = log.truncated || bytes.length < log.bytes.length;
            return {
              step: log.step,
              text: Buffer.from(bytes).toString('utf8'),
              sizeBytes: log.sizeBytes,
              truncated,
            };
          }),
          single,
          inJob,
          followed: false,
          cleaned: logs.length === 0 && !existsSync(engine.logDir(runId)),
        },
      };
    }),
  jsonSummary: 'print one JSON document; with --follow a line for each line of output, and that last',
  toJson: ({ runId, status, steps }) => ({ runId, status, steps }),
  render: (data, { columns }) => {
    if (data.followed) return { epilogue: describeEnd(data) };
    if (data.steps.length === 0)
      return { talk: data.cleaned ? 'its logs are not here any more' : 'nothing was written' };
    const show = columns === undefined && !data.inJob ? (text: string): string => text : printableLines;
    const cut = data.steps
      .filter((log) => log.truncated && log.sizeBytes > MAX_BYTES)
      .map((log) => `the log of ${log.step} is ${formatBytes(log.sizeBytes)}; this is its end`);
    const body = data.steps.map((log) => {
      const text = show(log.text.replace(/\n$/, ''));
      return data.single ? text : text.replace(/^/gm, `[${log.step}] `);
    });
    return { talk: cut.join('\n'), answer: body.join('\n') };
  },
});

/** Prints what is there, or the end of that, and then what comes. */
async function followLogs(
  context: Context,
  engine: RunRecords,
  {
    runId,
    step,
    single,
    tail,
  }: {
    readonly runId: string;
    readonly step: string | undefined;
    readonly single: boolean;
    readonly tail: number | undefined;
  },
): Promise<RunSummary['status']> {
  const offsets: Offsets = new Map();
  const printer = createLogPrinter(context, { runId, single });
  const listSteps = async (): Promise<readonly string[]> => {
    const paths = await engine.listLogs(runId);
    return step === undefined ? paths : paths.filter((path) => isWithin(path, step));
  };
  if (tail !== undefined) {
    for (const step of await listSteps()) {
      const [log] = await engine.readLog(runId, step, { maxBytes: MAX_BYTES });
      if (log === undefined) continue;
      offsets.set(step, log.sizeBytes);
      printer.take(step, lastLines(log.bytes, tail));
    }
  }
  const status = await followRun(engine, { runId, listSteps, offsets }, printer.take, context.signal);
  for (const path of offsets.keys()) printer.flush(path);
  return status;
}

function describeEnd({ runId, status }: Logs): string {
  if (status === 'running') return `run ${runId} goes on; end it: sheaf cancel ${runId}`;
  const next = status === 'succeeded' ? '' : `; what is left: sheaf status ${runId}`;
  return `run ${runId} ${status}${next}`;
}

function readTail(input: Input): number | undefined {
  const text = input.get('tail');
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new CliError('usage.tail', `--tail ${JSON.stringify(text)} is not a number of lines`, {
    hint: '--tail 20',
  });
}
