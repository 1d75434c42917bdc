import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { inject } from 'vitest';
import { startRegistry, type RunningRegistry } from '../../src/compose.js';
import { parseConfig } from '../../src/config.js';
import type { Env } from '../../src/config/env.js';
import { connectDatabase, type Db } from '../../src/db/connection.js';
import type { Verb } from '../../src/verbs/verb.js';
import { assertDeclared } from './watched-log.js';

let databases = 0;

export interface OwnDatabase {
  readonly url: string;
  readonly db: Db;
  drop(): Promise<void>;
}

/** A database of its own: a copy of the migrated one, or an empty one. */
export async function createOwnDatabase(
  template: 'template' | 'template0' = 'template',
): Promise<OwnDatabase> {
  const url = new URL(inject('databaseUrl'));
  databases += 1;
  const name = `composed_${process.pid}_${databases}`;
  const admin = connectDatabase({
    url: url.href.replace(/\/template$/, '/postgres'),
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
  await sql`create database ${sql.id(name)} template ${sql.id(template)}`.execute(admin);
  url.pathname = `/${name}`;
  const db = connectDatabase({ url: url.href, maxConnections: 2, onConnectionError: () => undefined });
  return {
    url: url.href,
    db,
    drop: async () => {
      await db.destroy();
      await sql`drop database ${sql.id(name)} with (force)`.execute(admin);
      await admin.destroy();
    },
  };
}

export interface ComposedRegistry extends RunningRegistry {
  readonly ownerToken: string;
  readonly dataDir: string;
  readonly db: Db;
  /** The environment that it was started with, for verbs beside it. */
  readonly env: Env;
  /** Lines of its log. */
  readonly lines: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

/** The whole service as `serve` composes it, in this process, on a database and a data directory of its own. */
export async function startComposedRegistry(more: Env = {}): Promise<ComposedRegistry> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-composed-'));
  const database = await createOwnDatabase();
  const env = {
    DATABASE_URL: database.url,
    SHEAF_ORIGIN: 'wf.example.com',
    SHEAF_LOG_LEVEL: 'info',
    ...more,
  };
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: env.SHEAF_LOG_LEVEL },
    { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const running = await startRegistry(parseConfig(['--port', '0', '--data-dir', dataDir], env, false), log);
  return {
    ...running,
    dataDir,
    env,
    db: database.db,
    lines,
    ownerToken: (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim(),
    close: async () => {
      await running.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
      assertDeclared(lines.map((line) => JSON.stringify(line)));
    },
  };
}

/** Runs a verb and returns what it said. */
export async function runVerb(verb: Verb, args: readonly string[], env: Env) {
  let [out, err] = ['', ''];
  const code = await verb.run(
    args,
    { SHEAF_LOG_LEVEL: 'silent', ...env },
    {
      stdout: (text) => (out += text),
      stderr: (text) => (err += text),
      isInteractive: false,
      stopped: new AbortController().signal,
    },
  );
  return { code, out, err };
}
