import { afterEach, expect, test } from 'vitest';
import { openMetricsListener } from '../../src/compose/metrics-listener.js';

let listener: Awaited<ReturnType<typeof openMetricsListener>>;
afterEach(() => listener.close());

test('the listener for metrics answers those and whether the process lives, and nothing else', async () => {
  listener = await openMetricsListener({ host: '127.0.0.1', port: 0 }, () => Promise.resolve('sheaf_up 1\n'));
  const ask = async (path: string) => {
    const answer = await fetch(`${listener.url}${path}`);
    return [answer.status, await answer.text()];
  };
  expect(await ask('/metrics')).toEqual([200, 'sheaf_up 1\n']);
  expect(await ask('/healthz')).toEqual([200, '{"status":"ok"}']);
  for (const path of ['/', '/readyz', '/v1/workflows']) expect(await ask(path)).toEqual([404, '']);
});

test('the process lives also when its metrics cannot be told', async () => {
  listener = await openMetricsListener({ host: '127.0.0.1', port: 0 }, () => Promise.reject(new Error('no')));
  expect((await fetch(`${listener.url}/metrics`)).status).toBe(503);
  expect((await fetch(`${listener.url}/healthz`)).status).toBe(200);
});
