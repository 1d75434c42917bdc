import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeKeyFile, formatCheckpoint, openCheckpoint, parseLogVerifier, signNote } from '@sheaf/bundle';
import { createRegistryClient } from '@sheaf/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLyingProxy, type LyingProxy } from './support/lying-proxy.js';
import { cleanEnvironment } from './support/registry-environment.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type Person } from './support/sheaf.js';

/** A monitor of a real registry, which is honest at first and then is not. */
const SHEAF = fileURLToPath(new URL('../packages/cli/bin/sheaf.js', import.meta.url));

let dir: string;
let registry: RegistryProcess;
let author: Person;
let proxy: LyingProxy;
let monitor: Person;

beforeAll(async () => {
  dir = await makeTempDir();
  registry = await startRegistryProcess({ dataDir: join(dir, 'data') });
  author = await createPerson(join(dir, 'author'));
  await signIn(author, registry, 'acme');
  await publish('acme', '1.0.0');
  await publish('umbrella', '1.0.0');
  proxy = await startLyingProxy(registry.url);
  monitor = await createPerson(join(dir, 'monitor'), { SHEAF_REGISTRY: proxy.url });
});
afterAll(async () => {
  await proxy.close();
  await registry.stop();
  await removeDir(dir);
});

async function publish(namespace: string, version: string): Promise<void> {
  const folder = join(dir, `${namespace} ${version}`);
  await mkdir(folder, { recursive: true });
  const definition = `id = "${namespace}/mark"\nversion = "${version}"\n\n[steps.mark]\nrun = 'true'\n`;
  await writeFile(join(folder, 'workflow.toml'), definition);
  await author.ok(['publish', folder, '--yes']);
}

function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('an honest log is audited from its first entry, and then from where the audit ended', async () => {
  const first = await monitor.ok(['audit-log', '--yes']);
  const lines = first.stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^#0 {2}\d{4}-\d\d-\d\dT[\d:]+Z {2}ns\.create +\w+$/);
  expect(first.stdout).toMatch(/publish +acme\/mark@1\.0\.0 sha256:[0-9a-f]{64}, signed by /);
  expect(first.stdout).toMatch(/publish +umbrella\/mark@1\.0\.0 /);
  expect(lines.at(-1)).toMatch(/^audited 6 entries up to size 6, root [\w+/]{43}=$/);
  expect((await monitor.ok(['audit-log'])).stdout).toMatch(/^audited 0 entries up to size 6, root /);

  await author.ok(['deprecate', 'acme/mark@1.0.0', '--reason', 'old', '--yes', '--registry', registry.url]);
  await publish('umbrella', '1.1.0');
  const watched = await monitor.ok(['audit-log', proxy.url, '--watch', 'acme']);
  expect(
    watched.stdout.split('\n').map((line) => line.replace(/ {2}\S+Z/, '').replace(/root .*/, '')),
  ).toEqual(['#6  deprecate     acme/mark@1.0.0: old', 'audited 2 entries up to size 8, ', '']);
});

test('its entries are lines of JSON, the last of which is the result', async () => {
  const { stdout } = await monitor.ok(['audit-log', '--from-start', '--json']);
  const lines = jsonLines(stdout);
  expect(lines.length).toBe(9);
  expect(lines[0]).toMatchObject({ schema: 'sheaf.audit-event/1', index: 0, type: 'ns.create' });
  expect(lines[7]).toMatchObject({ type: 'publish', namespace: 'umbrella', leaf: { version: '1.1.0' } });
  expect(lines[8]).toMatchObject({
    schema: 'sheaf.audit-log/1',
    registry: proxy.url,
    realm: 'public',
    entries: 8,
    size: 8,
    unknown: 0,
    namespaces: 2,
  });
});

test('it is followed until Ctrl-C', async () => {
  const child = spawn(process.execPath, [SHEAF, 'audit-log', '--follow', '--interval', '1'], {
    env: { ...cleanEnvironment(), HOME: monitor.home, SHEAF_REGISTRY: proxy.url },
  });
  let stdout = '';
  const seen = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('acme/mark@1.1.0')) resolve();
    });
  });
  const closed = once(child, 'close');
  await publish('acme', '1.1.0');
  await seen;
  child.kill('SIGINT');
  expect(await closed).toEqual([0, null]);
  expect(stdout).toMatch(/audited 1 entry up to size 9, root .*\n$/);
});

test('a cut history, a fork and changed entries are each exit 3, with what proves it', async () => {
  const old = await fetchText('/log/public/checkpoint');
  await publish('acme', '1.2.0');
  await monitor.ok(['audit-log']);

  proxy.tell((path) => (path.endsWith('/checkpoint') ? Buffer.from(old) : undefined));
  await expectRefused('log.rollback', [old, await fetchText('/log/public/checkpoint')]);

  const forked = await forge();
  proxy.tell((path) => (path.endsWith('/checkpoint') ? Buffer.from(forked) : undefined));
  await expectRefused('log.fork', [forked, await fetchText('/log/public/checkpoint')]);

  proxy.tell(() => undefined);
  await publish('acme', '1.3.0');
  proxy.tell((path, honest) =>
    path.includes('/tile/entries/')
      ? Buffer.from(honest.toString('latin1').replace('1.3.0', '6.6.6'), 'latin1')
      : undefined,
  );
  await expectRefused('audit.root', []);
  proxy.tell(() => undefined);
  expect((await monitor.ok(['audit-log'])).stdout).toMatch(/audited 1 entry up to size 11, root /);
});

test('the log of a private namespace is audited by its members, and looks absent to strangers', async () => {
  await author.ok(['namespace', 'create', 'vault', '--private']);
  await publish('vault', '1.0.0');
  const { stdout } = await author.ok(['audit-log', registry.url, '--realm', 'vault']);
  expect(stdout).toMatch(/publish +vault\/mark@1\.0\.0 /);
  expect(stdout).toMatch(/audited 3 entries up to size 3, root /);
  expect((await author.ok(['audit-log', registry.url])).stdout).not.toContain('vault');
  const stranger = await monitor.sheaf(['audit-log', '--realm', 'vault']);
  expect({ exit: stranger.code, stdout: stranger.stdout }).toEqual({ exit: 4, stdout: '' });
});

/** Exit 3 with this code, and the documents on stderr and in the file that it names. */
async function expectRefused(code: string, documents: readonly string[]): Promise<void> {
  const { code: exit, stdout, stderr } = await monitor.sheaf(['audit-log']);
  expect(stderr).toContain(`error[${code}]`);
  expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' });
  const [, path = ''] = /evidence kept in (.*)/.exec(stderr) ?? [];
  const evidence = await readFile(path, 'utf8');
  for (const document of documents) {
    expect(stderr).toContain(document);
    expect(evidence).toContain(document);
  }
}

/** A checkpoint of the size of the newest with another root, signed with the log's own key. */
async function forge(): Promise<string> {
  const client = createRegistryClient({ url: registry.url });
  const verifier = parseLogVerifier((await client.wellKnown()).logs[0]?.key ?? '');
  await client.close();
  const { key } = await decodeKeyFile(await readFile(join(registry.dataDir, 'log-key.json'), 'utf8'));
  const checkpoint = openCheckpoint(await fetchText('/log/public/checkpoint'), verifier);
  return signNote(formatCheckpoint({ ...checkpoint, root: new Uint8Array(32).fill(7) }), verifier.name, key);
}

async function fetchText(path: string): Promise<string> {
  return (await fetch(`${registry.url}${path}`)).text();
}
