import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, refusal, writeFlow } from './support/namespace.js';
import { startOwnRegistry } from './support/own-registry.js';
import type { RegistryProcess } from './support/registry-process.js';
import { createPerson, type Person } from './support/sheaf.js';

/** The keys of a namespace from the first to a recovery, with the built programs. */
let dir: string;
let registry: RegistryProcess;
let ana: Person;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ dir, registry, owner: ana, close } = await startOwnRegistry('ana', 'a'));
  for (const name of ['b', 'c', 'd', 'e'])
    await ana.ok(['key', 'generate', '--name', name, '--no-passphrase']);
}, 120_000);
afterAll(() => close());

interface LoggedKey {
  readonly name: string;
  readonly addedIndex: number;
  readonly by: readonly string[];
  readonly recovery: boolean;
  readonly revoked?: { readonly index: number; readonly reason: string; readonly fromIndex?: number };
}

async function keysOf(namespace: string): Promise<readonly LoggedKey[]> {
  return (await json(ana, ['key', 'list', '--namespace', namespace]))['keys'] as readonly LoggedKey[];
}

const statesOf = async (namespace: string) =>
  (await keysOf(namespace)).map(({ name, revoked }) => `${name} ${revoked?.reason ?? 'active'}`);

describe('a public key', () => {
  test('is printed as openssl reads it', async () => {
    const { stdout } = await ana.ok(['key', 'export', 'a']);
    const { id } = (await json(ana, ['key', 'export', 'a'])) as { id: string };
    const der = promisify(execFile)('openssl', ['pkey', '-pubin', '-outform', 'DER'], { encoding: 'buffer' });
    der.child.stdin?.end(stdout);
    const { createHash } = await import('node:crypto');
    expect(
      createHash('sha256')
        .update((await der).stdout)
        .digest('hex'),
    ).toBe(id);
    expect(await refusal(ana, ['key', 'export', 'none'])).toEqual(['key.not_found', 4]);
  });
});

describe('a namespace', () => {
  test('is created once and shown', async () => {
    expect((await ana.ok(['namespace', 'create', 'acme'])).stdout).toBe('acme\n');
    expect(await json(ana, ['namespace', 'create', 'acme'])).toMatchObject({
      name: 'acme',
      visibility: 'public',
    });
    expect(await refusal(ana, ['namespace', 'create', 'acme', '--private'])).toEqual(['namespace.exists', 1]);
    const { stdout, stderr } = await ana.ok(['namespace', 'show', 'acme']);
    expect(stdout).toContain('your role owner');
    expect(stderr).toContain('not verified');
  });

  test('that is private cannot be seen by a stranger, and its log is its own', async () => {
    expect(await json(ana, ['namespace', 'create', 'hidden', '--private'])).toMatchObject({
      visibility: 'private',
      realm: 'hidden',
    });
    const flow = await writeFlow(ana, 'hidden/deploy', '1.0.0');
    const published = await json(ana, ['publish', flow, '--key', 'a', '--yes']);
    expect(published).toMatchObject({ status: 'published', logIndex: 2 });
    expect(await json(ana, ['fetch', 'hidden/deploy', '--yes'])).toMatchObject({ version: '1.0.0' });
    expect(await json(ana, ['key', 'list', '--namespace', 'hidden'])).toMatchObject({ logSize: 3 });

    const stranger = await createPerson(join(dir, 'stranger'), { SHEAF_REGISTRY: registry.url });
    expect(await refusal(stranger, ['namespace', 'show', 'hidden'])).toEqual(['namespace.not_found', 4]);
    expect(await refusal(stranger, ['fetch', 'hidden/deploy', '--yes'])).toEqual(['workflow.not_found', 4]);
    expect((await refusal(stranger, ['key', 'list', '--namespace', 'hidden', '--yes']))[1]).toBe(4);
  });
});

