import { join } from 'node:path';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { WorkspaceShowJson } from '../json/workspace-show.js';
import { markedStatus } from '../output/status.js';
import { withRecords } from '../run/records.js';
import { getRunId } from '../run/run-id.js';
import { listFiles, listWorkspaces, type Workspace, type WorkspaceFile } from '../run/workspaces.js';
import { printable } from '../terminal/escape.js';
import { renderTable } from '../terminal/table.js';
import { formatBytes } from '../terminal/text.js';

interface Shown {
  readonly workspace: Workspace;
  /** The folder that the steps worked in. */
  readonly cwd: string;
  /** By their absolute paths. */
  readonly files: readonly WorkspaceFile[];
}

const SHOWN_FILES = 50;

const NAMES = { worktree: 'a worktree', jj: 'a workspace', copy: 'a copy' } as const;

export const show = defineCommand<Shown, WorkspaceShowJson>({
  name: 'workspace show',
  about: 'Show what a run has left, and where.',
  positionals: { names: ['RUN'], required: 1, completes: ['run'] },
  flags: [],
  examples: ['sheaf workspace show 7f3k', 'sheaf workspace show 7f3k --json'],
  exitCodes: [0, 1, 4],
  run: (context, input) =>
    withRecords(context, async (engine) => {
      const runId = getRunId(engine, input.positionals[0] ?? '');
      const workspaces = await listWorkspaces(engine, context.paths.state());
      const workspace = workspaces.find(({ run }) => run.runId === runId);
      if (workspace === undefined) {
        throw new CliError(
          'workspace.not_found',
          `run ${runId} has left nothing here, or it was cleaned away`,
          {
            hint: `what it did: sheaf status ${runId}`,
          },
        );
      }
      const folders = [workspace.logDir, workspace.bundleRoot].filter((path) => path !== undefined);
      const files = await Promise.all(
        folders.map(async (folder) =>
          (await listFiles(folder)).map((file) => ({ ...file, path: join(folder, file.path) })),
        ),
      );
      return { data: { workspace, cwd: engine.getRun(runId).workDir, files: files.flat() } };
    }),
  toJson: ({ workspace: { run, logDir, bundleRoot, trees, sizeBytes }, cwd, files }) => ({
    runId: run.runId,
    workflow: run.workflow,
    version: run.version,
    status: run.status,
    startedAt: new Date(run.startedAt).toISOString(),
    sizeBytes,
    cwd,
    ...(logDir === undefined ? {} : { logs: logDir }),
    ...(bundleRoot === undefined ? {} : { bundle: bundleRoot }),
    workspaces: trees.map(({ kind, path, head, step, root }) => ({
      kind,
      path,
      root,
      ...(head === undefined ? {} : { head }),
      ...(step === undefined ? {} : { step }),
    })),
    files,
  }),
  render: ({ workspace: { run, logDir, bundleRoot, trees, sizeBytes }, cwd, files }, { columns, style }) => {
    const { text } = markedStatus(run.status, style);
    const facts = [
      ['ran in', cwd],
      ...(logDir === undefined ? [] : [['logs', logDir]]),
      ...(bundleRoot === undefined ? [] : [['bundle', bundleRoot]]),
      ...trees.map(({ kind, head, root, path, step }) => [
        step ?? 'made as',
        `${NAMES[kind]} of ${root}${head === undefined ? '' : ` at ${head.slice(0, 7)}`}${step === undefined ? '' : `: ${path}`}`,
      ]),
    ];
    const shown = files.slice(0, columns === undefined ? files.length : SHOWN_FILES);
    const rows = shown.map((file) => [
      { text: formatBytes(file.sizeBytes), full: String(file.sizeBytes) },
      file.path,
    ]);
    return {
      answer: [
        `${style.bold(`run ${run.runId}`)}  ${run.workflow} ${run.version}  ${text}  ${formatBytes(sizeBytes)}`,
        ...facts.map(([label = '', path = '']) => `${style.dim(label.padEnd(8))} ${printable(path)}`),
        ...(rows.length === 0 ? [] : [renderTable([{ align: 'right' }, {}], rows, { columns, indent: 2 })]),
        ...(shown.length < files.length ? [`  and ${files.length - shown.length} more files`] : []),
      ].join('\n'),
      ...(trees.length === 0 ? {} : { epilogue: `look around: sheaf workspace shell ${run.runId}` }),
    };
  },
});
