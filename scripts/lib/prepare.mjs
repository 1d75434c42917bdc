import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const LEAST_NODE = [20, 19];

/** Installs what the lockfile names when that has not been done since the lockfile changed, and builds what is out of date. */
export function prepare({ say = () => {} } = {}) {
  assertNode();
  if (!isInstalled()) {
    say('installing dependencies');
    run('npm', ['ci', '--no-audit', '--no-fund']);
  }
  say('building');
  run(join('node_modules', '.bin', 'turbo'), [
    'run',
    'build',
    '--output-logs=errors-only',
    '--log-order=grouped',
  ]);
}

/** Runs a command in the root; its output is shown only when it fails. Ends the process on failure. */
export function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  process.stderr.write(
    `error: ${command} ${args.join(' ')} failed${result.error ? `: ${result.error.message}` : ''}\n`,
  );
  process.exit(result.status ?? 1);
}

function isInstalled() {
  const marker = join(ROOT, 'node_modules', '.package-lock.json');
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs;
}

function assertNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  process.stderr.write(`error: this is Node ${process.versions.node}; Sheaf needs ${engines.node}\n`);
  process.exit(1);
}
