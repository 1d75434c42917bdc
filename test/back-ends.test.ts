import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasCeph, startGateway, type Gateway } from './support/ceph.js';
import { cleanEnvironment, REGISTRY_BIN } from './support/registry-environment.js';
import {
  makeTempDir,
  privateDatabaseUrl,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type Person } from './support/sheaf.js';

const run = promisify(execFile);

/** Two registries on a PostgreSQL and an object store of others; then all of it carried to where neither is. */
describe.skipIf(!hasCeph)('PostgreSQL and S3', () => {
  let dir: string;
  let host: RegistryProcess;
  let gateway: Gateway;
  let env: Readonly<Record<string, string>>;
  let dataDir: string;
  let author: Person;
  let reader: Person;
  const running: RegistryProcess[] = [];

  const start = async (port = 0): Promise<RegistryProcess> => {
    const registry = await startRegistryProcess({ dataDir, port, env });
    running.push(registry);
    return registry;
  };
  const verb = async (args: readonly string[], more: Readonly<Record<string, string>> = env) => {
    const { stdout } = await run(process.execPath, [REGISTRY_BIN, ...args], {
      env: { ...cleanEnvironment(), SHEAF_LOG_LEVEL: 'error', ...more },
    });
    return stdout;
  };
  const publish = async (registry: RegistryProcess, version: string) => {
    const folder = join(dir, `source-${version}`);
    await mkdir(folder);
    const definition = `id = "acme/hello"\nversion = "${version}"\n\n[steps.say]\nrun = "echo ${version}"\n`;
    await writeFile(join(folder, 'workflow.toml'), definition);
    await author.ok(['publish', folder, '--yes', '--json', '--registry', registry.url]);
  };
  const fetched = async (person: Person, url: string, reference: string, flags: readonly string[] = []) => {
    const { stdout } = await person.ok(['fetch', reference, '--json', '--registry', url, ...flags]);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  beforeAll(async () => {
    dir = await makeTempDir();
    dataDir = join(dir, 'data');
    await mkdir(join(dir, 'ceph'));
    // Its server is used, and nothing else of it: the registries have a database of their own there.
    host = await startRegistryProcess({ dataDir: join(dir, 'host') });
    const url = new URL(await privateDatabaseUrl(host.dataDir));
    url.pathname = '/postgres';
    gateway = await startGateway(join(dir, 'ceph'));
    env = { ...gateway.env, DATABASE_URL: url.href, SHEAF_ORIGIN: 'wf.example.com' };
    author = await createPerson(join(dir, 'author'));
    reader = await createPerson(join(dir, 'reader'));
  }, 120_000);
  afterAll(async () => {
    for (const registry of running) await registry.stop();
    await gateway.stop();
    await host.stop();
    await removeDir(dir);
  });

  test('serve one registry from two processes, over a restart, and fit together afterwards', async () => {
    const first = await start();
    const second = await start();
    await signIn(author, first, 'author');
    await author.ok(['login', second.url, '--with-token', '--yes'], { input: `${first.ownerToken}\n` });
    await publish(first, '1.0.0');
    await publish(second, '1.1.0');
    expect(await fetched(reader, first.url, 'acme/hello', ['--yes'])).toMatchObject({ version: '1.1.0' });
    await first.stop();
    await second.stop();
    const again = await start(Number(new URL(first.url).port));
    await publish(again, '1.2.0');
    expect(await fetched(reader, again.url, 'acme/hello')).toMatchObject({ version: '1.2.0' });
    expect(await verb(['check', '--deep', '--data-dir', dataDir])).toContain('everything fits together');
    expect(await verb(['gc', '--grace', '0', '--data-dir', dataDir])).toContain('3 blobs, 0 of them orphans');
  });

  test('are carried to another place, where clients verify with the pins that they have', async () => {
    const source = running.at(-1);
    if (!source) throw new Error('nothing runs');
    const archive = join(dir, 'export.tar');
    const told = JSON.parse(await verb(['export', archive, '--json', '--data-dir', dataDir])) as {
      readonly realms: readonly { readonly verifierKey: string }[];
    };
    const logKey = told.realms[0]?.verifierKey ?? '';
    const port = Number(new URL(source.url).port);
    await source.stop();
    const elsewhere = join(dir, 'elsewhere');
    await verb(['import', archive, '--log-key', logKey, '--data-dir', elsewhere], {});
    // A mirror has no owner: the file is for what starts processes here.
    await writeFile(join(elsewhere, 'admin-token'), 'none\n');
    const mirror = await startRegistryProcess({ dataDir: elsewhere, port });
    running.push(mirror);
    // At the same address, so that the reader's pins and checkpoint are those of the registry itself.
    expect(await fetched(reader, mirror.url, 'acme/hello@1.0.0')).toMatchObject({ version: '1.0.0' });
    await expect(publish(mirror, '2.0.0')).rejects.toThrow('registry.mirror');
    const stranger = await createPerson(join(dir, 'stranger'));
    expect(await fetched(stranger, mirror.url, 'acme/hello', ['--yes'])).toMatchObject({ version: '1.2.0' });
  });
});
