import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  makeTempDir,
  privateDatabaseUrl,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';
import { createPerson, signIn, type CliResult, type Person } from './support/sheaf.js';

/** Many processes publish at once through two registries that share one database: one log, and nothing is lost. */
const WORKFLOWS = Array.from({ length: 20 }, (_, i) => ({
  id: `team${i % 4}/parallel-${i}`,
  version: '1.0.0',
}));
const SAME = { id: 'team0/same', version: '1.0.0' };
const TIMES_SAME = 5;

let dir: string;
let first: RegistryProcess;
let second: RegistryProcess;
let author: Person;
beforeAll(async () => {
  dir = await makeTempDir();
  const dataDir = join(dir, 'data');
  first = await startRegistryProcess({ dataDir });
  second = await startRegistryProcess({
    dataDir,
    env: { DATABASE_URL: await privateDatabaseUrl(dataDir) },
  });
  author = await createPerson(join(dir, 'author'));
  await signIn(author, first, 'team');
  await author.ok(['login', second.url, '--with-token', '--yes'], { input: `${first.ownerToken}\n` });
  for (const { id, version } of [...WORKFLOWS, SAME]) {
    await mkdir(folderOf(id), { recursive: true });
    const definition = `id = "${id}"\nversion = "${version}"\n\n[steps.say]\nrun = "echo ${id}"\n`;
    await writeFile(join(folderOf(id), 'workflow.toml'), definition);
  }
}, 120_000);
afterAll(async () => {
  await second.stop();
  await first.stop();
  await removeDir(dir);
});

const folderOf = (id: string) => join(dir, 'sources', id);

interface Published {
  readonly status: string;
  readonly digest: string;
  readonly logIndex: number;
}

async function publish(id: string, to: RegistryProcess): Promise<CliResult> {
  return author.sheaf(['publish', folderOf(id), '--yes', '--json', '--registry', to.url]);
}

test('25 processes at once get one log without gaps, in which each receipt is proven', async () => {
  const [different, same] = await Promise.all([
    Promise.all(WORKFLOWS.map(({ id }, i) => publish(id, i % 2 === 0 ? first : second))),
    Promise.all(Array.from({ length: TIMES_SAME }, (_, i) => publish(SAME.id, i % 2 === 0 ? first : second))),
  ]);
  for (const { code, stderr, stdout } of [...different, ...same]) expect(code, stderr + stdout).toBe(0);
  const results = different.map(({ stdout }) => JSON.parse(stdout) as Published);
  const again = same.map(({ stdout }) => JSON.parse(stdout) as Published);
  expect(new Set(results.map(({ logIndex }) => logIndex)).size).toBe(WORKFLOWS.length);
  expect(new Set(again.map(({ logIndex, digest }) => `${logIndex} ${digest}`)).size).toBe(1);
  expect(again.filter(({ status }) => status === 'published')).toHaveLength(1);

  // Both processes show the same log, which holds what every publisher was told, at the index they were told.
  const [one, other] = await Promise.all([audit(first), audit(second)]);
  expect(other.events).toEqual(one.events);
  expect(one.summary).toMatchObject({ entries: one.events.length, size: one.events.length, unknown: 0 });
  expect(one.events.map(({ index }) => index)).toEqual(one.events.map((_, i) => i));
  const told = [
    ...results.map(({ logIndex }, i) => `${logIndex} ${WORKFLOWS[i]?.id ?? ''}`),
    `${again[0]?.logIndex ?? ''} ${SAME.id}`,
  ];
  const logged = one.events.flatMap(({ type, index, namespace, leaf }) =>
    type === 'publish' ? [`${index} ${namespace}/${leaf.name ?? ''}`] : [],
  );
  expect(logged.sort()).toEqual(told.sort());
}, 60_000);

test('each of them is verified by a stranger, through the process that did not take it', async () => {
  const reader = await createPerson(join(dir, 'reader'));
  for (const { url } of [first, second]) await reader.ok(['login', url, '--yes']);
  // One question for each publisher: of several first uses at once only one is the first.
  for (const { id, version } of WORKFLOWS.slice(0, 4))
    await reader.ok(['verify', `${id}@${version}`, '--yes', '--registry', second.url]);
  const verified = await Promise.all(
    [...WORKFLOWS, SAME].map(({ id, version }, i) =>
      reader.sheaf(['verify', `${id}@${version}`, '--yes', '--registry', (i % 2 === 0 ? second : first).url]),
    ),
  );
  for (const { code, stderr } of verified) expect(code, stderr).toBe(0);
}, 60_000);

interface AuditEvent {
  readonly index: number;
  readonly type: string;
  readonly namespace: string;
  readonly leaf: { readonly name?: string };
}

async function audit({ url }: RegistryProcess) {
  const monitor = await createPerson(join(dir, `monitor ${new URL(url).port}`));
  const { stdout } = await monitor.ok(['audit-log', url, '--yes', '--json']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { events: lines.slice(0, -1) as readonly AuditEvent[], summary: lines.at(-1) };
}
