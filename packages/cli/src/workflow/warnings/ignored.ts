import { execFile } from 'node:child_process';
import { aboutFile, type PackFinding } from './finding.js';

const TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** What git needs to find itself and the repository; tokens and keys stay here. */
const KEPT_ENV = ['PATH', 'HOME', 'USERPROFILE', 'SYSTEMROOT', 'XDG_CONFIG_HOME', 'GIT_DIR', 'GIT_WORK_TREE'];

/**
 * Packed files that git ignores and does not hold: most often what a tool made, or what was not to leave this machine.
 * Nothing without git or a repository. No setting of the folder makes git run a program.
 */
export async function findIgnored(
  dir: string,
  files: readonly { readonly path: string }[],
  env: NodeJS.ProcessEnv,
): Promise<readonly PackFinding[]> {
  const paths = await checkIgnore(
    dir,
    files.map(({ path }) => path),
    env,
  );
  return paths.map((path) =>
    aboutFile(
      'pack.ignored',
      path,
      'git ignores this file, and it is packed',
      'leave it out of [bundle] include, or add it to git if it belongs there',
    ),
  );
}

function checkIgnore(
  cwd: string,
  paths: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const kept = Object.fromEntries(KEPT_ENV.map((name) => [name, env[name]]));
  const args = [
    '-c',
    'core.fsmonitor=false',
    '-c',
    'core.hooksPath=/dev/null',
    'check-ignore',
    '--stdin',
    '-z',
  ];
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      args,
      {
        cwd,
        env: { ...kept, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
        timeout: TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
      },
      (_error, stdout) => {
        // It ends with 1 when nothing is ignored, and with 128 where there is no repository: both say nothing.
        resolve(stdout.split('\0').filter((path) => path !== ''));
      },
    );
    // Without git, or when it ends early, nobody reads.
    child.stdin?.on('error', () => undefined).end(paths.map((path) => `${path}\0`).join(''));
  });
}
