import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, openWithTwoKeys, refusal, writeFlow } from './support/namespace.js';
import { startOwnRegistry } from './support/own-registry.js';
import type { RegistryProcess } from './support/registry-process.js';
import { createPerson, type Person } from './support/sheaf.js';

/** What an author does with releases: signs them in turn, carries them, takes them back. With the built programs. */
let dir: string;
let registry: RegistryProcess;
let ana: Person;
let close: () => Promise<void>;
let reader: Person;
beforeAll(async () => {
  ({ dir, registry, owner: ana, close } = await startOwnRegistry('ana', 'a'));
  reader = await createPerson(join(dir, 'reader'), { SHEAF_REGISTRY: registry.url });
  await openWithTwoKeys(ana);
}, 120_000);
afterAll(() => close());

const codesOf = (document: Record<string, unknown>) =>
  (document['diagnostics'] as readonly { code: string }[]).map(({ code }) => code).sort();

describe('what authors forget', () => {
  test('is warned of by pack, and secrets are not published without a yes of their own', async () => {
    const flow = await writeFlow(ana, 'acme/leaky', '1.0.0', { '.env': 'PASSWORD=x\n' });
    await writeFile(
      join(flow, 'workflow.toml'),
      (await readFile(join(flow, 'workflow.toml'), 'utf8')).replace('\n', '\r\n'),
    );
    const packed = await json(ana, ['pack', flow]);
    expect(codesOf(packed)).toEqual(['pack.carriage_return', 'pack.secret_file']);
    expect((await ana.ok(['pack', flow])).stderr).toContain('warning[pack.secret_file]');
    const publish = ['publish', flow, '--key', 'a', '--yes'];
    expect(await refusal(ana, publish)).toEqual(['pack.secrets', 7]);
    expect(await refusal(ana, ['info', 'acme/leaky'])).toEqual(['workflow.not_found', 4]);
    expect(await json(ana, [...publish, '--allow-secrets'])).toMatchObject({ status: 'published' });
  });
});

