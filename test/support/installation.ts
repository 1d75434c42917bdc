import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cleanEnvironment } from './registry-environment.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = [
  'packages/workflow',
  'packages/bundle',
  'packages/client',
  'packages/engine',
  'packages/cli',
  'services/registry',
  'migrations',
];

export interface Installation {
  /** The `sheaf` program. */
  readonly sheaf: string;
  /** The `sheaf-registry` program. */
  readonly registry: string;
}

/** Packs every package as for npm and installs the tarballs in a folder of their own, as a user would get them. */
export async function installFromTarballs(dir: string): Promise<Installation> {
  const tarballs = join(dir, 'tarballs');
  const home = join(dir, 'installed');
  await mkdir(tarballs, { recursive: true });
  await mkdir(home, { recursive: true });
  // What is not in npm's cache has to be fetched.
  const certificates = process.env['SHEAF_TEST_NPM_CA_CERTS'] ?? process.env['NODE_EXTRA_CA_CERTS'];
  const env = {
    ...cleanEnvironment(),
    ...(certificates !== undefined && { NODE_EXTRA_CA_CERTS: certificates }),
  };
  await run('npm', ['pack', '--silent', '--pack-destination', tarballs, ...PACKAGES.map((p) => `./${p}`)], {
    cwd: ROOT,
    env,
  });
  const files = (await readdir(tarballs)).map((name) => join(tarballs, name));
  await writeFile(join(home, 'package.json'), '{ "name": "installed", "private": true }\n');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...files], {
    cwd: home,
    env,
    maxBuffer: 1 << 24,
  });
  const bin = (name: string) => join(home, 'node_modules', '.bin', name);
  return { sheaf: bin('sheaf'), registry: bin('sheaf-registry') };
}
