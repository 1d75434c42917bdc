import { defineCommand } from '../frame/command.js';
import type { WorkspaceListJson } from '../json/workspace-list.js';
import { markedStatus } from '../output/status.js';
import { withRecords } from '../run/records.js';
import { listWorkspaces, type Workspace } from '../run/workspaces.js';
import { renderTable } from '../terminal/table.js';
import { formatAge, formatBytes, plural } from '../terminal/text.js';

interface Listed {
  readonly workspaces: readonly Workspace[];
}

export const list = defineCommand<Listed, WorkspaceListJson>({
  name: 'workspace list',
  about: 'List what runs have left on this machine, of the newest first.',
  positionals: { names: [], required: 0 },
  flags: [],
  examples: ['sheaf workspace list', 'sheaf workspace list --json'],
  exitCodes: [0, 1],
  run: (context) =>
    withRecords(context, async (engine) => ({
      data: { workspaces: await listWorkspaces(engine, context.paths.state()) },
    })),
  toJson: ({ workspaces }) => ({
    workspaces: workspaces.map(({ run, sizeBytes }) => ({
      runId: run.runId,
      workflow: run.workflow,
      version: run.version,
      status: run.status,
      startedAt: new Date(run.startedAt).toISOString(),
      sizeBytes,
    })),
  }),
  render: ({ workspaces }, { columns, style, nowMs }) => {
    if (workspaces.length === 0) return { talk: 'no run has left anything here' };
    const rows = workspaces.map(({ run, sizeBytes }) => {
      const started = new Date(run.startedAt).toISOString();
      return [
        run.runId,
        { text: `${run.workflow} ${run.version}` },
        markedStatus(run.status, style),
        { text: formatBytes(sizeBytes), full: String(sizeBytes) },
        { text: formatAge(started, nowMs), full: started },
      ];
    });
    const sum = workspaces.reduce((all, { sizeBytes }) => all + sizeBytes, 0);
    return {
      answer: renderTable(
        [
          { title: 'RUN' },
          { title: 'WORKFLOW', least: 12 },
          { title: 'STATE' },
          { title: 'SIZE', align: 'right' },
          { title: 'STARTED', drop: 1 },
        ],
        rows,
        { columns, style },
      ),
      epilogue: [
        `${plural(workspaces.length, 'run')}, ${formatBytes(sum)}`,
        'those that ended more than 7 days ago are removed by sheaf workspace clean',
      ].join('\n'),
    };
  },
});
