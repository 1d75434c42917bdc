import { constants } from 'node:fs';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Artifact } from '@sheaf/engine';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { ArtifactsJson } from '../json/artifacts.js';
import { withRecords } from '../run/records.js';
import { getRunId } from '../run/run-id.js';
import { printable } from '../terminal/escape.js';
import { renderTable } from '../terminal/table.js';
import { formatBytes, plural } from '../terminal/text.js';

interface Artifacts {
  readonly runId: string;
  readonly artifacts: readonly (Omit<Artifact, 'expiresAt'> & {
    readonly expiresAt?: string;
    /** False when its time is over, or somebody removed it. */
    readonly here: boolean;
    /** Where it was copied to. */
    readonly copy?: string;
  })[];
}

export const command = defineCommand<Artifacts, ArtifactsJson>({
  name: 'artifacts',
  about: 'List the files that a run has kept, with their sha256, or copy them.',
  positionals: { names: ['RUN'], required: 1, completes: ['run'] },
  flags: [
    { name: 'out', value: 'DIR', completes: 'folder', summary: 'copy them there, each under its name' },
  ],
  examples: ['sheaf artifacts 7f3k', 'sheaf artifacts 7f3k --out dist'],
  exitCodes: [0, 1, 4],
  run: (context, input) =>
    withRecords(context, async (engine) => {
      const runId = getRunId(engine, input.positionals[0] ?? '');
      const out = input.get('out');
      const folder = out === undefined ? undefined : resolve(context.cwd, out);
      if (folder !== undefined) await mkdir(folder, { recursive: true });
      const artifacts: Artifacts['artifacts'][number][] = [];
      for (const { expiresAt, ...artifact } of engine.listArtifacts(runId)) {
        const isHere = await isFile(artifact.file);
        const copy = folder !== undefined && isHere ? await copyInto(folder, artifact) : undefined;
        artifacts.push({
          ...artifact,
          here: isHere,
          ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
          ...(copy === undefined ? {} : { copy }),
        });
      }
      return { data: { runId, artifacts } };
    }),
  render: ({ artifacts }, { columns, style }) => {
    if (artifacts.length === 0) return { talk: 'the run has kept no files' };
    const gone = artifacts.filter(({ here }) => !here).length;
    const rows = artifacts.map(({ name, path, sizeBytes, sha256, here, copy }) => [
      name,
      printable(copy ?? path),
      { text: formatBytes(sizeBytes), full: String(sizeBytes) },
      { text: `${sha256.slice(0, 12)}…`, full: sha256 },
      here ? '' : 'gone',
    ]);
    return {
      answer: renderTable(
        [
          { title: 'NAME' },
          { title: 'FILE', least: 12 },
          { title: 'SIZE', align: 'right' },
          { title: 'SHA256', drop: 1 },
          { title: '' },
        ],
        rows,
        { columns, style },
      ),
      ...(gone === 0 ? {} : { epilogue: `${plural(gone, 'file')} not here any more` }),
    };
  },
});

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** Never over a file that is there: somebody's own may have that name. */
async function copyInto(folder: string, { name, file }: Artifact): Promise<string> {
  const target = join(folder, name);
  try {
    await copyFile(file, target, constants.COPYFILE_EXCL);
    return target;
  } catch (cause) {
    throw new CliError('artifact.unwritable', `${target} cannot be written, or is there already`, {
      hint: 'name another folder: --out DIR',
      cause,
    });
  }
}
