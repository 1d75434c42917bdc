import type { CacheResult, RunDetails, RunSummary, StepResult } from '@sheaf/engine';
import type { Look } from '../frame/command.js';
import { printable } from '../terminal/escape.js';
import { describeDecision } from './decisions.js';
import type { Style } from '../terminal/style.js';
import { shellWord } from '../terminal/shell.js';
import { explainSteps } from './explain-steps.js';
import { renderTable } from '../terminal/table.js';
import { formatAge, formatDuration, shortId } from '../terminal/text.js';

type Status = RunSummary['status'] | StepResult['status'];

/** The sign of a state; its word stands beside it wherever there is room. */
export function signOf(status: Status): string {
  if (status === 'succeeded') return '✓';
  if (status === 'failed') return '✗';
  if (status === 'interrupted' || status === 'cancelled') return '!';
  return status === 'running' || status === 'waiting' ? '●' : '○';
}

/** The colour of a state. */
export function paintOf(status: Status, style: Style): (text: string) => string {
  if (status === 'succeeded') return style.green;
  if (status === 'failed') return style.red;
  if (status === 'interrupted' || status === 'cancelled') return style.yellow;
  return status === 'running' || status === 'waiting' ? style.cyan : style.dim;
}

/** A cell with sign and word; in a pipe the word alone. */
export function markedStatus(
  status: Status,
  style: Style,
): { readonly text: string; readonly full: string; readonly paint: (text: string) => string } {
  return { text: `${signOf(status)} ${status}`, full: status, paint: paintOf(status, style) };
}

/** A line a run. */
export function renderRuns(runs: readonly RunSummary[], { columns, style, nowMs }: Look): string {
  const iso = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString());
  const rows = runs.map((run) => [
    run.runId,
    run.workflow,
    `${run.version}${run.source.kind === 'local' ? ' (local)' : ''}`,
    markedStatus(run.status, style),
    { text: formatAge(iso(run.startedAt), nowMs), full: iso(run.startedAt) },
    {
      text: run.finishedAt === undefined ? '' : formatDuration(run.finishedAt - run.startedAt),
      full: iso(run.finishedAt),
    },
  ]);
  return renderTable(
    [
      { title: 'RUN' },
      { title: 'WORKFLOW', least: 12 },
      { title: 'VERSION', drop: 2 },
      { title: 'STATE' },
      { title: 'STARTED', drop: 1 },
      { title: 'TOOK', align: 'right', drop: 3 },
    ],
    rows,
    { columns, style },
  );
}

/** A run and its steps, and what can be done with it; with `explain` what became of each step, and why. */
export function renderRunDetails(
  run: RunDetails,
  { columns, style, nowMs }: Look,
  { explain = false }: { readonly explain?: boolean } = {},
): string {
  const started = new Date(run.startedAt).toISOString();
  const from =
    run.source.kind === 'local'
      ? `unsigned, ${run.source.path}`
      : `verified, signed by ${run.source.signer.split(',').map(shortId).join(', ')}`;
  const took = run.finishedAt === undefined ? '' : ` in ${formatDuration(run.finishedAt - run.startedAt)}`;
  const { rerunOf } = run;
  const again = new Map((rerunOf?.redone ?? []).map(({ step, message }) => [step, message]));
  const rows = Object.entries(run.steps).map(([id, step]) => {
    return [
      markedStep(step, style),
      id,
      step.durationMs === undefined ? '' : formatDuration(step.durationMs),
      describeStep(step, again.get(id)),
    ];
  });
  return [
    `${style.bold(`run ${run.runId}`)}  ${run.workflow} ${run.version}  ${paintOf(run.status, style)(run.status)}${took}`,
    `started ${columns === undefined ? started : formatAge(started, nowMs)} in ${printable(run.cwd)} (${printable(from)})`,
    ...(rerunOf === undefined
      ? []
      : [`rerun of ${rerunOf.runId}${rerunOf.from === undefined ? '' : ` from ${rerunOf.from}`}`]),
    `profile ${run.isolation.profile}${describeProfile(run)}`,
    renderTable([{}, {}, { align: 'right' }, { least: 20 }], rows, {
      columns: columns ?? Number.POSITIVE_INFINITY,
      style,
      indent: 2,
    }),
    ...(explain ? explainSteps(run) : []),
    ...describeRefusals(run),
    ...nextOf(run),
  ].join('\n');
}

/** Who chose the profile, and what processes ran in. */
function describeProfile({ isolation, decisions }: RunDetails): string {
  const chosen = decisions.findLast(({ subject }) => subject === 'profile');
  const by = chosen === undefined ? '' : ` (${chosen.by})`;
  return `${by}${isolation.sandbox === 'none' ? '' : `, steps in ${isolation.sandbox}`}`;
}

/** What a step wanted and did not get. */
function describeRefusals({ decisions }: RunDetails): readonly string[] {
  return decisions
    .filter(({ result, subject }) => result !== 'allowed' && subject !== 'profile')
    .map(
      (decision) =>
        `  ! ${decision.step === undefined ? '' : `${decision.step} `}${describeDecision(decision)}`,
    );
}

function markedStep({ status }: StepResult, style: Style): ReturnType<typeof markedStatus> {
  const marked = markedStatus(status, style);
  return { ...marked, full: marked.text };
}

function describeStep(
  { attempts, reason, reusedFrom, cache }: StepResult,
  again: string | undefined,
): string {
  return [
    ...(again === undefined ? [] : [`again: ${again}`]),
    ...(attempts > 1 ? [`attempt ${attempts}`] : []),
    ...(reusedFrom === undefined ? [] : [`kept from run ${reusedFrom}`]),
    ...(cache === undefined ? [] : [describeCache(cache)]),
    ...(reason === undefined ? [] : [reason.message]),
  ].join(', ');
}

function describeCache({ result, why }: CacheResult): string {
  return result === 'hit' ? `from the cache, ${why}` : `not in the cache: ${why}`;
}

function nextOf({ runId, status, error }: RunDetails): readonly string[] {
  if (status === 'running')
    return [`watch it: sheaf logs ${runId} --follow`, `end it: sheaf cancel ${runId}`];
  if (status === 'interrupted' || status === 'cancelled') return [`go on: sheaf resume ${runId}`];
  if (status !== 'failed' || error === undefined || error.step === '') return [];
  return [
    `what it wrote: sheaf logs ${runId} ${shellWord(error.step)}`,
    `again from there: sheaf rerun ${runId} --from ${shellWord(error.step)}`,
  ];
}
