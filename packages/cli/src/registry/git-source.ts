import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

/** What git says of the files of a bundle. */
export type GitState =
  | { readonly kind: 'none' }
  | { readonly kind: 'dirty'; readonly files: readonly string[] }
  | { readonly kind: 'unnamed'; readonly commit: string }
  | { readonly kind: 'clean'; readonly uri: string; readonly commit: string };

/** A file as it was packed. */
export interface PackedFile {
  /** Relative to the folder of the bundle. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const run = promisify(execFile);
const TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** A folder's own git configuration is not trusted: none of it may make git run a program. */
const QUIET = ['--no-pager', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

const QUIET_ENV = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  // A replaced object would let a commit hold what its name does not stand for.
  GIT_NO_REPLACE_OBJECTS: '1',
  // An object that is missing is not fetched: that would start whatever transport the folder names.
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: '',
  LC_ALL: 'C',
};

/** What git needs to find itself, its user's settings and the repository; tokens and keys stay here. */
const KEPT_ENV = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'SYSTEMROOT',
  'XDG_CONFIG_HOME',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_CEILING_DIRECTORIES',
  'GIT_DISCOVERY_ACROSS_FILESYSTEM',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
];

/**
 * Finds the commit that holds exactly the given bytes. Files that differ from it or are not in it make the state
 * dirty; a repository whose remote has no public address is `unnamed`. Git is only asked what the commit holds: the
 * packed bytes are compared here, because index, filters and attributes may say what they like.
 *
 * @param files as packed; whether one is executable is said by the definition, which is one of them
 */
export async function readGitState(
  dir: string,
  files: readonly PackedFile[],
  env: NodeJS.ProcessEnv,
): Promise<GitState> {
  const kept = Object.fromEntries(KEPT_ENV.map((name) => [name, env[name]]));
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    try {
      const { stdout } = await run('git', [...QUIET, ...args], {
        cwd: dir,
        env: { ...kept, ...QUIET_ENV },
        timeout: TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
      });
      return stdout;
    } catch {
      // No git, no repository, no commit, no remote: all mean that there is nothing to say.
      return undefined;
    }
  };
  const commit = (await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}'))?.trim();
  if (commit === undefined || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return { kind: 'none' };
  const tree = await git('ls-tree', '-r', '-z', commit);
  if (tree === undefined) return { kind: 'none' };
  const blobs = readTree(tree);
  const format = commit.length === 40 ? 'sha1' : 'sha256';
  const dirty = files.filter(({ path, bytes }) => blobs.get(path) !== hashBlob(bytes, format));
  if (dirty.length > 0) return { kind: 'dirty', files: dirty.map(({ path }) => path) };
  const remote = await git('remote', 'get-url', 'origin');
  const uri = remote === undefined ? undefined : publicRemote(remote.trim());
  return uri === undefined ? { kind: 'unnamed', commit } : { kind: 'clean', uri, commit };
}

/** Object names of the regular files of `git ls-tree -z`, by path. A link is no file, whatever it says. */
function readTree(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\0').flatMap((line) => {
      const [, name, path] = /^100\d{3} blob ([0-9a-f]+)\t([^]+)$/.exec(line) ?? [];
      return name === undefined || path === undefined ? [] : [[path, name] as const];
    }),
  );
}

/** The name that git gives to a file's content (gitformat-pack, "object name"). */
function hashBlob(bytes: Uint8Array, format: 'sha1' | 'sha256'): string {
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * The address of a remote as it may be published: `git+https://host/path`, without user, password, query or fragment.
 * Undefined for a path on this machine or anything else that says nothing to others.
 */
export function publicRemote(remote: string): string | undefined {
  const scp = /^(?:[^@/\s]+@)?([a-zA-Z0-9.-]+):(?!\/\/)([^\s]+)$/.exec(remote);
  if (scp !== null && !/^[a-zA-Z]:[\\/]/.test(remote)) {
    const [, host = '', path = ''] = scp;
    return host.length > 1 ? `git+ssh://${host}/${path.replace(/^\/+/, '')}` : undefined;
  }
  if (!URL.canParse(remote)) return undefined;
  const url = new URL(remote);
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(url.protocol) || url.host === '') return undefined;
  return `git+${url.protocol}//${url.host}${url.pathname}`;
}
