import {
  allows,
  EMPTY_LOCKFILE,
  findLockedDefinition,
  formatReference,
  isHigherVersion,
  openCache,
  type LockedWorkflow,
  type Lockfile,
  type ProjectWorkflow,
} from '@sheaf/client';
import type { Look, Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { renderTable, type Column } from '../terminal/table.js';
import { findLock } from './lock-on-disk.js';
import { findProject } from './open-project.js';

/** Of so many workflows the cache is asked what they say of themselves. */
const MAX_DESCRIBED = 100;

/** What a project can run by name. */
export interface RunnableList {
  readonly file: string;
  readonly workflows: readonly Runnable[];
}

interface Runnable {
  readonly name: string;
  readonly reference: string;
  /** What runs, where one is locked that fits; its state is that of the lockfile. */
  readonly version?: string;
  readonly state?: string;
  readonly description?: string;
  /** Versions that are locked of this workflow, and the state each had then. */
  readonly locked: readonly { readonly version: string; readonly state: string }[];
}

/** @throws CliError `usage.missing_argument` outside of a project; as `findProject`, `findLock` */
export async function listRunnable(context: Pick<Context, 'cwd' | 'env' | 'paths'>): Promise<RunnableList> {
  const project = await findProject(context);
  if (project === undefined) {
    throw new CliError('usage.missing_argument', 'sheaf run needs NAME|REF|PATH', {
      hint: ['sheaf run --help', 'in a folder with a sheaf.toml, sheaf run lists what that names'],
    });
  }
  const lock = (await findLock(project)) ?? EMPTY_LOCKFILE;
  const entries = [...project.workflows.values()];
  const workflows = await Promise.all(
    entries.map((entry, i) => describe(context, lock, entry, i < MAX_DESCRIBED)),
  );
  return { file: project.file, workflows };
}

async function describe(
  context: Pick<Context, 'paths'>,
  lock: Lockfile,
  { name, reference }: ProjectWorkflow,
  isDescribed: boolean,
): Promise<Runnable> {
  const locked = lock.workflows.filter(({ id }) => id === reference.id);
  const runs = locked
    .filter((entry) => allows(reference.selector, entry))
    .reduce<LockedWorkflow | undefined>(
      (best, entry) => (best === undefined || isHigherVersion(entry.version, best.version) ? entry : best),
      undefined,
    );
  const description = runs === undefined || !isDescribed ? undefined : await findDescription(context, runs);
  return {
    name,
    reference: formatReference(reference),
    ...(runs === undefined ? {} : { version: runs.version, state: runs.state }),
    ...(description === undefined ? {} : { description }),
    locked: locked.map(({ version, state }) => ({ version, state })),
  };
}

async function findDescription(
  { paths }: Pick<Context, 'paths'>,
  entry: LockedWorkflow,
): Promise<string | undefined> {
  try {
    return (await findLockedDefinition(entry, await openCache(paths.cache())))?.description;
  } catch {
    // A list of names needs no cache, nor a home to have one in.
    return undefined;
  }
}

const COLUMNS: readonly Column[] = [{}, {}, { least: 20 }, {}];

/** A line a workflow: name, version, what it is for, and its state. */
export function renderRunnable({ file, workflows }: RunnableList, { columns, style }: Look): Rendered {
  if (workflows.length === 0) return { epilogue: `${file} names no workflow: sheaf add REF` };
  const rows = workflows.map(({ name, version, state, description, reference }) => [
    name,
    version ?? { text: 'not locked', paint: style.yellow },
    description ?? reference,
    state === undefined || state === 'active'
      ? { text: '', full: state ?? '' }
      : { text: state, paint: style.yellow },
  ]);
  const isMissing = workflows.some(({ version }) => version === undefined);
  return {
    answer: renderTable(COLUMNS, rows, { columns, style }),
    ...(columns === undefined
      ? {}
      : { epilogue: `sheaf run NAME${isMissing ? '; what is not locked: sheaf lock' : ''}` }),
  };
}
