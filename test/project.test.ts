import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOwnRegistry } from './support/own-registry.js';
import type { RegistryProcess } from './support/registry-process.js';
import { createPerson, type CliResult, type Person } from './support/sheaf.js';

/** Adding, comparing and upgrading the workflows of a project, with the built programs. */
let dir: string;
let registry: RegistryProcess;
let author: Person;
let reader: Person;
let project: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ dir, registry, owner: author, close } = await startOwnRegistry('ana', 'a'));
  reader = await createPerson(join(dir, 'reader'), { SHEAF_REGISTRY: registry.url });
  project = join(dir, 'a próject');
  await mkdir(project);
  await publish('shop/deploy', '1.0.0', ['[permissions]', 'exec = ["git"]']);
  await publish('shop/deploy', '1.1.0', ['[permissions]', 'exec = ["curl", "git"]'], 'curl --version');
  await publish('shop/lint', '1.0.0', []);
  await publish('shop/lint', '1.0.1', []);
}, 300_000);
afterAll(() => close());

async function publish(id: string, version: string, lines: readonly string[], run = 'true'): Promise<void> {
  const folder = join(author.home, `${id.replace('/', '-')}-${version}`);
  await mkdir(folder);
  const text = [`id = "${id}"`, `version = "${version}"`, ...lines, '[steps.go]', `run = "${run}"`, ''];
  await writeFile(join(folder, 'workflow.toml'), text.join('\n'));
  await author.ok(['publish', '--yes'], { cwd: folder });
}

const sheaf = (...args: readonly string[]): Promise<CliResult> => reader.sheaf(args, { cwd: project });
const json = async (...args: readonly string[]) =>
  JSON.parse((await sheaf(...args, '--json')).stdout) as Record<string, unknown>;
const read = (name: string): Promise<string> => readFile(join(project, name), 'utf8');

describe('adding', () => {
  test('begins sheaf.toml and sheaf.lock, and the same again changes nothing', async () => {
    const added = await sheaf('add', 'shop/deploy@1.0.0', '--as', 'ship', '--yes');
    expect(added).toMatchObject({ code: 0, stdout: '+ shop/deploy 1.0.0\n' });
    expect(added.stderr).toContain('sheaf.toml is begun in this folder');
    expect(added.stderr).toContain('may use  exec git');
    expect(await read('sheaf.toml')).toBe('[workflows]\nship = "shop/deploy@1.0.0"\n');
    expect(await sheaf('lock', '--check')).toMatchObject({ code: 0 });
    const again = await json('add', 'shop/deploy');
    expect(again).toMatchObject({ action: 'unchanged', name: 'ship', version: '1.0.0', lockWritten: false });
  });

  test('that fails leaves both files as they were', async () => {
    const before = [await read('sheaf.toml'), await read('sheaf.lock')];
    for (const [args, code, exit] of [
      [['shop/none'], 'workflow.not_found', 4],
      [['shop/lint', '--as', 'ship'], 'project.name_taken', 7],
      [['shop/lint', '--as', 'run'], 'project.name_reserved', 7],
      [['corp:shop/lint'], 'reference.registry_unknown', 4],
      [['./flow'], 'usage.reference', 2],
    ] as const) {
      const result = await sheaf('add', ...args);
      expect(result).toMatchObject({ code: exit, stdout: '' });
      expect(result.stderr).toContain(`error[${code}]`);
    }
    expect([await read('sheaf.toml'), await read('sheaf.lock')]).toEqual(before);
    expect(await readdir(project)).toEqual(['sheaf.lock', 'sheaf.toml']);
  });

  test('keeps what people wrote, and names the registry where the reference does', async () => {
    await writeFile(
      join(project, 'sheaf.toml'),
      '# ours\n[workflows] # by hand\n  ship = "shop/deploy@1.0.0"# pinned\n',
    );
    await reader.ok(['registry', 'add', 'corp', registry.url]);
    await reader.ok(['add', 'corp:shop/lint@1.0.0', '--yes'], { cwd: project });
    expect(await read('sheaf.toml')).toBe(
      `# ours\n[workflows] # by hand\n  ship = "shop/deploy@1.0.0"# pinned\n  lint = "corp:shop/lint@1.0.0"\n\n[registries]\ncorp = "${registry.url}"\n`,
    );
    expect((await sheaf('run')).stdout).toBe(
      'ship\t1.0.0\tshop/deploy@1.0.0\tactive\nlint\t1.0.0\tcorp:shop/lint@1.0.0\tactive\n',
    );
  });
});

