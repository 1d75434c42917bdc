import { MAX_LOCKFILE_LENGTH, parseLockfile } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { findProject } from '../project/open-project.js';
import { readCapped } from '../project/read-capped.js';

/** What the lockfile of the working directory needs of the cache. */
export interface Pinned {
  /** As messages call the lockfile. */
  readonly file: string;
  /** Digests of the bundles. */
  readonly blobs: ReadonlySet<string>;
}

/** Undefined where there is no lockfile, or none that can be read: the cache is not the place to complain of it. */
export async function findPinned(context: Context): Promise<Pinned | undefined> {
  try {
    const project = await findProject(context);
    if (project === undefined) return undefined;
    const text = await readCapped(project.lockPath, MAX_LOCKFILE_LENGTH);
    const { workflows } = parseLockfile(text, project.lockFile);
    return { file: project.lockFile, blobs: new Set(workflows.map(({ blob }) => blob)) };
  } catch {
    return undefined;
  }
}