describe('keys', () => {
  test('are registered: the first by itself, others by one that is there', async () => {
    const first = await json(ana, ['key', 'register', 'acme', '--key', 'a']);
    expect(first).toMatchObject({ schema: 'sheaf.key-register/1', status: 'logged', namespace: 'acme' });
    expect(await json(ana, ['key', 'register', 'acme', '--key', 'a'])).toMatchObject({ status: 'unchanged' });
    expect(await refusal(ana, ['key', 'register', 'acme', '--key', 'b'])).toEqual([
      'key.endorsement_required',
      5,
    ]);
    await ana.ok(['key', 'register', 'acme', '--key', 'b', '--endorse', 'a']);
    expect(await statesOf('acme')).toEqual(['a active', 'b active']);
    expect((await keysOf('acme'))[1]?.by).toEqual([(first['key'] as { id: string }).id]);
  });

  test('sign a policy together, in a file that goes round', async () => {
    const policy = ['namespace', 'policy', 'acme', '--threshold', '2', '--key', 'a'];
    expect(await refusal(ana, policy)).toEqual(['key.threshold', 5]);
    expect(await refusal(ana, ['namespace', 'policy', 'acme', '--threshold', '3'])).toEqual([
      'usage.threshold',
      2,
    ]);
    expect(await json(ana, [...policy, '--event', 'policy.json'])).toMatchObject({
      status: 'written',
      needed: 2,
    });
    expect(await refusal(ana, [...policy, '--event', 'policy.json'])).toEqual(['file.exists', 1]);
    expect(await refusal(ana, ['key', 'submit', 'policy.json'])).toEqual(['key.threshold', 5]);
    expect(await refusal(ana, ['key', 'sign', 'policy.json', '--key', 'b'])).toEqual([
      'approval.required',
      5,
    ]);
    const { stderr } = await ana.ok(['key', 'sign', 'policy.json', '--key', 'b', '--yes']);
    expect(stderr).toContain('ask for 2 signatures on whatever is published in acme');
    expect(await json(ana, ['key', 'submit', 'policy.json'])).toMatchObject({ status: 'logged' });
    expect(await json(ana, ['key', 'submit', 'policy.json'])).toMatchObject({ status: 'unchanged' });
    expect(await json(ana, ['key', 'list', '--namespace', 'acme'])).toMatchObject({ threshold: 2 });
    expect(await json(ana, policy)).toMatchObject({ status: 'unchanged', threshold: 2 });
  });

  test('are rotated, with as many endorsements as the policy asks for, and again without harm', async () => {
    const rotate = ['key', 'rotate', 'acme', '--from', 'a', '--to', 'c'];
    expect(await refusal(ana, rotate)).toEqual(['key.threshold', 5]);
    expect(await refusal(ana, [...rotate, '--endorse', 'b'])).toEqual(['approval.required', 5]);
    expect(await statesOf('acme')).toEqual(['a active', 'b active']);
    expect(await json(ana, [...rotate, '--endorse', 'b', '--yes'])).toMatchObject({
      added: 'now',
      revoked: 'now',
    });
    expect(await json(ana, [...rotate, '--endorse', 'b'])).toMatchObject({ added: 'kept', revoked: 'kept' });
    expect(await statesOf('acme')).toEqual(['a superseded', 'b active', 'c active']);
    expect(await refusal(ana, ['key', 'register', 'acme', '--key', 'a'])).toEqual(['key.revoked', 3]);
  });

  test('are revoked as compromised only after what that breaks was shown and agreed to', async () => {
    const flow = await writeFlow(ana, 'acme/deploy', '1.0.0');
    const { logIndex } = (await json(ana, ['publish', flow, '--key', 'b', '--key', 'c'])) as {
      logIndex: number;
    };
    const revoke = [
      'key',
      'revoke',
      'acme',
      'b',
      '--reason',
      'compromised',
      '--from-index',
      String(logIndex),
    ];
    const shown = await ana.sheaf(revoke);
    expect(shown.code).toBe(5);
    expect(shown.stderr).toContain(`acme/deploy 1.0.0  log #${logIndex}`);
    expect(shown.stderr).toContain('--confirm=acme');
    expect(await refusal(ana, [...revoke, '--confirm=other'])).toEqual(['approval.required', 5]);
    expect(await refusal(ana, [...revoke, '--confirm=acme', '--key', 'c'])).toEqual(['key.threshold', 5]);
    expect(await refusal(ana, ['key', 'revoke', 'acme', 'b'])).toEqual(['usage.reason', 2]);
    const stale = await ana.sheaf([...revoke, '--confirm=acme']);
    expect([stale.code, stale.stderr]).toEqual([5, expect.stringContaining('--scope recovery:acme')]);
    const { token } = (await json(ana, ['token', 'create', '--name', 's', '--scope', 'recovery:acme'])) as {
      token: string;
    };
    const env = { SHEAF_TOKEN: token, SHEAF_REGISTRY: registry.url };
    expect(await json(ana, [...revoke, '--confirm=acme'], env)).toMatchObject({
      endorsed: [],
      status: 'logged',
      reason: 'compromised',
      fromIndex: logIndex,
      refused: [{ id: 'acme/deploy', version: '1.0.0', logIndex }],
    });
    expect(await refusal(ana, ['fetch', 'acme/deploy@1.0.0', '--yes'])).toEqual(['key.revoked', 3]);
  });

  test('are recovered by fresh authentication alone, which the log says for good', async () => {
    const recover = ['key', 'register', 'acme', '--key', 'd', '--recover'];
    const refused = await ana.sheaf(recover);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('--scope recovery:acme');
    const { token } = (await json(ana, ['token', 'create', '--name', 'r', '--scope', 'recovery:acme'])) as {
      token: string;
    };
    const env = { SHEAF_TOKEN: token, SHEAF_REGISTRY: registry.url };
    expect(await json(ana, recover, env)).toMatchObject({ status: 'logged', recovery: true });
    expect((await keysOf('acme')).find(({ name }) => name === 'd')).toMatchObject({ recovery: true, by: [] });
    const stuck = ['key', 'revoke', 'acme', 'c', '--reason', 'superseded'];
    expect((await ana.sheaf(stuck)).stderr).toContain('2 must sign: only a recovery can add another');
  });

  test('that were replaced are revoked again when they prove to be stolen, and only to refuse more', async () => {
    const again = ['key', 'revoke', 'acme', 'a', '--confirm=acme', '--reason'];
    const { revoked, addedIndex } = (await keysOf('acme')).find(({ name }) => name === 'a') ?? {};
    const late = ['compromised', '--from-index', String(revoked?.index)];
    expect(await refusal(ana, [...again, ...late])).toEqual(['state.conflict', 1]);
    expect(await json(ana, [...again, 'compromised', '--key', 'c', '--key', 'd'])).toMatchObject({
      status: 'logged',
      fromIndex: addedIndex,
    });
    expect(await refusal(ana, [...again, 'superseded'])).toEqual(['state.conflict', 1]);
    expect(await statesOf('acme')).toEqual(['a compromised', 'b compromised', 'c active', 'd active']);
  });
});
