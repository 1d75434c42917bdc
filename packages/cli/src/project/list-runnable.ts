import { EMPTY_LOCKFILE, formatReference, type Lockfile } from '@sheaf/client';
import type { Look, Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { findLock } from './lock-on-disk.js';
import { findProject } from './open-project.js';

/** What a project can run by name. */
export interface RunnableList {
  readonly file: string;
  readonly workflows: readonly Runnable[];
}

interface Runnable {
  readonly name: string;
  readonly reference: string;
  /** Versions that are locked of this workflow, and the state each had then. */
  readonly locked: readonly { readonly version: string; readonly state: string }[];
}

/** @throws CliError `usage.missing_argument` outside of a project; as `findProject`, `findLock` */
export async function listRunnable(context: Pick<Context, 'cwd' | 'env'>): Promise<RunnableList> {
  const project = await findProject(context);
  if (project === undefined) {
    throw new CliError('usage.missing_argument', 'sheaf run needs NAME|REF|PATH', {
      hint: ['sheaf run --help', 'in a folder with a sheaf.toml, sheaf run lists what that names'],
    });
  }
  const lock = (await findLock(project)) ?? EMPTY_LOCKFILE;
  return {
    file: project.file,
    workflows: [...project.workflows.values()].map(({ name, reference }) => ({
      name,
      reference: formatReference(reference),
      locked: lockedOf(lock, reference.id),
    })),
  };
}

function lockedOf(lock: Lockfile, id: string): Runnable['locked'] {
  return lock.workflows.filter((entry) => entry.id === id).map(({ version, state }) => ({ version, state }));
}

/** A line a workflow: on a terminal in columns, in a pipe with tabs. */
export function renderRunnable({ file, workflows }: RunnableList, { columns }: Look): Rendered {
  if (workflows.length === 0) return { epilogue: `${file} names no workflow: add one to [workflows]` };
  const rows = workflows.map(({ name, locked, reference }) => [
    name,
    locked.length === 0 ? 'not locked' : locked.map(showLocked).join(', '),
    reference,
  ]);
  if (columns === undefined) return { answer: rows.map((row) => row.join('\t')).join('\n') };
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  return { answer: lines.join('\n'), epilogue: 'sheaf run NAME' };
}

function showLocked({ version, state }: Runnable['locked'][number]): string {
  return state === 'active' ? version : `${version} (${state})`;
}