describe('a signed file', () => {
  test('goes from one signer to the next, and is published once enough have signed', async () => {
    const policy = ['namespace', 'policy', 'acme', '--threshold', '2', '--key', 'a', '--key', 'b'];
    await ana.ok(policy);
    const flow = await writeFlow(ana, 'acme/deploy', '1.0.0');
    expect(await refusal(ana, ['publish', flow, '--key', 'a'])).toEqual(['key.threshold', 5]);
    const signed = await json(ana, ['pack', flow, '--sign', '--key', 'a', '-o', 'flow.sheaf']);
    expect(signed).toMatchObject({ signed: { signatures: 1, keys: [{ name: 'a' }] } });
    expect(await refusal(ana, ['publish', 'flow.sheaf'])).toEqual(['key.threshold', 5]);
    expect(await refusal(ana, ['verify', 'flow.sheaf'])).toEqual(['carry.unpublished', 3]);
    const cosign = ['pack', 'flow.sheaf', '--sign', '--key', 'b'];
    expect(await refusal(ana, cosign)).toEqual(['approval.required', 5]);
    expect(await json(ana, [...cosign, '--yes'])).toMatchObject({ signed: { signatures: 2 } });
    expect(await json(ana, ['publish', 'flow.sheaf', '--dry-run'])).toMatchObject({
      status: 'would_publish',
    });
    const published = await json(ana, ['publish', 'flow.sheaf']);
    expect(published).toMatchObject({ status: 'published', digest: signed['digest'] });
    expect(published['signers']).toHaveLength(2);
    expect(await json(ana, ['publish', 'flow.sheaf'])).toMatchObject({ status: 'unchanged', warnings: [] });
    expect(await json(ana, ['publish', flow, '--key', 'a', '--key', 'b'])).toMatchObject({
      status: 'unchanged',
    });
  });

  test('that was put together from two others is not signed or sent', async () => {
    const bytes = await readFile(join(ana.home, 'flow.sheaf'));
    bytes[600] = (bytes[600] ?? 0) ^ 1;
    await writeFile(join(ana.home, 'forged.sheaf'), bytes);
    for (const args of [
      ['publish', 'forged.sheaf'],
      ['pack', 'forged.sheaf', '--sign', '--key', 'b', '--yes'],
    ])
      expect((await refusal(ana, args))[0]).toMatch(/^(gzip|tar|statement|carry|archive)\./);
  });

  test('is carried to where no registry is, verified and run there', async () => {
    const fetched = await json(reader, ['fetch', 'acme/deploy', '-o', 'flow.sheaf', '--yes']);
    expect(fetched).toMatchObject({ output: join(reader.home, 'flow.sheaf') });
    const env = { SHEAF_REGISTRY: 'http://127.0.0.1:9' };
    expect(await json(reader, ['verify', 'flow.sheaf'], env)).toMatchObject({
      digest: fetched['digest'],
      offline: true,
      registry: registry.url,
    });
    const { stdout } = await reader.ok(['verify', 'flow.sheaf'], { env });
    expect(stdout).toMatch(/offline: from the file, checkpoint \d+ \w+ old, freshness not checked/);
    const ran = await reader.ok(['run', 'flow.sheaf', '--yes'], { env });
    expect(ran.stderr + ran.stdout).toContain('gone');
    expect(await refusal(reader, ['run', 'flow.sheaf', '--locked'])).toEqual(['usage.conflicting_flags', 2]);

    const bytes = await readFile(join(reader.home, 'flow.sheaf'));
    bytes[600] = (bytes[600] ?? 0) ^ 1;
    await writeFile(join(reader.home, 'changed.sheaf'), bytes);
    expect(await refusal(reader, ['verify', 'changed.sheaf'], env)).toEqual(['blob.digest', 3]);
    expect((await reader.sheaf(['run', 'changed.sheaf', '--yes'], { env })).code).toBe(3);
  });

  test('is believed only where the log key of its registry is known, by a pin or by the policy', async () => {
    const { policy } = (await json(reader, ['verify', 'flow.sheaf'])) as { policy: { logKey: string } };
    const file = join(reader.home, 'flow.sheaf');
    const other = await createPerson(join(dir, 'other'));
    expect(await refusal(other, ['verify', file, '--yes'])).toEqual(['log.key_unpinned', 5]);
    const trust = join(dir, 'trust.toml');
    const [origin = ''] = policy.logKey.split('/', 1);
    await writeFile(
      trust,
      `version = 1\n\n[[registry]]\norigin = "${origin}"\nlog_key = "${policy.logKey}"\n`,
    );
    const env = { SHEAF_TRUST_POLICY: trust };
    expect(await json(other, ['verify', file, '--yes'], env)).toMatchObject({ id: 'acme/deploy' });
  });
});

