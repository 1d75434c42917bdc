import { openCheckpoint, parseLogVerifier, parseWitnessVerifier, readCosignatures } from '@sheaf/bundle';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startRegistry } from '../../src/compose.js';
import { parseConfig } from '../../src/config.js';
import { connectDatabase } from '../../src/db/connection.js';
import { startWitness } from '../../src/witness/start-witness.js';

const log = pino({ level: 'silent' });

/** An empty database of its own. */
async function createDatabase(): Promise<string> {
  const url = new URL(inject('databaseUrl'));
  const name = `test_${process.pid}_composed`;
  const admin = connectDatabase({
    url: url.href.replace(/\/template$/, '/postgres'),
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
  await sql`create database ${sql.id(name)} template template`.execute(admin);
  onTestFinished(async () => {
    await sql`drop database ${sql.id(name)} with (force)`.execute(admin);
    await admin.destroy();
  });
  url.pathname = `/${name}`;
  return url.href;
}

interface WellKnown {
  readonly logs: readonly { readonly key: string }[];
  readonly witnesses: readonly string[];
}

test('a registry names its witnesses, and has the log cosigned before anything is published', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sheaf-composed-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const env = { DATABASE_URL: await createDatabase(), SHEAF_ORIGIN: 'wf.example.com' };
  const start = (witnesses: string) =>
    startRegistry(
      parseConfig(['--port', '0', '--data-dir', dir], { ...env, SHEAF_WITNESSES: witnesses }, false),
      log,
    );
  const read = async (url: string) =>
    (await (await fetch(`${url}/.well-known/sheaf-registry`)).json()) as WellKnown;

  const first = await start('');
  const before = await read(first.url);
  await first.stop();
  expect(before.witnesses).toEqual([]);

  const verifier = parseLogVerifier(before.logs[0]?.key ?? '');
  const witness = await startWitness(
    { host: '127.0.0.1', port: 0, dataDir: join(dir, 'witness'), name: 'w.example', logs: [verifier] },
    log,
  );
  const second = await start(`${witness.url} ${witness.verifierKey}`);
  try {
    expect((await read(second.url)).witnesses).toEqual([witness.verifierKey]);
    const known = [parseWitnessVerifier(witness.verifierKey)];
    const served = async () => (await fetch(`${second.url}/log/public/checkpoint`)).text();
    await expect
      .poll(async () => readCosignatures(await served(), known).length, { timeout: 20_000 })
      .toBe(1);
    expect(openCheckpoint(await served(), verifier).size).toBe(0);
  } finally {
    await second.stop();
    await witness.stop();
  }
});

test('wrong settings of witnesses are wrong usage', () => {
  const parse = (env: NodeJS.ProcessEnv) => () => parseConfig([], env, false);
  expect(parse({ SHEAF_WITNESSES: 'https://w.example' })).toThrow('SHEAF_WITNESSES');
  expect(parse({ SHEAF_WITNESS_REALMS: 'public,' })).toThrow('SHEAF_WITNESS_REALMS');
  expect(parse({ SHEAF_WITNESS_TIMEOUT_MS: '0' })).toThrow('SHEAF_WITNESS_TIMEOUT_MS');
  expect(parse({ SHEAF_WITNESS_REALMS: 'public, acme' })()).toMatchObject({
    log: { witnesses: [], witnessRealms: ['public', 'acme'], witnessTimeoutMs: 2000 },
  });
});
