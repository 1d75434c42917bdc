import { chmod, readdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { askProgram, type ProgramPlace } from './program.js';
import { dropRecord, writeRecord, type StoredRecord } from './records.js';
import { forgetJujutsuWorkspace } from './jujutsu.js';

/** What removing needs. */
export interface RemovalDeps {
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Removes a workspace and what its repository knows of it, and at last what is written of it: killed in between, it is found again and
 * removed. What a file system does not let go is thrown.
 */
export async function removeWorkspace(
  { stateDir, env }: RemovalDeps,
  { record, folder, file }: StoredRecord,
): Promise<void> {
  if (record.state !== 'removing') writeRecord(stateDir, { ...record, state: 'removing' });
  await removeTree(folder);
  if (existsSync(record.root)) await forget(record, { cwd: record.root, env });
  dropRecord({ file });
}

/** A repository that is gone, or that is not one any more, knows nothing of it either. */
async function forget({ kind, path, id }: StoredRecord['record'], place: ProgramPlace): Promise<void> {
  if (kind === 'jj') await forgetJujutsuWorkspace(place, id);
  // Twice: also one that git had locked while it was being made.
  if (kind === 'worktree') await askProgram('git', ['worktree', 'remove', '--force', '--force', path], place);
}

/** Also folders that their owner may not write to, as package managers leave them. */
async function removeTree(folder: string): Promise<void> {
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 2 });
  try {
    await remove();
  } catch {
    await openFolders(folder);
    await remove();
  }
}

async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
}
