import { BundleError } from '../error.js';
import { foldName, showPath } from './path.js';

/**
 * Refuses what only several paths together make: two files, or a file and a folder, whose names are equal after folding,
 * because some file system could not tell them apart; and a folder that git would take for a repository of its own.
 *
 * Memory and time grow with the length of the paths, not with the number of folders in them: sorted by their folded
 * names, all paths below one folder are neighbours, so that comparing neighbours is enough.
 *
 * @param paths each accepted by `checkPath`, none twice
 * @throws BundleError `path.collision`, `path.reserved`
 */
export function checkTree(paths: readonly string[]): void {
  const entries = paths.map((path) => ({ path, folded: foldPath(path) }));
  entries.sort((a, b) => (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : 0));
  let previous: Segments = { path: '', names: [], folded: [] };
  // For the folder of each depth: which of the parts of a repository it holds.
  const partsAt: number[] = [0];
  for (const { path, folded } of entries) {
    const next: Segments = { path, names: path.split('/'), folded: folded.split(SEPARATOR) };
    const shared = sharedSegments(previous, next);
    partsAt.length = shared + 1;
    for (let depth = shared; depth < next.folded.length; depth++) {
      const parts = (partsAt[depth] ?? 0) | (REPOSITORY_PARTS.get(next.folded[depth] ?? '') ?? 0);
      partsAt[depth] = parts;
      if (isRepository(parts)) refuseRepository(path);
    }
    previous = next;
  }
}

/** Below every character of a name, so that a folder stands directly before what lies in it. */
const SEPARATOR = '\0';

interface Segments {
  readonly path: string;
  readonly names: readonly string[];
  readonly folded: readonly string[];
}

function foldPath(path: string): string {
  if (/^[\x20-\x7e]*$/.test(path)) return path.toLowerCase().replaceAll('/', SEPARATOR);
  return path.split('/').map(foldName).join(SEPARATOR);
}

/** How many folders two neighbours share; refuses them when only the folded names of one are equal. */
function sharedSegments(a: Segments, b: Segments): number {
  let shared = 0;
  while (shared < a.folded.length && a.folded[shared] === b.folded[shared]) {
    if (a.names[shared] !== b.names[shared]) refuseCollision(a, b, shared + 1);
    shared++;
  }
  // The first is a file, so nothing can lie below it.
  if (shared > 0 && shared === a.folded.length) refuseCollision(a, b, shared);
  return shared;
}

function refuseCollision(a: Segments, b: Segments, length: number): never {
  const [one, other] = [a, b].map(({ names }) => showPath(names.slice(0, length).join('/')));
  throw new BundleError(
    'path.collision',
    one === other
      ? `path ${showPath(a.path)} is a file, and a folder for ${showPath(b.path)}`
      : `path ${other ?? ''} collides with ${one ?? ''} on some file systems`,
    { hint: 'rename one of them' },
  );
}

/** What git asks of a folder before it believes its `config` and its hooks, with or without a `.git` around it. */
const REPOSITORY_PARTS: ReadonlyMap<string, number> = new Map([
  ['head', 1],
  ['objects', 2],
  ['refs', 4],
  ['commondir', 8],
]);

/**
 * Is there a `HEAD`, and `objects` and `refs` beside it or in the folder that `commondir` names? Whether they are files
 * or folders plays no part: to git, a program named `objects` is as good as a folder. (git, setup.c, is_git_directory.)
 */
function isRepository(parts: number): boolean {
  return (parts & 7) === 7 || (parts & 9) === 9;
}

function refuseRepository(path: string): never {
  throw new BundleError(
    'path.reserved',
    `path ${showPath(path)} makes its folder a git repository (HEAD, and objects and refs or commondir)`,
    { hint: 'leave repositories out of the bundle: their settings can name programs that run' },
  );
}
