import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure } from '../src/testing/failure.js';
import { createTestRegistry } from '../src/testing/test-registry.js';
import { requestFor } from '../src/testing/verifying.js';
import { unpackTo } from '../src/unpack.js';
import { verifyWorkflow, type VerifiedWorkflow } from '../src/verify.js';
import { temporaryFolder } from './support/folder.js';

async function verified(): Promise<VerifiedWorkflow> {
  const registry = createTestRegistry();
  return verifyWorkflow(requestFor(registry, await registry.publish()));
}

describe('unpackTo', () => {
  it('writes exactly the files, with exact modes, whatever the mask', async () => {
    const parent = await temporaryFolder();
    const mask = process.umask(0o077);
    const path = await unpackTo(await verified(), parent, 'bundle').finally(() => process.umask(mask));
    expect(path).toBe(join(parent, 'bundle'));
    expect((await readdir(path, { recursive: true })).sort()).toEqual([
      'scripts',
      'scripts/go.sh',
      'scripts/lib',
      'scripts/lib/a.txt',
      'workflow.toml',
    ]);
    expect(await readFile(join(path, 'scripts/go.sh'), 'utf8')).toBe('#!/bin/sh\necho go\n');
    expect((await stat(join(path, 'scripts/go.sh'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(path, 'workflow.toml'))).mode & 0o777).toBe(0o644);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(await readdir(parent)).toEqual(['bundle']);
  });

  it('takes the place of nothing: no folder, file or link', async () => {
    const parent = await temporaryFolder();
    await mkdir(join(parent, 'folder'));
    await writeFile(join(parent, 'file'), 'kept');
    await symlink(join(parent, 'nowhere'), join(parent, 'link'));
    for (const name of ['folder', 'file', 'link']) {
      await failure(unpackTo(await verified(), parent, name), 'unpack.exists');
    }
    expect((await readdir(parent)).sort()).toEqual(['file', 'folder', 'link']);
    expect(await readFile(join(parent, 'file'), 'utf8')).toBe('kept');
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    const parent = await temporaryFolder();
    const workflow = await verified();
    const [first, ...rest] = workflow.bundle.files;
    const twice = [...rest, first, first].filter((file) => file !== undefined);
    const broken: VerifiedWorkflow = { ...workflow, bundle: { ...workflow.bundle, files: twice } };
    await failure(unpackTo(broken, parent, 'bundle'), 'unpack.exists');
    expect(await readdir(parent)).toEqual([]);
  });

  it.each(['', '.', '..', 'a/b', '../x', '/abs'])('refuses %j as a name', async (name) => {
    const parent = await temporaryFolder();
    await failure(unpackTo(await verified(), parent, name), 'unpack.failed');
    expect(await readdir(parent)).toEqual([]);
  });

  it('says so when there is no folder to unpack into', async () => {
    const parent = await temporaryFolder();
    const error = await failure(
      unpackTo(await verified(), join(parent, 'missing'), 'bundle'),
      'unpack.failed',
    );
    expect(error.message).toContain(`there is no folder ${join(parent, 'missing')}`);
  });
});
