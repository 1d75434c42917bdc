import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRegistry, type RunningRegistry } from '../src/compose.js';
import { parseConfig } from '../src/config.js';
import { call, openNamespace, publish, type Reachable } from './support/upload.js';

describe('a registry whose database was restored from a backup', () => {
  let dataDir: string;
  let running: (RunningRegistry & Reachable) | undefined;
  const lines: Record<string, unknown>[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sheaf-fork-'));
  });
  afterAll(async () => {
    await running?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<RunningRegistry & Reachable> {
    const config = parseConfig(
      ['--port', '0', '--data-dir', dataDir],
      { SHEAF_ORIGIN: 'wf.example.com' },
      false,
    );
    lines.length = 0;
    const log = pino(
      { level: 'warn' },
      { write: (line) => lines.push(JSON.parse(line) as (typeof lines)[0]) },
    );
    const registry = await startRegistry(config, log);
    const ownerToken = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
    running = { ...registry, ownerToken };
    return running;
  }
  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
  }
  const cluster = () => join(dataDir, 'postgres');

  test('refuses to sign, says what to do, goes on serving, and goes on by itself when the newer one is back', async () => {
    let registry = await start();
    expect(registry.frozenLog).toBeUndefined();
    await openNamespace(registry);
    expect((await publish(registry, { version: '1.0.0' })).status).toBe(201);
    await stop();
    await cp(cluster(), `${cluster()}-old`, { recursive: true });

    registry = await start();
    expect((await publish(registry, { version: '1.1.0' })).status).toBe(201);
    const note = (await call(registry, '/log/public/checkpoint')).bytes;
    await stop();
    await rename(cluster(), `${cluster()}-new`);
    await rename(`${cluster()}-old`, cluster());

    registry = await start();
    expect(registry.frozenLog).toMatchObject({
      code: 'log.frozen',
      message:
        'log wf.example.com/log/public was signed with 4 entries, but its database holds 3: it is older than the log',
      hint: expect.stringContaining('put back a database that holds all 4 entries') as string,
    });
    expect(lines.map((line) => [line['msg'], line['help']])).toContainEqual([
      registry.frozenLog?.message,
      registry.frozenLog?.hint,
    ]);
    const refused = await publish(registry, { version: '1.2.0' });
    expect([refused.status, refused.json['code']]).toEqual([503, 'log.frozen']);
    expect((await call(registry, '/v1/workflows/acme/deploy/1.0.0/receipt')).status).toBe(200);
    expect((await call(registry, '/v1/workflows/acme/deploy/1.2.0')).status).toBe(404);
    const ready = await call(registry, '/readyz');
    expect([ready.status, ready.json]).toEqual([
      200,
      {
        status: 'degraded',
        database: 'ok',
        schema: 'ok',
        storage: 'ok',
        log: 'frozen',
        jobs: 'ok',
        faults: [{ part: 'log', detail: registry.frozenLog?.message, remedy: registry.frozenLog?.hint }],
      },
    ]);
    await stop();
    await rm(cluster(), { recursive: true });
    await rename(`${cluster()}-new`, cluster());

    registry = await start();
    expect(registry.frozenLog).toBeUndefined();
    expect((await call(registry, '/readyz')).json).toMatchObject({ log: 'ok' });
    expect((await call(registry, '/log/public/checkpoint')).bytes).toEqual(note);
    const version = await publish(registry, { version: '1.2.0' });
    expect(version.status).toBe(201);
  }, 120_000);
});
