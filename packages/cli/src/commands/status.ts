import type { RunDetails, RunSummary } from '@sheaf/engine';
import { defineCommand, type Look } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { StatusJson } from '../json/status.js';
import { withEngine } from '../run/execute.js';
import { printable } from '../terminal/escape.js';
import { formatAge, formatDuration, padTo } from '../terminal/text.js';

interface Status {
  readonly runs?: readonly RunSummary[];
  readonly run?: RunDetails;
}

export const command = defineCommand<Status, StatusJson>({
  name: 'status',
  about: 'List the runs on this machine, or show the steps of one.',
  positionals: { names: ['RUN'], required: 0 },
  flags: [{ name: 'limit', value: 'N', summary: 'at most so many runs (default 20)' }],
  examples: ['sheaf status', 'sheaf status 7f3k --json'],
  exitCodes: [0, 4],
  run: (context, input) =>
    withEngine(context, (engine) => {
      const [runId] = input.positionals;
      const data =
        runId === undefined
          ? { runs: engine.listRuns({ limit: readLimit(input.get('limit')) }) }
          : { run: engine.getRun(runId) };
      return Promise.resolve({ data });
    }),
  toJson: ({ runs, run }) => ({
    ...(runs === undefined ? {} : { runs: runs.map(withTimes) }),
    ...(run === undefined ? {} : { run: withTimes(run) }),
  }),
  render: ({ runs, run }, look) => {
    if (run !== undefined) return { answer: renderRunDetails(run, look) };
    if (runs === undefined || runs.length === 0) return { talk: 'no runs yet: sheaf run REF|PATH' };
    return { answer: renderRuns(runs, look) };
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

function readLimit(text: string | undefined): number {
  if (text === undefined) return 20;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new CliError('usage.limit', `--limit ${JSON.stringify(text)} is not a number from 1 to 9999`, {
    hint: 'sheaf status --help',
  });
}

function renderRuns(runs: readonly RunSummary[], { columns, style, nowMs }: Look): string {
  const iso = (ms: number): string => new Date(ms).toISOString();
  if (columns === undefined) {
    return runs
      .map((run) =>
        [
          run.runId,
          run.workflow,
          run.version,
          run.status,
          iso(run.startedAt),
          run.finishedAt === undefined ? '' : iso(run.finishedAt),
        ].join('\t'),
      )
      .join('\n');
  }
  const rows = runs.map((run) => [
    run.runId,
    run.workflow,
    `${run.version}${run.source.kind === 'local' ? ' (local)' : ''}`,
    run.status,
    formatAge(iso(run.startedAt), nowMs),
    run.finishedAt === undefined ? '' : formatDuration(run.finishedAt - run.startedAt),
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => colourStatus(padTo(printable(cell), widths[column] ?? 0), style))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function renderRunDetails(run: RunDetails, { columns, style, nowMs }: Look): string {
  const started = new Date(run.startedAt).toISOString();
  const from =
    run.source.kind === 'local' ? `unsigned, ${run.source.path}` : `verified, ${run.source.digest}`;
  const took = run.finishedAt === undefined ? '' : ` in ${formatDuration(run.finishedAt - run.startedAt)}`;
  const steps = Object.entries(run.steps).map(([id, step]) => {
    const time = step.durationMs === undefined ? '' : ` ${formatDuration(step.durationMs)}`;
    const attempts = step.attempts > 1 ? `, attempt ${step.attempts}` : '';
    const reason = step.reason === undefined ? '' : `: ${printable(step.reason.message)}`;
    return `  ${markOf(step.status, style)} ${id}${time}  ${step.status}${attempts}${reason}`;
  });
  const next =
    run.status === 'interrupted' || run.status === 'cancelled' ? [`go on: sheaf resume ${run.runId}`] : [];
  return [
    `${style.bold(`run ${run.runId}`)}  ${run.workflow} ${run.version}  ${colourStatus(run.status, style)}${took}`,
    `started ${columns === undefined ? started : formatAge(started, nowMs)} in ${printable(run.cwd)} (${printable(from)})`,
    ...steps,
    ...next,
  ].join('\n');
}

function markOf(status: string, style: Look['style']): string {
  if (status === 'succeeded') return style.green('✓');
  if (status === 'failed') return style.red('✗');
  if (status === 'interrupted') return style.yellow('!');
  return status === 'running' ? style.cyan('●') : style.dim('○');
}

function colourStatus(text: string, style: Look['style']): string {
  const status = text.trim();
  if (status === 'failed') return style.red(text);
  if (status === 'succeeded') return style.green(text);
  return status === 'interrupted' || status === 'cancelled' ? style.yellow(text) : text;
}
