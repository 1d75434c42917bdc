import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { openNamespace, publish } from '../support/upload.js';
import { ask } from './raw.js';

let registry: TestRegistry;
let readers: Socket[];
beforeEach(async () => {
  registry = await startTestRegistry();
  readers = [];
  await openNamespace(registry);
});
afterEach(async () => {
  for (const reader of readers) reader.destroy();
  await registry.close();
});

/** Asks, and reads nothing of what comes. */
async function askAndNotRead(path: string, times: number): Promise<void> {
  const { hostname, port } = new URL(registry.url);
  for (let i = 0; i < times; i += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.pause();
    readers.push(socket);
  }
  await sleep(1_000);
}

const readme = (sizeBytes: number) => ({
  path: 'README.md',
  bytes: new Uint8Array(randomBytes(sizeBytes)),
  executable: false,
});

test('however many do not read what they asked for, others download', { timeout: 60_000 }, async () => {
  await publish(registry, { name: 'large', readme: readme(6 << 20) });
  const path = '/v1/workflows/acme/large/1.0.0/download';
  await askAndNotRead(path, 150);
  const answer = await Promise.race([ask(registry, path), sleep(20_000)]);
  expect([answer?.status, (answer?.body.length ?? 0) > 6 << 20]).toEqual([200, true]);
});
