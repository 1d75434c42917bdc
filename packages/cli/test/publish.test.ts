import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestLog, testKey } from '../../client/src/testing/test-log.js';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { buildCli, createMachine } from './harness.js';
import { PUBLISH, pemOf, run, serve, writeFlow, type MoreLies } from './served-registry.js';

beforeAll(() => {
  buildCli();
});

describe('publish', () => {
  async function setUp(lies: MoreLies = {}, registry = createTestRegistry(), isThere = true) {
    const machine = createMachine();
    const dir = writeFlow(machine);
    const published = await registry.publish();
    const served = await serve(registry, isThere ? [published] : [], lies);
    const env = {
      SHEAF_REGISTRY: served.url,
      SHEAF_TOKEN: 'shf_1_secret',
      SHEAF_SIGNING_KEY: pemOf(testKey(7).seed),
    };
    const publish = (changes: NodeJS.ProcessEnv = {}, args = PUBLISH) =>
      run(machine, args, { env: { ...env, ...changes } });
    return { machine, dir, registry, published, publish, ...served };
  }

  it('says that it was published before only when the log holds the very bytes', async () => {
    const { publish, published, seen } = await setUp();
    const { status, stdout, stderr } = await publish();
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toBe(`acme/deploy@1.0.0 ${published.packed.bundle.digest}\n`);
    expect(stderr).toContain('already published');
    expect(stderr).not.toContain('warning');
    expect(seen.some((request) => request.path.endsWith('/receipt'))).toBe(true);
  });

  it('says what exists, and how to see what differs, before anything is signed', async () => {
    const { publish, published, dir, seen } = await setUp();
    writeFileSync(join(dir, 'README.md'), 'other bytes');
    const { status, stdout, stderr } = await publish();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`theirs  ${published.packed.bundle.digest}, published `);
    expect(stderr).toContain('help: to see what differs: sheaf diff flow acme/deploy@1.0.0');
    expect(seen.every(({ path }) => !path.includes('/namespaces/'))).toBe(true);
  });

  it('refuses what the commit does not have, unless it is said that it may differ', async () => {
    const { publish, dir } = await setUp({}, undefined, false);
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
        cwd: dir,
        stdio: 'pipe',
      });
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'one');
    writeFileSync(join(dir, 'README.md'), 'changed');
    const refused = await publish();
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain(
      'error[publish.dirty]: 1 file of the bundle is not as the commit has it',
    );
    const dry = await publish({}, [...PUBLISH, '--allow-dirty', '--dry-run', '--json']);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      status: 'would_publish',
      git: { kind: 'dirty', files: ['README.md'] },
    });
  });

  it('does not take the word of a registry that the bytes are there', async () => {
    const impostor = createTestRegistry(createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(66) }));
    const { receipt } = await impostor.publish();
    const { publish } = await setUp({ receipt: () => receipt });
    const { status, stdout, stderr } = await publish();
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).not.toContain('already published');
  });

  it('warns when what is there was signed by another key', async () => {
    const { publish, registry } = await setUp();
    const { status, stderr } = await publish({ SHEAF_SIGNING_KEY: pemOf(testKey(8).seed) });
    const { id } = registry.key.publicKey;
    expect(status).toBe(0);
    expect(stderr).toMatch(
      new RegExp(`warning: .* signed by ${id.slice(0, 4)}…${id.slice(-4)}, and not by a key`),
    );
  });

  it('says that it may have been published when the receipt does not hold', async () => {
    const impostor = createTestRegistry(createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(66) }));
    const { receipt } = await impostor.publish();
    const { publish } = await setUp({ publish: () => ({ status: 201, receipt }) }, undefined, false);
    const { status, stderr } = await publish();
    expect(status).toBe(3);
    expect(stderr).toContain('may have been published: run the same command again');
    expect(stderr).not.toContain('nothing was unpacked');
  });

  it('says that it may have been published when the log does not answer afterwards', async () => {
    const registry = createTestRegistry();
    const { receipt } = await registry.publish();
    const { publish } = await setUp(
      { publish: () => ({ status: 201, receipt }), checkpoint: () => 'x'.repeat(100_000) },
      registry,
      false,
    );
    const { status, stderr } = await publish();
    expect(status).toBe(6);
    expect(stderr).toContain('may have been published: run the same command again');
  });
});

describe('SHEAF_SIGNING_KEY', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const body = pem.split('\n')[1] ?? '';

  it.each([
    ['PEM', pem],
    ['the base64 of PEM', Buffer.from(pem).toString('base64')],
    ['the base64 of PKCS#8', body],
  ])('may hold %s', async (_, value) => {
    const registry = createTestRegistry();
    const { url } = await serve(registry, []);
    const machine = createMachine();
    writeFlow(machine);
    const env = { SHEAF_REGISTRY: url, SHEAF_TOKEN: 'x', SHEAF_SIGNING_KEY: value };
    const { stderr } = await run(machine, PUBLISH, { env });
    expect(stderr).toContain('error[key.unauthorised]');
  });

  it.each([
    ['half a PEM body', body.slice(0, 40)],
    ['a PEM body and more', `${body}A`],
    ['a file that is not there', '/nowhere/key-file'],
    ['a folder', '/'],
    ['a text that is too long for a path', 'x'.repeat(5000)],
  ])('is not repeated when it holds %s', async (_, value) => {
    const registry = createTestRegistry();
    const { url } = await serve(registry, []);
    const machine = createMachine();
    writeFlow(machine);
    for (const debug of ['', '1']) {
      const env = {
        SHEAF_REGISTRY: url,
        SHEAF_TOKEN: 'x',
        SHEAF_SIGNING_KEY: value,
        SHEAF_DEBUG: debug,
      };
      const { stdout, stderr } = await run(machine, PUBLISH, { env });
      expect(stderr).toContain('error[key.invalid]: SHEAF_SIGNING_KEY is neither');
      if (value !== '/') expect(stdout + stderr).not.toContain(value);
    }
  });
});
