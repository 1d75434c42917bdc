import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What git says of the files of a bundle. */
export type GitState =
  | { readonly kind: 'none' }
  | { readonly kind: 'dirty'; readonly files: readonly string[] }
  | { readonly kind: 'unnamed'; readonly commit: string }
  | { readonly kind: 'clean'; readonly uri: string; readonly commit: string };

const run = promisify(execFile);
const TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Settings with which a repository could make git run a program of its own choice. */
const QUIET = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'diff.external='];

/**
 * Finds the commit that holds exactly the given files. Files that differ from it or are not in it make the state
 * dirty; a repository whose remote has no public address is `unnamed`.
 *
 * @param files relative to `dir`
 */
export async function readGitState(
  dir: string,
  files: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<GitState> {
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    try {
      const { stdout } = await run('git', [...QUIET, ...args], {
        cwd: dir,
        env: { ...env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
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
  if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return { kind: 'none' };
  const tracked = await git('ls-files', '-z', '--', '.');
  const changed = await git(
    'diff',
    '--no-ext-diff',
    '--no-textconv',
    '--name-only',
    '--relative',
    '-z',
    'HEAD',
    '--',
    '.',
  );
  if (tracked === undefined || changed === undefined) return { kind: 'none' };
  const inCommit = new Set(tracked.split('\0'));
  const differing = new Set(changed.split('\0'));
  const dirty = files.filter((file) => !inCommit.has(file) || differing.has(file));
  if (dirty.length > 0) return { kind: 'dirty', files: dirty };
  const remote = await git('remote', 'get-url', 'origin');
  const uri = remote === undefined ? undefined : publicRemote(remote.trim());
  return uri === undefined ? { kind: 'unnamed', commit } : { kind: 'clean', uri, commit };
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