describe('what is newer', () => {
  test('is shown with its permissions and states, and fails a check', async () => {
    await writeFile(
      join(project, 'sheaf.toml'),
      '[workflows]\nship = "shop/deploy@^1.0"\nlint = "shop/lint@~1.0.0"\n',
    );
    await author.ok([
      'deprecate',
      'shop/lint@1.0.0',
      '--reason',
      'old',
      '--replacement',
      'shop/lint@1.0.1',
      '--yes',
    ]);
    const shown = await sheaf('outdated', '--check');
    expect(shown.code).toBe(1);
    const rows = shown.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map((row) => row.filter((_, i) => i !== 4))).toEqual([
      ['ship', '1.0.0', '1.1.0', '1.1.0', 'same', '+ exec curl', ''],
      ['lint', '1.0.0', '1.0.1', '1.0.1', 'same', '=', 'DEPRECATED: use shop/lint@1.0.1'],
    ]);
  });

  test('is held back by the age that the policy asks for, until it is allowed once', async () => {
    const text = await read('sheaf.toml');
    await writeFile(join(project, 'sheaf.toml'), `${text}[policy]\nmin_release_age = "7d"\n`);
    const { workflows } = await json('outdated', 'ship');
    expect(workflows).toMatchObject([{ held: { version: '1.1.0', minReleaseAgeMs: 7 * 86_400_000 } }]);
    const { stdout } = await sheaf('outdated', 'ship', '--allow-young', 'shop/deploy@1.1.0');
    expect(stdout).toContain('+ exec curl');
    await writeFile(join(project, 'sheaf.toml'), text);
  });

  test('is upgraded to after agreeing to what is new, and nothing is written before', async () => {
    const before = [await read('sheaf.toml'), await read('sheaf.lock')];
    const dry = await json('upgrade', '--dry-run');
    expect(dry).toMatchObject({
      dryRun: true,
      lockWritten: false,
      upgrades: [
        {
          name: 'ship',
          outcome: 'would_upgrade',
          changes: {
            permissions: { added: [{ kind: 'exec', value: 'curl', neededBy: { step: 'go', line: 6 } }] },
          },
        },
        { name: 'lint', outcome: 'would_upgrade' },
      ],
    });
    expect((await sheaf('upgrade', 'ship')).code).toBe(5);
    expect([await read('sheaf.toml'), await read('sheaf.lock')]).toEqual(before);

    await reader.ok(['run', 'ship', '--yes'], { cwd: project });
    const some = await sheaf('upgrade');
    expect(some).toMatchObject({ code: 5, stdout: '~ shop/lint 1.0.0 → 1.0.1\n' });
    expect(some.stderr).toContain('+ exec curl (step go, workflow.toml:6)');
    expect(some.stderr).toContain('upgraded lint, ship stays; sheaf.lock written');
    expect(await sheaf('upgrade', '--yes')).toMatchObject({
      code: 0,
      stdout: '~ shop/deploy 1.0.0 → 1.1.0\n',
    });
    // What was agreed to here is not asked once more.
    expect((await sheaf('run', 'ship')).stderr).not.toContain('permissions.not_approved');
    expect(await sheaf('outdated', '--check')).toMatchObject({ code: 0, stdout: '' });
  });

  test('beyond the range moves sheaf.toml along', async () => {
    await publish('shop/deploy', '2.0.0', ['[permissions]', 'exec = ["curl"]'], 'curl --version');
    expect((await sheaf('upgrade')).stderr).toContain(
      'help: beyond its range: sheaf upgrade ship --latest --dry-run',
    );
    const moved = await sheaf('upgrade', 'ship', '--latest');
    expect(moved).toMatchObject({ code: 0, stdout: '~ shop/deploy 1.1.0 → 2.0.0\n' });
    expect(await read('sheaf.toml')).toContain('ship = "shop/deploy@^2.0"\n');
    const back = await sheaf('upgrade', 'ship', '--to', '1.0.0', '--yes');
    expect(back).toMatchObject({ code: 0, stdout: '~ shop/deploy 2.0.0 → 1.0.0\n' });
    expect(await read('sheaf.toml')).toContain('ship = "shop/deploy@^1.0"\n');
  });
});

