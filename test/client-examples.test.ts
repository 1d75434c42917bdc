import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSigningKey } from '@sheaf/bundle';
import { openTrustStore } from '@sheaf/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkPinned } from '../packages/client/examples/check-pinned.js';
import { fetchVerifyUnpack } from '../packages/client/examples/fetch-verify-unpack.js';
import { openPrivateRegistry, renewing } from '../packages/client/examples/private-registry.js';
import { publish } from '../packages/client/examples/publish.js';
import { search } from '../packages/client/examples/search.js';
import { watchLog } from '../packages/client/examples/watch-log.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson } from './support/sheaf.js';

const KEY = generateSigningKey();

let dir: string;
let registry: RegistryProcess;
let published: Awaited<ReturnType<typeof publish>>;
beforeAll(async () => {
  dir = await makeTempDir();
  registry = await startRegistryProcess({ dataDir: join(dir, 'data') });
  await mkdir(join(dir, 'flow'));
  const definition = `id = "shop/hello"\nversion = "1.0.0"\ndescription = "Greets"\n\n[steps.say]\nrun = "echo hi"\n`;
  await writeFile(join(dir, 'flow', 'workflow.toml'), definition);
  published = await publishFlow();
});
afterAll(async () => {
  await registry.stop();
  await removeDir(dir);
});

const publishFlow = () =>
  publish(registry.url, join(dir, 'flow'), { key: KEY, token: registry.ownerToken, trustDir: trustDir() });
const folders = () => ({
  cache: join(dir, 'cache'),
  state: join(dir, 'state'),
  config: join(dir, 'config'),
});
const policyFile = () => join(dir, 'config', 'sheaf', 'trust.toml');
const cacheDir = () => join(dir, 'cache', 'sheaf', 'workflows');
const trustDir = () => join(dir, 'state', 'sheaf', 'trust');

test('publish: the receipt verifies, and publishing again is safe', async () => {
  expect(published).toMatchObject({ created: true, receipt: { id: 'shop/hello', version: '1.0.0' } });
  expect(await publishFlow()).toMatchObject({
    created: false,
    receipt: { logIndex: published.receipt.logIndex },
  });
});

test('search finds what was published', async () => {
  expect(await search(registry.url, 'hello')).toEqual(['shop/hello']);
});

test('a private registry is asked with a token that is renewed when it is refused', async () => {
  const renewed: string[] = [];
  const token = renewing(
    () => Promise.resolve('shf_0000000000000000_bad'),
    (rejected) => {
      renewed.push(rejected);
      return Promise.resolve(registry.ownerToken);
    },
  );
  const client = openPrivateRegistry(registry.url, token);
  try {
    expect(await Promise.all([client.whoami(), client.whoami()])).toMatchObject([{ admin: true }, {}]);
    expect(renewed).toEqual(['shf_0000000000000000_bad']);
  } finally {
    await client.close();
  }
});

test('the log is followed to its end, and goes on from there', async () => {
  const dirs = { trust: trustDir(), audit: join(dir, 'audit') };
  const first = await watchLog(registry.url, dirs);
  expect(first).toMatchObject({ entries: first.size, refused: 0 });
  expect(await watchLog(registry.url, dirs)).toMatchObject({ entries: 0, size: first.size });
});

test('fetch, verify and unpack, then verify what a lockfile pins without any network', async () => {
  await mkdir(join(dir, 'config', 'sheaf'), { recursive: true });
  const origin = (await (await openTrustStore(trustDir())).getPin(registry.url)).origin;
  const rule = `version = 1\n\n[[publisher]]\nregistry = "${origin}"\nnamespace = "shop"\nkeys = ["${KEY.publicKey.id}"]\n`;
  await writeFile(policyFile(), rule);
  const to = await mkdtemp(join(dir, 'out-'));
  const paths = await fetchVerifyUnpack(registry.url, ['shop/hello@^1'], { folders: folders(), to });
  expect(paths).toEqual([join(to, 'shop-hello')]);
  expect(await readFile(join(to, 'shop-hello', 'workflow.toml'), 'utf8')).toContain('shop/hello');

  const person = await createPerson(join(dir, 'home'), {
    SHEAF_REGISTRY: registry.url,
    XDG_CACHE_HOME: join(dir, 'cache'),
    XDG_STATE_HOME: join(dir, 'state'),
    XDG_CONFIG_HOME: join(dir, 'config'),
  });
  await writeFile(join(person.home, 'sheaf.toml'), '[workflows]\nhello = "shop/hello@^1"\n');
  await person.ok(['lock']);
  const lockFile = join(person.home, 'sheaf.lock');
  await registry.stop();
  const job = { lockFile, policyFile: policyFile(), cacheDir: cacheDir(), trustDir: trustDir() };
  expect(await checkPinned(job)).toEqual(['shop/hello@1.0.0']);
  await writeFile(lockFile, (await readFile(lockFile, 'utf8')).replace('1.0.0', '1.0.1'));
  await expect(checkPinned(job)).rejects.toMatchObject({ code: expect.stringMatching(/^lock\./) as string });
});
