import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findReadiness, type ReadinessDeps } from '../../src/domain/readiness/readiness.js';
import { recordRuns } from '../../src/jobs/runs.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';

const MINUTE_MS = 60_000;
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

const look = async (more: Partial<ReadinessDeps> = {}) =>
  (await findReadiness({ ...registry.deps, upForMs: 10 * MINUTE_MS, ...more })).readiness;

test('jobs that no process runs are told once it would have been seen otherwise', async () => {
  expect(await look({ upForMs: 4 * MINUTE_MS })).toMatchObject({ jobs: 'ok', status: 'ready' });
  expect(await look()).toMatchObject({
    jobs: 'stopped',
    status: 'degraded',
    faults: [{ part: 'jobs', remedy: expect.stringContaining('sheaf-registry worker') as string }],
  });
  const runs = recordRuns(registry.db);
  await runs.succeeded('expiry', MINUTE_MS, { failures: 0, isEarly: false });
  expect(await look()).toMatchObject({ jobs: 'ok', status: 'ready', faults: [] });
  await sql`update jobs set next_at = now() - interval '301 seconds'`.execute(registry.db);
  expect(await look()).toMatchObject({ jobs: 'stopped' });
  for (let i = 0; i < 3; i += 1) await runs.failed('expiry', MINUTE_MS, 'it broke');
  expect(await look()).toMatchObject({ jobs: 'failing' });
  await runs.succeeded('expiry', MINUTE_MS, { failures: 3, isEarly: false });
});

test('the log of a mirror is well: nothing waits for it', async () => {
  expect(await look({ isMirror: true })).toMatchObject({ log: 'ok', status: 'ready' });
});

test('a private database that is away is looked for where it is, and another one where it was said to be', async () => {
  const other = await startTestRegistry();
  await other.db.destroy();
  const remedy = async (hasPrivateDatabase: boolean) => {
    const operations = { hasPrivateDatabase };
    const { readiness, code } = await findReadiness({ ...other.deps, operations, upForMs: 0 });
    expect(code).toBe('service.database_down');
    return readiness.faults.find(({ part }) => part === 'database')?.remedy;
  };
  expect(await remedy(true)).toContain('postgres.log');
  expect(await remedy(true)).not.toContain('DATABASE_URL');
  expect(await remedy(false)).toContain('DATABASE_URL');
  await other.close();
});
