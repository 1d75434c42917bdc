import { chmod, mkdir, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locatePostgres, prepareInstallation } from '../../src/postgres/locate.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sheaf-locate-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** What `npm install --ignore-scripts` leaves: no symlinks, no execute bits. */
async function install(symlinks: unknown): Promise<void> {
  await mkdir(join(root, 'native', 'bin'), { recursive: true });
  await mkdir(join(root, 'native', 'lib'));
  await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(symlinks));
  await writeFile(join(root, 'native', 'lib', 'libpq.so.5.18'), '');
  for (const name of ['initdb', 'postgres']) {
    await writeFile(join(root, 'native', 'bin', name), '');
    await chmod(join(root, 'native', 'bin', name), 0o644);
  }
}

describe('the installed PostgreSQL', () => {
  it('is found for this machine', async () => {
    expect((await stat((await locatePostgres()).postgres)).mode & 0o100).toBe(0o100);
  });

  it('is made runnable when it was installed without scripts, also twice and at once', async () => {
    await install([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]);
    await Promise.all([prepareInstallation(root), prepareInstallation(root)]);
    const binaries = await prepareInstallation(root);
    expect(await readlink(join(root, 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect((await stat(binaries.initdb)).mode & 0o777).toBe(0o755);
    expect((await stat(binaries.postgres)).mode & 0o777).toBe(0o755);
  });

  it('is refused when it would make links outside itself', async () => {
    await install([{ source: 'native/lib/libpq.so.5.18', target: '../outside.so' }]);
    await expect(prepareInstallation(root)).rejects.toMatchObject({ code: 'postgres.unavailable' });
  });

  it('is unavailable when its programs are missing, and says what to do', async () => {
    await expect(prepareInstallation(root)).rejects.toMatchObject({
      code: 'postgres.unavailable',
      message: `cannot make the PostgreSQL programs in ${root} runnable: ENOENT`,
      hint: 'set DATABASE_URL to a PostgreSQL 15 or newer',
    });
  });
});
