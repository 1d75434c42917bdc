import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey } from '@sheaf/bundle';
import { migrateToLatest } from '@sheaf/migrations';
import { sql } from 'kysely';
import { DEFAULT_LIMITS_CONFIG } from '../../services/registry/src/config/limits.js';
import { connectDatabase } from '../../services/registry/src/db/connection.js';
import type { Caller } from '../../services/registry/src/domain/access/principal.js';
import { noFailpoint } from '../../services/registry/src/domain/failpoint.js';
import { createLogs } from '../../services/registry/src/domain/log/logs.js';
import { createNamespace } from '../../services/registry/src/domain/namespaces/namespaces.js';
import { setUpRegistry } from '../../services/registry/src/domain/setup/setup.js';
import { openFilesystemStore } from '../../services/registry/src/objects/filesystem.js';
import { startEmbeddedPostgres } from '../../services/registry/src/postgres/embedded.js';
import { findVersion } from '../lib/machine.js';
import { median } from '../lib/measure.js';
import type { Row } from '../lib/report.js';

const CLIENTS = [1, 8, 32] as const;

/**
 * Leaves a second through the registry's own sequencer on a durable PostgreSQL: each is a transaction that records a
 * namespace, its audit entry and its queued leaf, and is counted once a signed checkpoint covers it. In turns with it,
 * pgbench commits single rows to the same server.
 */
export async function benchSequencer(seconds: number, rounds: number): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-bench-pg-'));
  const postgres = await startEmbeddedPostgres({ dataDir: folder, database: 'bench' });
  const db = connectDatabase({ url: postgres.url, maxConnections: 20, onConnectionError: () => undefined });
  try {
    await migrateToLatest(db);
    const key = generateSigningKey();
    const signer = await setUpRegistry({
      db,
      configuredOrigin: 'wf.example.com',
      loadLogKey: () => Promise.resolve(key),
      keepOwnerToken: () => Promise.resolve(),
    });
    const now = () => Date.now();
    const objects = await openFilesystemStore({ dir: join(folder, 'blobs'), now });
    const logs = createLogs({
      db,
      objects,
      signer,
      afterAppend: [],
      now,
      failpoint: noFailpoint,
      report: (report) => {
        throw new Error(`the log reported ${report.type}`);
      },
    });
    let made = 0;
    const publishOne = async () => {
      made += 1;
      await createNamespace({ db, logs, limits: UNLIMITED, now }, OWNER, { name: `bench-${made}` });
    };
    const hasPgbench = findVersion('pgbench') !== undefined;
    await sql`create table bench_rows (id bigserial primary key, value integer not null)`.execute(db);
    const script = join(folder, 'insert.sql');
    await writeFile(script, 'insert into bench_rows (value) values (1);\n');

    const rows: Row[] = [];
    for (const clients of CLIENTS) {
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < rounds; round++) {
        ours.push(await leavesPerSecond(publishOne, clients, seconds));
        if (hasPgbench) theirs.push(commitsPerSecond(postgres.url, script, clients, seconds));
      }
      const value = median(ours);
      rows.push({
        what: `durable leaves, ${clients} client${clients === 1 ? '' : 's'}`,
        value,
        unit: '/s',
        peer: 'pgbench, one row a commit',
        ...(hasPgbench
          ? { peerValue: median(theirs), ratio: value / median(theirs) }
          : { note: 'pgbench is missing: install postgresql-contrib' }),
      });
    }
    return rows;
  } finally {
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The owner that setting up an empty registry makes. */
const UNLIMITED = { ...DEFAULT_LIMITS_CONFIG, userNamespaces: Number.MAX_SAFE_INTEGER };
const OWNER: Caller = {
  requestId: 'bench',
  principal: {
    userId: 1,
    user: 'owner',
    isAdmin: true,
    via: 'token',
    token: { id: 'bench', name: 'bench', scopes: ['*'], createdAt: new Date(0), expiresAt: null },
    roles: new Map(),
  },
};

async function leavesPerSecond(act: () => Promise<void>, clients: number, seconds: number): Promise<number> {
  const startedMs = performance.now();
  let done = 0;
  const client = async () => {
    while (performance.now() - startedMs < seconds * 1000) {
      await act();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return (done * 1000) / (performance.now() - startedMs);
}

function commitsPerSecond(url: string, script: string, clients: number, seconds: number): number {
  const { hostname, port, username, password, pathname } = new URL(url);
  const args = ['-n', '-c', String(clients), '-j', '2', '-T', String(seconds), '-f', script];
  const printed = execFileSync(
    'pgbench',
    [...args, '-h', hostname, '-p', port, '-U', username, pathname.slice(1)],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      // Not as an argument, which everybody on the machine can read.
      env: { ...process.env, PGPASSWORD: decodeURIComponent(password) },
    },
  );
  return Number(/^tps = ([0-9.]+)/m.exec(printed)?.[1]);
}