describe('release states', () => {
  beforeAll(async () => {
    for (const version of ['2.0.0', '2.1.0']) {
      const flow = await writeFlow(ana, 'acme/state', version);
      await ana.ok(['publish', flow, '--key', 'a', '--key', 'b']);
    }
  }, 60_000);

  test('a yank needs a reason, says first what it does, and hides the version from ranges', async () => {
    expect(await refusal(ana, ['yank', 'acme/state@2.1.0'])).toEqual(['usage.missing_flag', 2]);
    const asked = ['yank', 'acme/state@2.1.0', '--reason', 'broken', '--replacement', 'acme/state@2.0.0'];
    const yank = [...asked, '--yes'];
    const { stdout, stderr } = await ana.ok(yank);
    expect(stdout).toBe('acme/state@2.1.0 yanked\n');
    expect(stderr).toContain('the newest version left is 2.0.0');
    expect(stderr).toMatch(/fetched \d+ times? this week, \d+ times? in all/);
    expect(await refusal(ana, ['yank', 'acme/state@9.9.9', '--reason', 'x'])).toEqual([
      'version.not_found',
      4,
    ]);
    expect(await json(ana, asked)).toMatchObject({
      schema: 'sheaf.yank/1',
      state: 'yanked',
      reason: 'broken',
    });
    expect(await json(reader, ['fetch', 'acme/state', '--yes'])).toMatchObject({ version: '2.0.0' });
    const exact = await json(reader, ['fetch', 'acme/state@2.1.0']);
    expect(exact).toMatchObject({ state: 'yanked' });
    expect(JSON.stringify(exact['warnings'])).toContain('broken');
  });

  test('nothing is changed for others without a yes, where nobody can be asked', async () => {
    const [old, yanked] = ['acme/state@2.0.0', 'acme/state@2.1.0'];
    for (const words of [
      ['yank', old, '--reason', 'x'],
      ['deprecate', old, '--reason', 'x'],
      ['quarantine', old, '--reason', 'x'],
      ['unyank', yanked],
      ['channel', 'set', old, 'beta'],
    ])
      expect(await refusal(ana, words)).toEqual(['approval.required', 5]);
    const info = await json(ana, ['info', old]);
    expect(info).toMatchObject({
      version: { state: 'active' },
      workflow: { versions: [{ version: '2.1.0', state: 'yanked' }, { version: '2.0.0' }] },
    });
    expect(info).not.toHaveProperty('workflow.channels.beta');
  });

  test('a version that was taken back is told of before it runs, and one to leave after it', async () => {
    const run = (...more: readonly string[]) => reader.ok(['run', 'acme/state@2.1.0', '--yes', ...more]);
    const warning = 'warning: acme/state 2.1.0 is yanked: broken (replacement: acme/state@2.0.0)';
    const { stderr } = await run();
    expect(stderr.split(warning)).toHaveLength(2);
    expect(stderr.indexOf(warning)).toBeLessThan(stderr.indexOf('asks for the first time here'));
    await ana.ok(['unyank', 'acme/state@2.1.0', '--yes']);
    await ana.ok(['deprecate', 'acme/state@2.1.0', '--reason', 'old', '--yes']);
    const after = await run();
    const [told, verdict] = after.stderr.trimEnd().split('\n').slice(-2);
    expect(told).toBe('warning: acme/state 2.1.0 is deprecated: old');
    expect(verdict).toMatch(/^run \w+ succeeded/);
    await ana.ok(['undeprecate', 'acme/state@2.1.0', '--yes']);
    await ana.ok(['yank', 'acme/state@2.1.0', '--reason', 'broken', '--yes']);
    const last = (await run('--json')).stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ warnings: ['acme/state 2.1.0 is yanked: broken'] });
    expect(last).not.toContain('"told"');
  });

  test('each state is left by its own verb only', async () => {
    expect(await refusal(ana, ['undeprecate', 'acme/state@2.1.0', '--yes'])).toEqual(['state.conflict', 1]);
    const back = await ana.ok(['unyank', 'acme/state@2.1.0', '--reason', 'mended at last', '--yes']);
    expect([back.stderr.split('\n').at(-2), back.stdout]).toEqual([
      'reason: mended at last',
      'acme/state@2.1.0 active\n',
    ]);
    expect(await json(ana, ['audit', '--action', 'release.unyank', '--namespace', 'acme'])).toMatchObject({
      records: [{ detail: { reason: 'mended at last' } }, { detail: {} }],
    });
    expect(await json(ana, ['unyank', 'acme/state@2.1.0'])).toMatchObject({ state: 'active' });
    expect(await json(ana, ['deprecate', 'acme/state@2.1.0', '--reason', 'old', '--yes'])).toMatchObject({
      schema: 'sheaf.deprecate/1',
      state: 'deprecated',
    });
    expect((await ana.ok(['undeprecate', 'acme/state@2.1.0', '--yes'])).stdout).toBe(
      'acme/state@2.1.0 active\n',
    );
  });

  test('a quarantine stops a version everywhere until it is taken back', async () => {
    const quarantine = ['quarantine', 'acme/state@2.1.0', '--reason', 'steals', '--yes'];
    expect(await refusal(reader, quarantine)).toEqual(['auth.required', 5]);
    expect((await ana.ok(quarantine)).stderr).toContain('nobody can fetch or run it');
    expect(await json(ana, quarantine)).toMatchObject({ state: 'quarantined' });
    expect(await refusal(reader, ['fetch', 'acme/state@2.1.0', '--yes'])).toEqual(['state.quarantined', 3]);
    expect(await json(ana, ['unquarantine', 'acme/state@2.1.0', '--yes'])).toMatchObject({ state: 'active' });
    expect(await json(reader, ['fetch', 'acme/state@2.1.0'])).toMatchObject({ state: 'active' });
  });
});
