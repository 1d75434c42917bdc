import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAMESPACE = ['unshare', '--user', '--map-user=1000', '--map-group=1000'] as const;
const NOBODY = 65_534;

/** How a PostgreSQL program is started: it refuses to run as root. */
export interface RunAs {
  /** Put before the program and its arguments. */
  readonly prefix: readonly string[];
  /** The user and group to become; the files of the cluster belong to them. Absent: the caller's own. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Chooses how to run the server. An ordinary user: as itself. Root: as the owner of an existing cluster; else in a user
 * namespace where root is called 1000, so that the files stay root's and every folder stays reachable; else, where such
 * namespaces are forbidden, as nobody.
 */
export async function chooseRunAs(clusterDir: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const cluster = await stat(clusterDir).catch(() => undefined);
  if (cluster !== undefined && cluster.uid !== 0) {
    return { prefix: [], owner: { uid: cluster.uid, gid: cluster.gid } };
  }
  return (await canUnshare()) ? { prefix: NAMESPACE } : { prefix: [], owner: { uid: NOBODY, gid: NOBODY } };
}

/** The command line and the spawn options of a program run that way. */
export function commandFor(
  runAs: RunAs,
  program: string,
  args: readonly string[],
): {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { uid?: number; gid?: number; cwd: string };
} {
  const [file = program, ...rest] = [...runAs.prefix, program, ...args];
  return { file, args: rest, options: { ...runAs.owner, cwd: '/' } };
}

/** The environment of the server: nothing of ours, in particular no secret and no `PG…` setting. */
export function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = [
    'PATH',
    'LD_LIBRARY_PATH',
    'TMPDIR',
    'TEMP',
    'TMP',
    'SystemRoot',
    'SYSTEMROOT',
    'USERPROFILE',
  ];
  const result: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of kept) if (env[name] !== undefined) result[name] = env[name];
  return result;
}

async function canUnshare(): Promise<boolean> {
  const [file, ...args] = NAMESPACE;
  return run(file, [...args, 'true'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}
