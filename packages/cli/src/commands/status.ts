import type { RunDetails, RunSummary } from '@sheaf/engine';
import { remember } from '../completion/candidates.js';
import { defineCommand, omit } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { StatusJson } from '../json/status.js';
import { listSteps } from '../output/run-json.js';
import { renderRunDetails, renderRuns } from '../output/status.js';
import { withRecords } from '../run/records.js';
import { getRunId } from '../run/run-id.js';

interface Status {
  readonly runs?: readonly RunSummary[];
  readonly run?: RunDetails;
  readonly explain?: boolean;
}

const STATES = ['running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;

export const command = defineCommand<Status, StatusJson>({
  name: 'status',
  about: 'List the runs on this machine, or show the steps of one.',
  positionals: { names: ['RUN'], required: 0, completes: ['run'] },
  flags: [
    {
      name: 'status',
      value: 'STATE',
      values: STATES,
      summary: `only runs that stand so: ${STATES.join(', ')}`,
    },
    { name: 'workflow', value: 'ID', completes: 'reference', summary: 'only runs of this workflow' },
    { name: 'limit', value: 'N', summary: 'at most so many runs (default 20)' },
    { name: 'explain', summary: 'say of each step of the run why it was done, or was not' },
  ],
  examples: ['sheaf status --status failed', 'sheaf status 7f3k --explain', 'sheaf status 7f3k --json'],
  exitCodes: [0, 1, 4],
  run: (context, input) =>
    withRecords(context, async (engine) => {
      const [word] = input.positionals;
      if (word !== undefined) {
        assertNoFilter(input);
        return { data: { run: engine.getRun(getRunId(engine, word)), explain: input.has('explain') } };
      }
      if (input.has('explain')) throw missingRun();
      const status = STATES.find((state) => state === input.get('status'));
      const workflow = input.get('workflow');
      const runs = engine.listRuns({
        limit: readLimit(input.get('limit')),
        ...(status === undefined ? {} : { status }),
        ...(workflow === undefined ? {} : { workflow }),
      });
      await remember(
        context,
        'run',
        runs.map(({ runId }) => runId),
      );
      return { data: { runs } };
    }),
  toJson: ({ runs, run }) => ({
    ...(runs === undefined ? {} : { runs: runs.map(withTimes) }),
    ...(run === undefined
      ? {}
      : {
          run: {
            ...withTimes(omit(run, 'bundleDirs')),
            steps: listSteps(run.steps),
            decisions: run.decisions.map((event) => ({
              ...omit(event, 'type', 'runId', 'seq'),
              at: new Date(event.at).toISOString(),
            })),
          },
        }),
  }),
  render: ({ runs = [], run, explain = false }, look) => {
    if (run !== undefined) return { answer: renderRunDetails(run, look, { explain }) };
    return runs.length === 0
      ? { talk: 'no such runs: sheaf run REF|PATH' }
      : { answer: renderRuns(runs, look) };
  },
});

/** Times as they stand in every other document: RFC 3339. */
function withTimes<R extends RunSummary>({
  startedAt,
  finishedAt,
  ...rest
}: R): Omit<R, 'startedAt' | 'finishedAt'> & { readonly startedAt: string; readonly finishedAt?: string } {
  return {
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    ...(finishedAt === undefined ? {} : { finishedAt: new Date(finishedAt).toISOString() }),
  };
}

function assertNoFilter(input: { readonly has: (flag: string) => boolean }): void {
  const filter = ['status', 'workflow', 'limit'].find((flag) => input.has(flag));
  if (filter === undefined) return;
  throw new CliError('usage.conflicting_flags', `--${filter} is about the list, and one run was named`, {
    hint: 'leave out one of them',
  });
}

function missingRun(): CliError {
  return new CliError('usage.missing_argument', 'sheaf status --explain needs a RUN', {
    hint: 'list them: sheaf status',
  });
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return 20;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new CliError('usage.limit', `--limit ${JSON.stringify(text)} is not a number from 1 to 9999`, {
    hint: 'sheaf status --help',
  });
}