describe('one refused workflow', () => {
  test('stays as it is locked while the others are locked anew', async () => {
    const args = ['shop/lint@1.0.1', '--reason', 'stolen', '--yes'];
    await author.ok(['quarantine', ...args]);
    const locked = await sheaf('lock', 'ship', '--yes');
    expect(locked.code).toBe(3);
    expect(locked.stdout).toMatch(
      /^~ shop\/deploy 1\.0\.0 → 1\.1\.0\nFAIL shop\/lint 1\.0\.1 {2}state\.quarantined: /,
    );
    expect(await sheaf('lock', '--check')).toMatchObject({ code: 0 });
    expect((await json('outdated', 'lint'))['workflows']).toMatchObject([
      { status: 'withdrawn', now: '1.0.1' },
    ]);
    const removed = await sheaf('remove', 'lint');
    expect(removed).toMatchObject({ code: 0, stdout: '- shop/lint 1.0.1\n' });
    expect(await read('sheaf.toml')).toBe('[workflows]\nship = "shop/deploy@^1.0"\n');
    expect((await sheaf('remove', 'shop')).stderr).toContain('help: did you mean ship');
  });
});

describe('a diff', () => {
  test('shows what changed between two verified versions', async () => {
    const { stdout, stderr } = await sheaf('diff', 'shop/deploy@1.0.0', 'ship', '--patch');
    expect(stdout).toContain('shop/deploy 1.0.0 → 1.1.0\n');
    expect(stdout).toContain(
      'permissions + exec curl (step go, workflow.toml:6)\n            = 1 as before\n',
    );
    expect(stdout).toContain('\n-exec = ["git"]\n+exec = ["curl", "git"]\n');
    expect(stderr).toContain('1 permission newly asked · all that is shown was verified');
    expect(await json('diff', 'shop/deploy@1.0.0', 'shop/deploy@1.0.0')).toMatchObject({ same: true });
    expect((await json('diff', 'shop/deploy@2.0.0'))['before']).toMatchObject({
      version: '1.1.0',
      verified: true,
    });
  });

  test('of a folder is held against the newest version, and nobody vouches for the folder', async () => {
    const flow = join(project, 'flow');
    await mkdir(flow);
    const lines = [
      'id = "shop/deploy"',
      'version = "2.1.0"',
      '[steps.go]',
      'run = "printf \\"\\\\u001b[31m\\""',
      '',
    ];
    await writeFile(join(flow, 'workflow.toml'), lines.join('\n'));
    await writeFile(join(flow, 'README.md'), 'red \u001b[31m\u202e\n');
    const { stdout, stderr } = await sheaf('diff', './flow', '--patch');
    expect(stdout).toContain('shop/deploy 2.0.0 → 2.1.0 (./flow, your working tree, unsigned)\n');
    expect(stdout).toContain('+red \\u{1b}[31m\\u{202e}\n');
    expect(stdout).toContain('- exec curl (step go, workflow.toml:6)');
    expect(stderr).toContain('what is not published is not verified');
  });
});
