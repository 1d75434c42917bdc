import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestRegistry } from '../../client/src/testing/test-registry.js';
import { buildCli, createMachine, type Machine } from './harness.js';
import { run, serve } from './served-registry.js';

beforeAll(() => {
  buildCli();
});

/** A machine that has fetched two versions, and the registry that they came from. */
async function fetched() {
  const machine = createMachine();
  const registry = createTestRegistry();
  const first = await registry.publish('acme/deploy', '1.0.0');
  const second = await registry.publish('acme/deploy', '1.1.0');
  const served = await serve(registry, [second, first]);
  const env = { SHEAF_REGISTRY: served.url };
  const both = ['fetch', 'acme/deploy@1.0.0', 'acme/deploy@1.1.0', '--yes'];
  const result = await run(machine, both, { env });
  expect(result.stderr).toContain('2 workflows verified · 2 fetched');
  expect(result.status).toBe(0);
  return { machine, env, first, second, result, ...served };
}

const blobsOf = (machine: Machine) =>
  readdirSync(join(machine.dir, 'cache', 'sheaf', 'workflows', 'blobs'), { recursive: true })
    .map((name) => join(machine.dir, 'cache', 'sheaf', 'workflows', 'blobs', String(name)))
    .filter((name) => name.endsWith('.gz'));

describe('fetching several', () => {
  it('asks of their publisher once, and answers with the digest of each', async () => {
    const { result, first, second } = await fetched();
    expect(result.stdout).toBe(
      `acme/deploy@1.0.0 ${first.packed.bundle.digest}\nacme/deploy@1.1.0 ${second.packed.bundle.digest}\n`,
    );
    expect(result.stderr.match(/first use of acme/g)).toHaveLength(1);
    expect(result.stderr.match(/first contact/g)).toHaveLength(1);
  });

  it('fetches the others when one fails, says why, and ends as that one would', async () => {
    const { machine, env } = await fetched();
    const args = ['fetch', 'acme/deploy@1.0.0', 'acme/none', 'acme/deploy@9', '-o', 'out'];
    const { status, stdout, stderr } = await run(machine, args, { env });
    expect([status, stdout]).toEqual([4, expect.stringMatching(/^acme\/deploy@1\.0\.0 sha256:\w+\n$/)]);
    expect(stderr).toMatch(/1 workflow verified · 1 from the cache · 2 failed/);
    expect(stderr).toContain('error[version.unresolved]');
    expect(readdirSync(join(machine.dir, 'out', 'acme', 'deploy'))).toContain('workflow.toml');
    const json = await run(machine, [...args.slice(0, 4), '--json'], { env });
    expect(json.status).toBe(4);
    expect(JSON.parse(json.stdout)).toMatchObject({
      workflows: [{ id: 'acme/deploy', fromCache: true }],
      failed: [{ reference: 'acme/none', exitCode: 4 }, { code: 'version.unresolved' }],
    });
  });

  it('puts one into a carry file only', async () => {
    const args = ['fetch', 'acme/a', 'acme/b', '-o', 'x.sheaf'];
    const { status, stderr } = await run(createMachine(), args);
    expect([status, stderr]).toEqual([2, expect.stringContaining('x.sheaf holds one workflow')]);
  });
});

