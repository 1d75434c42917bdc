import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, type SigningKey } from '@sheaf/bundle';
import { sql } from 'kysely';
import { inject } from 'vitest';
import type { AppDeps } from '../../src/app-deps.js';
import { createHandler } from '../../src/app.js';
import { connectDatabase, type Db } from '../../src/db/connection.js';
import { connectSearch } from '../../src/db/search-database.js';
import { startListener } from '../../src/db/listener.js';
import { insertUser } from '../../src/db/user-queries.js';
import { createToken } from '../../src/domain/access/tokens.js';
import { noFailpoint } from '../../src/domain/failpoint.js';
import { createEventWaker } from '../../src/domain/events/waker.js';
import { createGate } from '../../src/domain/gate.js';
import { TOKENS_ONLY } from '../../src/domain/identity/sign-in.js';
import { createLogs, type LogsDeps } from '../../src/domain/log/logs.js';
import { DEFAULT_LIMITS_CONFIG } from '../../src/config/limits.js';
import { createRecorder } from '../../src/domain/publish/recorder.js';
import { createUploadBudget } from '../../src/domain/publish/upload-budget.js';
import { createReads } from '../../src/domain/reads/create-reads.js';
import { findTouch } from '../../src/domain/reads/touch.js';
import { createCommonWords } from '../../src/domain/search/common-words.js';
import { createRenderedDocuments } from '../../src/domain/standing/rendered.js';
import { setUpRegistry } from '../../src/domain/setup/setup.js';
import { networksOf } from '../../src/domain/webhooks/addresses.js';
import { answerMalformed } from '../../src/http/malformed.js';
import { createRateLimiter } from '../../src/http/rate-limiter.js';
import { openFilesystemStore } from '../../src/objects/filesystem.js';
import { noMetrics } from '../../src/observability/metrics.js';
import { noTracer } from '../../src/observability/tracer.js';
import { noOperations } from '../../src/operations.js';
import { createTrustedIssuers } from '../../src/trusted/issuers.js';
import { loadAssets } from '../../src/web/assets/assets.js';
import { watchedLog } from './watched-log.js';

let databases = 0;

export interface TestRegistry {
  readonly url: string;
  readonly origin: string;
  /** Of its own database. */
  readonly databaseUrl: string;
  readonly db: Db;
  readonly deps: AppDeps;
  readonly logKey: SigningKey;
  /** Of the admin that the first start makes. */
  readonly ownerToken: string;
  /** Adds a person without any right and returns a token. */
  addUser(name: string, scopes?: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** A registry on a database and a blob folder of its own, over real HTTP. */
export async function startTestRegistry(
  overrides: Partial<AppDeps> = {},
  logOverrides: (db: Db) => Partial<LogsDeps> = () => ({}),
): Promise<TestRegistry> {
  const url = new URL(inject('databaseUrl'));
  databases += 1;
  const name = `test_${process.pid}_${databases}`;
  const admin = connectDatabase({
    url: url.href.replace(/\/template$/, '/postgres'),
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
  await sql`create database ${sql.id(name)} template template`.execute(admin);
  url.pathname = `/${name}`;
  const db = connectDatabase({ url: url.href, maxConnections: 10, onConnectionError: () => undefined });
  const searchDb = connectSearch({ url: url.href, maxConnections: 4, onConnectionError: () => undefined });
  const dir = await mkdtemp(join(tmpdir(), 'sheaf-test-'));
  const now = () => Date.now();
  const elapsedMs = () => performance.now();
  const key = generateSigningKey();
  let ownerToken = '';
  const identity = await setUpRegistry({
    db,
    configuredOrigin: 'wf.example.com',
    loadLogKey: () => Promise.resolve(key),
    keepOwnerToken: (token) => {
      ownerToken = token;
      return Promise.resolve();
    },
  });
  const objects = await openFilesystemStore({ dir: join(dir, 'blobs'), now });
  const reads = createReads(
    {
      db,
      objects: overrides.objects ?? objects,
      now: overrides.now ?? now,
      elapsedMs: overrides.elapsedMs ?? elapsedMs,
    },
    { answerBytes: 16 << 20, blobBytes: 16 << 20, bundleBytes: 16 << 20, renderings: 5 },
  );
  const logs = createLogs({
    db,
    objects,
    signer: identity,
    afterAppend: [],
    now,
    failpoint: overrides.failpoint ?? noFailpoint,
    report: () => undefined,
    ...logOverrides(db),
  });
  const watched = watchedLog();
  const deps: AppDeps = {
    db,
    hotDb: db,
    objects,
    logs,
    uploads: createUploadBudget(256 * 1024 * 1024),
    recorder: createRecorder({
      db,
      hotDb: db,
      hotConnections: 4,
      logs: overrides.logs ?? logs,
      limits: overrides.limits ?? DEFAULT_LIMITS_CONFIG,
    }),
    limits: DEFAULT_LIMITS_CONFIG,
    rendered: createRenderedDocuments(),
    reads,
    assets: await loadAssets(),
    rates: {
      limiter: createRateLimiter(elapsedMs),
      perAddress: undefined,
      perToken: () => undefined,
      perNamespace: () => undefined,
      trustedHops: 0,
      onLimited: () => undefined,
    },
    searchDb,
    events: createEventWaker({ db }),
    webhookNetworks: networksOf([]),
    searches: createGate({ capacity: 5, maxWaiting: 100, what: 'searches' }),
    commonWords: createCommonWords(),
    origin: identity.origin,
    isMirror: false,
    cliLatest: undefined,
    witnesses: [],
    signIn: TOKENS_ONLY,
    trusted: createTrustedIssuers({ now, elapsedMs, report: () => undefined }, []),
    now,
    elapsedMs,
    log: watched.log,
    metrics: noMetrics,
    tracer: noTracer,
    operations: noOperations,
    failpoint: noFailpoint,
    ...overrides,
  };
  const listener = startListener({
    url: url.href,
    onNotification: (payload) => {
      const touch = findTouch(payload);
      if (touch) deps.reads.touch([touch]);
      else deps.reads.forgetAnswers();
    },
    onListening: () => {
      deps.reads.forgetAnswers();
    },
    onLost: () => undefined,
  });
  const server = createServer({ requireHostHeader: false }, createHandler(deps));
  answerMalformed(server, deps);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    origin: identity.origin,
    databaseUrl: url.href,
    db,
    deps,
    logKey: key,
    ownerToken,
    addUser: async (user, scopes = ['*']) => {
      const userId = await db.transaction().execute((trx) => insertUser(trx, user, false));
      return (await createToken(deps, { userId, name: 'test', scopes, expiresAt: null })).token;
    },
    close: async () => {
      await deps.events.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await listener.close();
      await searchDb.close();
      await db.destroy();
      await sql`drop database ${sql.id(name)} with (force)`.execute(admin);
      await admin.destroy();
      await rm(dir, { recursive: true, force: true });
      watched.assertDeclared();
    },
  };
}
