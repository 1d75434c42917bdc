import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDocuments } from './json-documents.js';

export const PACKAGE_DIR = dirname(dirname(fileURLToPath(import.meta.url)));
const SHEAF = join(PACKAGE_DIR, 'bin', 'sheaf.js');

/** Builds the bundles when a source of any package is newer. */
export function buildCli(): void {
  const built = join(PACKAGE_DIR, 'dist', 'THIRD-PARTY-LICENSES.txt');
  const packages = ['workflow', 'bundle', 'client', 'engine', 'cli'];
  const sources = packages.map((name) => join(PACKAGE_DIR, '..', name, 'src'));
  const newest = Math.max(
    mtimeOf(join(PACKAGE_DIR, 'build.mjs')),
    mtimeOf(join(PACKAGE_DIR, 'build-undici.mjs')),
    mtimeOf(join(PACKAGE_DIR, 'build-builtins.mjs')),
    mtimeOf(join(PACKAGE_DIR, 'build-libsql.mjs')),
    ...sources.map(newestIn),
  );
  if (mtimeOf(built) >= newest) return;
  const { status, stderr } = spawnSync(process.execPath, ['build.mjs'], {
    cwd: PACKAGE_DIR,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

function newestIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Math.max(...files.map((entry) => mtimeOf(join(entry.parentPath, entry.name))));
}

function mtimeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** What one invocation did. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine of one user: a fresh home, with a space and an umlaut in its path. */
export interface Machine {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  run(args: readonly string[], options?: RunOptions): Finished;
  start(args: readonly string[], options?: RunOptions): ChildProcess;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** As whom it runs, where this process may choose. */
  readonly uid?: number | undefined;
}

export function createMachine(): Machine {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'sheaf tést-')));
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    USER: 'tester',
    XDG_CONFIG_HOME: join(dir, 'config'),
    XDG_STATE_HOME: join(dir, 'state'),
    XDG_CACHE_HOME: join(dir, 'cache'),
    // Not every machine that runs the tests can make a sandbox; those of isolation ask for one.
    SHEAF_PROFILE: 'permissive',
  };
  return {
    dir,
    env,
    run: (args, options = {}) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [SHEAF, ...args], {
        cwd: options.cwd ?? dir,
        env: { ...env, ...options.env },
        input: options.input ?? '',
        encoding: 'utf8',
        timeout: 60_000,
      });
      checkDocuments(stdout);
      return { status, stdout, stderr };
    },
    start: (args, options = {}) => {
      const child = spawn(process.execPath, [SHEAF, ...args], {
        cwd: options.cwd ?? dir,
        env: { ...env, ...options.env },
        ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      child.stdin?.end(options.input);
      return child;
    },
  };
}

/** What was printed, with all that differs from run to run replaced. */
export function transcript(machine: Machine, command: string, { status, stdout, stderr }: Finished): string {
  const text = [
    `$ sheaf ${command}`,
    '-- stdout',
    stdout.trimEnd(),
    '-- stderr',
    stderr.trimEnd(),
    `-- exit ${status ?? 'by signal'}`,
    '',
  ].join('\n');
  return text
    .replaceAll(machine.dir, '/home/tester')
    .replace(/"(startedAt|finishedAt|at)":\d+/g, '"$1":0')
    .replace(/"durationMs":[\d.]+/g, '"durationMs":0')
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:<digest>')
    .replace(/\b[0-9a-f]{64}\b/g, '<hex>')
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/\brun [a-z0-9]{10}\b/g, 'run <run>')
    .replace(/\b(logs|resume|rerun|cancel|status) [a-z0-9]{10}\b/g, '$1 <run>')
    .replace(/^[a-z0-9]{10}\t/gm, '<run>\t')
    .replace(/"runId":"[a-z0-9]{10}"/g, '"runId":"<run>"')
    .replace(/\b\d+\.\d s\b/g, '0.0 s');
}
