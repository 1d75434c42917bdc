import { lstatSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Permissions } from '@sheaf/workflow';
import { isWithin, orderMounts, type Mount } from './mounts.js';

/** What decides what a process may see. Paths are absolute. */
export interface Place {
  readonly cwd: string;
  readonly permissions: Permissions;
  /** The unpacked bundle. */
  readonly bundleDir: string | undefined;
  /** The home of the user. */
  readonly home: string | undefined;
  /** Folders of the `PATH`. */
  readonly path: readonly string[];
  /** Where the engine keeps what it knows: of other runs, too. */
  readonly stateDir: string;
  /** What the process may always write. */
  readonly own: readonly string[];
}

/** Folders of all users, and those in which services listen. */
const HIDDEN = ['/home', '/root', '/tmp', '/var/tmp', '/run', '/mnt', '/media'];
/** Folders that programs take for their own. */
const SCRATCH = ['/tmp', '/var/tmp'];
/** Files that only a process of root could read. */
const HIDDEN_FILES = ['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/sudoers'];
/** Where programs keep keys and passwords in a home: hidden also when the home itself may be read, unless one is named itself. */
const KEPT_IN_HOME = [
  ...['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.password-store', '.mozilla', '.pki'],
  ...['.config/sheaf', '.config/gh', '.config/gcloud', '.config/git/credentials', '.local/share/keyrings'],
  ...['.netrc', '.npmrc', '.pypirc', '.git-credentials', '.cargo/credentials.toml', '.bash_history'],
];

/**
 * What a process with these permissions sees of the file system, which is otherwise read-only. Entries that are globs stand for the
 * folder that they begin with. A folder that may be written and is not there is made, a file likewise. Links in the workspace that lead
 * out of it give nothing.
 */
export function findMounts(place: Place): readonly Mount[] {
  const { cwd, home, permissions } = place;
  const { read, write } = permissions;
  const homes = home === undefined ? [] : [home];
  const hidden = existing([...HIDDEN, ...homes, place.stateDir, cwd]).filter(canHide);
  const open = existing([...homes, ...SCRATCH]);
  const granted = [
    ...read.flatMap((entry) => locate(cwd, entry, false)).map((path): Mount => ({ path, as: 'read' })),
    ...write.flatMap((entry) => locate(cwd, entry, true)).map((path): Mount => ({ path, as: 'write' })),
  ];
  const isShown = (path: string): boolean => granted.some((mount) => isWithin(mount.path, path));
  // Nothing is shown where nothing is granted, which is what most ask for.
  const kept = granted.length === 0 ? [] : homes.flatMap(keptIn);
  const mounts: Mount[] = [
    ...hidden.map((path): Mount => ({ path, as: open.includes(path) ? 'empty' : 'closed' })),
    ...existing(HIDDEN_FILES).map((path): Mount => ({ path, as: 'nothing' })),
    ...existing([...place.path, ...nameServers(permissions)]).flatMap((path): readonly Mount[] =>
      // A folder of programs, and never one that holds more than that.
      hidden.some((folder) => isWithin(folder, path)) && !hidden.includes(path) ? [{ path, as: 'read' }] : [],
    ),
    ...existing(kept)
      .filter(isShown)
      .map((path): Mount => ({ path, as: isFolder(path) ? 'empty' : 'nothing' })),
    ...granted,
    ...existing(place.bundleDir === undefined ? [] : [place.bundleDir]).map((path): Mount => ({
      path,
      as: 'read',
    })),
    ...repositories(place),
    ...place.own.map((path): Mount => ({ path, as: 'write' })),
  ];
  return orderMounts(mounts);
}

/** The folder or file that an entry is about; none for a link that leads out of the workspace. */
function locate(cwd: string, entry: string, make: boolean): readonly string[] {
  const parts = entry.split('/');
  const glob = parts.findIndex((part) => /[*?[{]/.test(part));
  const fixed = glob === -1 ? entry : parts.slice(0, glob).join('/');
  const path = resolve(cwd, fixed === '' && isAbsolute(entry) ? '/' : fixed);
  const isInside = isWithin(cwd, path);
  if (make && !exists(path) && (!isInside || leadsInside(cwd, dirname(path)))) {
    if (glob !== -1 || entry.endsWith('/')) mkdirSync(path, { recursive: true });
    else makeFile(path);
  }
  try {
    const real = realpathSync.native(path);
    return !isInside || isWithin(realpathSync.native(cwd), real) ? [real] : [];
  } catch {
    return [];
  }
}

function makeFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '', { flag: 'wx' });
  } catch {
    // It is not the workflow's to write: the process will say so.
  }
}

function leadsInside(cwd: string, path: string): boolean {
  try {
    return isWithin(realpathSync.native(cwd), realpathSync.native(path));
  } catch {
    return path !== '/' && leadsInside(cwd, dirname(path));
  }
}

/**
 * Version control of the workspace: what a hook in it does, it does as the user. To be read where the workspace is; of a worktree also the
 * repository that it belongs to, which may be written to where `.git` may be.
 */
function repositories({ cwd, permissions }: Place): readonly Mount[] {
  const isNamed = permissions.write.some((entry) => entry.split('/').includes('.git'));
  const isRead = [...permissions.read, ...permissions.write].some((entry) => resolve(cwd, entry) === cwd);
  if (!isNamed && !isRead && !permissions.exec.includes('git')) return [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, '.git');
    if (exists(path)) {
      const common = worktreeOf(path).filter(exists);
      return isNamed
        ? common.map((each) => ({ path: each, as: 'write' }))
        : [path, ...common].map((each) => ({ path: each, as: 'protect' }));
    }
    if (folder === '/') return [];
  }
}

/** Where the repository of a worktree is: `.git` is a file there that names it. */
function worktreeOf(path: string): readonly string[] {
  if (isFolder(path)) return [];
  const named = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8').slice(0, 4_096))?.[1];
  const common = named === undefined ? undefined : /^(.*\/\.git)(?:\/worktrees\/[^/]+)?$/.exec(named)?.[1];
  return common === undefined || !isAbsolute(common) ? [] : [common];
}

/** The file that says who answers for names is often a link to where services write. */
function nameServers({ network }: Permissions): readonly string[] {
  return network.length === 0 ? [] : ['/etc/resolv.conf'];
}

function keptIn(home: string): readonly string[] {
  return KEPT_IN_HOME.map((name) => `${home}/${name}`);
}

/** Real paths of those that are there; most are not, which costs less when it is asked first. */
function existing(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    try {
      return exists(path) ? [realpathSync.native(path)] : [];
    } catch {
      return [];
    }
  });
}

/** Nothing that the system itself lies in. */
function canHide(path: string): boolean {
  return isFolder(path) && !['/usr', '/etc', '/dev', '/proc'].some((needed) => isWithin(path, needed));
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
