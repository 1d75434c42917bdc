import {
  compareDefinitions,
  patchFile,
  type Bundle,
  type FileChange,
  type FilePatch,
  type WorkflowChanges,
} from '@sheaf/bundle';
import type { Version } from '@sheaf/workflow';
import type { AppDeps } from '../../app-deps.js';
import type { VersionRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../../domain/error.js';
import { getObtainable } from '../../domain/workflows/documents.js';
import type { RequestContext } from '../../http/context.js';
import { openBundle } from '../../routes/opened-bundle.js';
import type { Release } from './load-release.js';

/** Most characters of patches on one page; files that do not fit are named without their lines. */
const MOST_CHARACTERS = 200_000;
const MOST_FILES = 50;

export interface LoadedChanges {
  readonly changes: WorkflowChanges;
  /** Of the files that there is room for. */
  readonly patches: readonly FilePatch[];
}

/**
 * What a version has that another of the same workflow has not.
 *
 * @throws RegistryError `version.not_found`, `state.quarantined`, `rate.limited`
 */
export async function loadChanges(
  deps: Pick<AppDeps, 'db' | 'reads' | 'rates'>,
  ctx: RequestContext,
  ref: VersionRef,
  { release, since }: { readonly release: Release; readonly since: Version },
): Promise<LoadedChanges> {
  const open = async (version: Version) => {
    const { source } = await getObtainable(deps.db, { ...ref, version });
    return openBundle(deps, ctx, source);
  };
  const summary = release.workflow.versions.find(({ version }) => version === since);
  if (summary === undefined)
    throw new RegistryError('version.not_found', `${release.workflow.id} has no version ${since}`);
  const [before, after] = [await open(since), await open(ref.version)];
  const changes = compareDefinitions(
    { ...before, signers: summary.signers },
    { ...after, signers: release.version.signers },
  );
  return { changes, patches: patchAll(changes, before, after) };
}

/** The definition first, then the smallest: a large file must not take the room of those that say what runs. */
function patchAll(changes: WorkflowChanges, before: Bundle, after: Bundle): readonly FilePatch[] {
  const of = ({ files }: Bundle, path: string) => files.find((file) => file.path === path);
  const patches = changes.files
    .toSorted((a, b) => rankOf(a, after) - rankOf(b, after))
    .slice(0, MOST_FILES)
    .map(({ path }) => patchFile(path, of(before, path), of(after, path)));
  let room = MOST_CHARACTERS;
  return patches.filter(({ hunks }) => {
    const size = hunks.reduce((sum, { lines }) => sum + lines.join('\n').length, 0);
    if (size > room) return false;
    room -= size;
    return true;
  });
}

function rankOf({ path, beforeBytes = 0, afterBytes = 0 }: FileChange, after: Bundle): number {
  return path === after.definitionPath ? -1 : beforeBytes + afterBytes;
}
