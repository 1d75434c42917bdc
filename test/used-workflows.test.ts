import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOwnRegistry } from './support/own-registry.js';
import { createPerson, type CliResult, type Person } from './support/sheaf.js';

/** Workflows that use published ones, with the built programs. */
let author: Person;
let reader: Person;
let project: string;
let close: () => Promise<void>;

const NOTIFY = `[parameters.text]
type = "string"
[steps.post]
run = 'cat "$SHEAF_BUNDLE/prefix.txt"; printf %s "$PARAM_TEXT"'
[outputs]
told = "\${{ steps.post.outputs.stdout }}"
[bundle]
include = ["prefix.txt"]
`;
const USES = `[dependencies]
"shop/notify" = "^1"
[steps.tell]
uses = "shop/notify"
with = { text = "hello" }
[outputs]
told = "\${{ steps.tell.outputs.told }}"
`;

beforeAll(async () => {
  let dir: string;
  let url: string;
  ({
    dir,
    registry: { url },
    owner: author,
    close,
  } = await startOwnRegistry('ana', 'a'));
  reader = await createPerson(join(dir, 'reader'), { SHEAF_REGISTRY: url });
  project = join(dir, 'project');
  await write(join(project, 'main'), 'shop/main', '0.1.0', USES);
  await publish('shop/notify', '1.0.0', NOTIFY);
  await publish('shop/release', '1.0.0', USES);
}, 300_000);
afterAll(() => close());

async function write(folder: string, id: string, version: string, body: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'workflow.toml'), `id = "${id}"\nversion = "${version}"\n${body}`);
  await writeFile(join(folder, 'prefix.txt'), `${version}: `);
}

async function publish(id: string, version: string, body: string): Promise<void> {
  const folder = join(author.home, `${id.replace('/', '-')}-${version}`);
  await write(folder, id, version, body);
  await author.ok(['publish', '--yes'], { cwd: folder });
}

const RUN = ['--profile', 'permissive', '--yes'];
const sheaf = (...args: readonly string[]): Promise<CliResult> => reader.sheaf(args, { cwd: project });
const told = async (...args: readonly string[]): Promise<unknown> => {
  const { stdout, code } = await sheaf(...args, '--json');
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { outputs?: { told?: string } };
  return { code, told: last.outputs?.told };
};

describe('a workflow that uses a published one', () => {
  test('runs from its own folder with what its registry has, and says so', async () => {
    const ran = await sheaf('run', './main', ...RUN);
    expect(ran.stderr).toContain('shop/notify@^1 is not locked: sheaf add shop/notify@^1');
    expect(ran.stderr).toMatch(/^uses shop\/notify 1\.0\.0 verified · signed by .* · log #\d+$/m);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('1.0.0: hello') as string });
    expect(await readdir(join(reader.home, '.local/state/sheaf/bundles'))).toEqual([]);
  });

  test('runs what the lockfile holds for it, whatever was published since, and offline', async () => {
    const unlocked = await sheaf('run', './main', '--locked', ...RUN);
    expect(unlocked).toMatchObject({ code: 1, stdout: '' });
    expect(unlocked.stderr).toMatch(/^error\[lock\.missing\]/m);
    await reader.ok(['add', 'shop/notify@^1', '--yes'], { cwd: project });
    await publish('shop/notify', '1.1.0', NOTIFY);
    for (const flag of ['--locked', '--offline'])
      expect(await told('run', './main', flag, ...RUN)).toEqual({ code: 0, told: '1.0.0: hello' });
    const plan = await sheaf('plan', './main', '--locked', '--json');
    expect(Object.keys((JSON.parse(plan.stdout) as { plan: { workflows: object } }).plan.workflows)).toEqual([
      'shop/notify@1.0.0',
    ]);
  });

  test('is checked against it where it is locked', async () => {
    await write(join(project, 'wrong'), 'shop/wrong', '0.1.0', USES.replace('text =', 'txt ='));
    const checked = await sheaf('validate', 'wrong');
    expect(checked.stdout + checked.stderr).toContain('input.unknown');
    expect((await sheaf('run', './wrong', ...RUN)).code).toBe(7);
    expect((await sheaf('pack', 'wrong', '-o', 'wrong.sheaf')).code).toBe(7);
    expect((await sheaf('validate', 'main')).code).toBe(0);
  });

  test('runs from the registry, and again from a step on', async () => {
    const ran = await sheaf('run', 'shop/release', ...RUN);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('1.1.0: hello') as string });
    expect(ran.stderr).toContain('uses shop/notify 1.1.0 verified');
    const { runs } = JSON.parse((await sheaf('status', '--json')).stdout) as {
      runs: readonly { runId: string }[];
    };
    expect(await told('rerun', runs[0]?.runId ?? '', '--from', 'tell', '--profile', 'permissive')).toEqual({
      code: 0,
      told: '1.1.0: hello',
    });
    expect(await readdir(join(reader.home, '.local/state/sheaf/bundles'))).toEqual([]);
  });
});

describe('nothing that is not verified runs', () => {
  test('when what it uses asks for more than it does itself', async () => {
    await publish('shop/notify', '1.2.0', `${NOTIFY}[permissions]\nnetwork = ["example.com"]\n`);
    const ran = await sheaf('run', 'shop/release', ...RUN);
    expect(ran).toMatchObject({ code: 7, stdout: '' });
    expect(ran.stderr).toContain('`shop/notify` asks for network "example.com"');
  });

  test('when its bytes were changed in the cache, and none can be had', async () => {
    const blobs = await files(join(reader.home, '.cache/sheaf/workflows'));
    for (const path of blobs.filter((each) => each.includes('sha256'))) {
      await rm(path);
      await writeFile(path, 'not what was signed');
    }
    const ran = await sheaf('run', './main', '--locked', '--offline', ...RUN);
    expect(ran).toMatchObject({ code: 3, stdout: '' });
    expect(await told('run', './main', '--locked', ...RUN)).toEqual({ code: 0, told: '1.0.0: hello' });
  });

  test('when its lockfile was changed', async () => {
    const lock = join(project, 'sheaf.lock');
    const text = await readFile(lock, 'utf8');
    await writeFile(lock, text.replace(/(tar = "sha256:)./, '$10'));
    expect(await sheaf('run', './main', ...RUN)).toMatchObject({ code: 3, stdout: '' });
  });
});

async function files(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
