import { rm } from 'node:fs/promises';
import { readAge } from '../frame/age.js';
import { defineCommand } from '../frame/command.js';
import type { WorkspaceCleanJson } from '../json/workspace-clean.js';
import { withRecords } from '../run/records.js';
import {
  listLeftovers,
  listLeftTrees,
  listWorkspaces,
  removeWorkspace,
  type Leftover,
  type Workspace,
} from '../run/workspaces.js';
import { renderTable } from '../terminal/table.js';
import { formatBytes, plural, sumSizes } from '../terminal/text.js';

interface Cleaned {
  readonly dryRun: boolean;
  readonly removed: readonly Workspace[];
  /** Bundles and workspaces that no run needs. */
  readonly leftovers: readonly Leftover[];
  /** Runs that were left because they go on, or can still be gone on with. */
  readonly kept: readonly { readonly runId: string; readonly why: 'running' | 'interrupted' | 'young' }[];
}

const DEFAULT_AGE = '7d';

export const clean = defineCommand<Cleaned, WorkspaceCleanJson>({
  name: 'workspace clean',
  about:
    'Remove the logs, workspaces and bundles of runs that ended. Runs stay in the list of sheaf status; one that goes on is never touched.',
  positionals: { names: [], required: 0 },
  flags: [
    {
      name: 'older-than',
      value: 'AGE',
      summary: `that ended so long ago: 30m, 12h, 7d (default ${DEFAULT_AGE})`,
    },
    { name: 'all', summary: 'of any age, and those that were killed' },
    { name: 'dry-run', summary: 'say what would be removed' },
  ],
  examples: ['sheaf workspace clean --older-than 30d', 'sheaf workspace clean --all --dry-run'],
  exitCodes: [0, 1],
  run: (context, input) =>
    withRecords(context, async (engine) => {
      const all = input.has('all');
      const dryRun = input.has('dry-run');
      const age = readAge('older-than', input.get('older-than') ?? (all ? '0d' : DEFAULT_AGE));
      const removed: Workspace[] = [];
      const kept: Cleaned['kept'][number][] = [];
      for (const workspace of await listWorkspaces(engine, context.paths.state())) {
        const { runId, status, startedAt, finishedAt = startedAt } = workspace.run;
        if (status === 'running') kept.push({ runId, why: 'running' });
        else if (status === 'interrupted' && !all) kept.push({ runId, why: 'interrupted' });
        else if (context.now() - finishedAt < age) kept.push({ runId, why: 'young' });
        else if (dryRun || (await removeWorkspace(engine, workspace))) removed.push(workspace);
        else kept.push({ runId, why: 'running' });
      }
      const bundles = await listLeftovers(engine, context.paths.state(), context.now());
      const trees = await listLeftTrees(engine);
      if (!dryRun) for (const { path } of bundles) await rm(path, { recursive: true, force: true });
      const gone = new Set(dryRun || trees.length === 0 ? [] : await engine.sweepWorkspaces());
      const leftovers = [...bundles, ...trees.filter(({ path }) => dryRun || gone.has(path))];
      return { data: { dryRun, removed, leftovers, kept } };
    }),
  toJson: ({ dryRun, removed, leftovers, kept }) => ({
    dryRun,
    removed: removed.map(({ run, sizeBytes }) => ({ runId: run.runId, workflow: run.workflow, sizeBytes })),
    leftovers: leftovers.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
    removedBytes: sumSizes([...removed, ...leftovers]),
    kept,
  }),
  render: ({ dryRun, removed, leftovers, kept }, { columns }) => {
    const rows = removed.map(({ run, sizeBytes }) => [
      run.runId,
      `${run.workflow} ${run.version}`,
      { text: formatBytes(sizeBytes), full: String(sizeBytes) },
    ]);
    const counts = [
      ...(removed.length === 0 ? [] : [plural(removed.length, 'run')]),
      ...(['bundle', 'workspace'] as const).flatMap((kind) => {
        const count = leftovers.filter((each) => each.kind === kind).length;
        return count === 0 ? [] : [`${plural(count, kind)} of no run`];
      }),
    ];
    const what = [...counts, formatBytes(sumSizes([...removed, ...leftovers]))].join(', ');
    const left = (['running', 'interrupted', 'young'] as const).flatMap((why) => {
      const count = kept.filter((each) => each.why === why).length;
      return count === 0 ? [] : [`${count} ${REASONS[why]}`];
    });
    return {
      answer: renderTable([{}, { least: 12 }, { align: 'right' }], rows, { columns }),
      epilogue: [
        counts.length === 0 ? 'nothing to remove' : dryRun ? `would remove ${what}` : `removed ${what}`,
        ...(left.length === 0 ? [] : [`left: ${left.join(', ')}`]),
      ].join('\n'),
    };
  },
});

const REASONS = {
  running: 'that go on',
  interrupted: 'that were killed and can be gone on with (--all takes them too)',
  young: 'not old enough (--older-than)',
} as const;
