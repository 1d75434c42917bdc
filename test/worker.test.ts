import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { cleanEnvironment, REGISTRY_BIN } from './support/registry-environment.js';
import {
  makeTempDir,
  privateDatabaseUrl,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';

/** A registry that leaves its jobs to another process, and that process. */
let registry: RegistryProcess;
let receiver: Receiver;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  registry = await startRegistryProcess({
    dataDir: await makeTempDir(),
    env: { SHEAF_JOBS: 'off', SHEAF_WEBHOOK_ALLOW: '127.0.0.0/8' },
  });
}, 120_000);
afterEach(async () => {
  const left = workers.splice(0).filter((worker) => worker.exitCode === null);
  for (const worker of left) {
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
});
afterAll(async () => {
  receiver.close();
  await registry.stop();
  await removeDir(registry.dataDir);
});

interface Receiver {
  readonly url: string;
  /** Namespaces that were told of, in the order in which they came. */
  readonly namespaces: string[];
  /** Keeps the next answers back until it is called. */
  hold(): () => void;
  close(): void;
}

async function startReceiver(): Promise<Receiver> {
  const namespaces: string[] = [];
  let held: ServerResponse[] | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { namespace } = JSON.parse(Buffer.concat(chunks).toString()) as { namespace: string };
      namespaces.push(namespace);
      if (held) held.push(response);
      else response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    namespaces,
    hold: () => {
      const kept: ServerResponse[] = [];
      held = kept;
      return () => {
        held = undefined;
        for (const response of kept) response.writeHead(204).end();
      };
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function startWorker(): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [REGISTRY_BIN, 'worker', '--data-dir', registry.dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...cleanEnvironment(),
      DATABASE_URL: await privateDatabaseUrl(registry.dataDir),
      SHEAF_WEBHOOK_ALLOW: '127.0.0.0/8',
      SHEAF_LOG_LEVEL: 'error',
    },
  });
  workers.push(worker);
  let talk = '';
  worker.stderr.setEncoding('utf8').on('data', (text: string) => (talk += text));
  await new Promise<void>((resolve, reject) => {
    worker.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('worker ready\n')) resolve();
    });
    worker.once('exit', (code) => {
      reject(new Error(`the worker ended with ${code}: ${talk}`));
    });
  });
  return worker;
}

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${registry.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${registry.ownerToken}` },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as Record<string, unknown>;
}

async function statesOf(webhook: string): Promise<readonly string[]> {
  const response = await fetch(`${registry.url}/v1/webhooks/${webhook}/deliveries`, {
    headers: { Authorization: `Bearer ${registry.ownerToken}` },
  });
  const { deliveries } = (await response.json()) as { deliveries: readonly { state: string }[] };
  return deliveries.map(({ state }) => state);
}

test('a worker does the jobs that a registry leaves to it, and ends between two of its units of work', async () => {
  const webhook = String((await post('/v1/webhooks', { url: receiver.url }))['id']);
  await post('/v1/namespaces', { name: 'first' });
  await post('/v1/namespaces', { name: 'second' });
  // As long as there is no worker, nothing happens.
  await sleep(3_000);
  expect(receiver.namespaces).toEqual([]);

  const release = receiver.hold();
  const worker = await startWorker();
  await expect.poll(() => receiver.namespaces, { timeout: 20_000 }).toEqual(['first']);
  const ended = once(worker, 'exit');
  worker.kill('SIGTERM');
  await sleep(1_000);
  // What it has begun it brings to an end.
  expect(worker.exitCode).toBeNull();
  release();
  expect(await ended).toEqual([0, null]);
  expect(receiver.namespaces).toEqual(['first']);
  expect(await statesOf(webhook)).toEqual(['pending', 'delivered']);

  await startWorker();
  await expect.poll(() => statesOf(webhook), { timeout: 20_000 }).toEqual(['delivered', 'delivered']);
  expect(receiver.namespaces).toEqual(['first', 'second']);
}, 120_000);
