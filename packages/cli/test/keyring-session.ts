import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_DIR, type Finished, type Machine } from './harness.js';

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

/** Whether a keyring can be started here; where it cannot that is said, and in CI it is an error. */
export function hasKeyring(): boolean {
  if (has('gnome-keyring-daemon') && has('dbus-run-session')) return true;
  const how = 'apt-get install -y gnome-keyring dbus';
  if (process.env['CI'] === 'true' && has('apt-get'))
    throw new Error(`gnome-keyring is missing, and the keyring is not tested: ${how}`);
  console.warn(`SKIPPED: the keyring is not tested, because gnome-keyring is missing: ${how}`);
  return false;
}

const SHEAF = join(PACKAGE_DIR, 'bin', 'sheaf.js');

/** Runs lines of shell in a session with a bus and an unlocked keyring of its own, `sheaf` among its commands. */
export function inSession(machine: Machine, script: string): Finished {
  const session = mkdtempSync(join(machine.dir, 'session-'));
  const { PATH, XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME } = machine.env;
  const setup = [
    'set -e',
    `sheaf() { "${process.execPath}" "${SHEAF}" "$@"; }`,
    'printf unlock | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1',
  ];
  const { status, stdout, stderr } = spawnSync(
    'dbus-run-session',
    ['--', 'sh', '-c', [...setup, script].join('\n')],
    {
      cwd: machine.dir,
      env: {
        PATH,
        HOME: machine.dir,
        XDG_DATA_HOME: join(session, 'data'),
        XDG_RUNTIME_DIR: session,
        XDG_CONFIG_HOME,
        XDG_STATE_HOME,
        XDG_CACHE_HOME,
      },
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  return { status, stdout, stderr };
}
