import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogReport } from '../../src/domain/log/logs.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { openNamespace, publish } from '../support/upload.js';

let registry: TestRegistry;
let reports: LogReport[] = [];
let failures = 0;

beforeEach(async () => {
  failures = 0;
  registry = await startTestRegistry(
    {
      failpoint: (name) => {
        if (name !== 'sequencer.before_append' || failures === 0) return Promise.resolve();
        failures -= 1;
        return Promise.reject(new Error('the tree is damaged'));
      },
    },
    () => ({ report: (report) => reports.push(report) }),
  );
  await openNamespace(registry);
  reports = [];
});
afterEach(() => registry.close());

const failed = () => reports.filter(({ type }) => type === 'batch_failed');

test('a publish that its own transaction cannot place is reported, and placed out of the queue', async () => {
  failures = 1;
  expect((await publish(registry)).status).toBe(201);
  expect(failed()).toMatchObject([{ realm: 'public', limit: 1 }]);
  expect(await registry.db.selectFrom('log_queue').selectAll().execute()).toEqual([]);
});

test('one that is refused for what it is says nothing of the log', async () => {
  const answers = await Promise.all(
    ['one', 'another'].map((description) => publish(registry, { name: 'contested', description })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect(failed()).toEqual([]);
});