describe('without a connection', () => {
  it('says that the cache has it, and how to use that', async () => {
    const { machine, env, close } = await fetched();
    close();
    // Together, because both try again for some seconds.
    const [failed, missing, ran, diffed, unpacked] = await Promise.all([
      run(machine, ['verify', 'acme/deploy'], { env }),
      run(machine, ['fetch', 'acme/other@^1'], { env }),
      run(machine, ['run', 'acme/deploy', '--yes'], { env }),
      run(machine, ['diff', 'acme/deploy@1.0.0', 'acme/deploy@1.1.0'], { env }),
      run(machine, ['fetch', 'acme/deploy', '-o', 'a folder'], { env }),
    ]);
    expect(failed.status).toBe(6);
    expect(failed.stderr).toMatch(/ {2}the cache has acme\/deploy 1\.1\.0, checkpoint \d+ s old\n/);
    expect(failed.stderr.trimEnd().split('\n').at(-1)).toBe(
      '  help: to use that, with freshness not checked: sheaf verify acme/deploy --offline',
    );
    expect([missing.status, missing.stderr]).toEqual([
      6,
      expect.stringContaining('for next time, once with a connection: sheaf fetch acme/other@^1\n'),
    ]);
    expect([ran.status, ran.stderr]).toEqual([
      6,
      expect.stringContaining('freshness not checked: sheaf run acme/deploy --offline\n'),
    ]);
    expect(diffed.stderr).toMatch(
      /that runs without a connection, .*: sheaf run acme\/deploy@\S+ --offline\n/,
    );
    expect(unpacked.stderr).toContain("sheaf fetch acme/deploy -o 'a folder' --offline\n");
    const { status, stdout } = await run(machine, ['verify', 'acme/deploy', '--offline'], { env });
    expect(status).toBe(0);
    expect(stdout).toMatch(/ · offline: from the cache, checkpoint \d+ s old, freshness not checked\n/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('verified acme/deploy 1.1.0');
  });
});

describe('the cache', () => {
  it('is listed, verified and cleaned', async () => {
    const { machine, env, url } = await fetched();
    const listed = await run(machine, ['cache', 'list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      leftovers: 0,
      workflows: [{ id: 'acme/deploy', registry: url, complete: true, pinned: false }, { id: 'acme/deploy' }],
    });
    expect((await run(machine, ['cache', 'list'])).stdout).toMatch(
      /^acme\/deploy\t1\.\d\.0\tsha256:\w{64}\t\d+\t[\dT:.-]+Z\thttp:\S+\t\n/,
    );
    const whole = await run(machine, ['cache', 'verify']);
    expect([whole.status, whole.stdout]).toEqual([
      0,
      expect.stringMatching(/^verified 2 bundles and 2 receipts, /),
    ]);

    const [path = ''] = blobsOf(machine);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('x')]));
    const told = await run(machine, ['cache', 'verify', '--dry-run', '--json']);
    expect(told.status).toBe(3);
    expect(JSON.parse(told.stdout)).toMatchObject({ damaged: [{ path, code: 'blob.digest' }] });
    const dropped = await run(machine, ['cache', 'verify']);
    expect([dropped.status, dropped.stdout]).toEqual([3, expect.stringContaining(`dropped: ${path}`)]);
    expect(blobsOf(machine)).toHaveLength(1);
    expect((await run(machine, ['fetch', 'acme/deploy@1.0.0', 'acme/deploy@1.1.0'], { env })).status).toBe(0);
    expect(blobsOf(machine)).toHaveLength(2);

    const dry = await run(machine, ['cache', 'clean', '--all', '--dry-run']);
    expect([dry.status, dry.stderr]).toEqual([0, expect.stringMatching(/^would remove 2 workflows, /)]);
    expect((await run(machine, ['cache', 'clean'])).stderr).toMatch(/^nothing to remove; /);
    const cleaned = await run(machine, ['cache', 'clean', '--max-size', '1', '--json']);
    expect(JSON.parse(cleaned.stdout)).toMatchObject({ removed: [{}, {}], inUse: [], sizeBytes: 0 });
    expect((await run(machine, ['cache', 'list'])).stderr).toMatch(/^nothing is in the cache at /);
  });

  it.each([
    [['--older-than', '30'], 'usage.age'],
    [['--max-size', 'much'], 'usage.size'],
  ])('is not cleaned by %j', async (flags, code) => {
    const { status, stderr } = await run(createMachine(), ['cache', 'clean', ...flags]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`error[${code}]`)]);
  });
});
