import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateSigningKey,
  logVerifierOf,
  openCheckpoint,
  formatCheckpoint,
  parseLogVerifier,
  signNote,
} from '@sheaf/bundle';
import { createRegistryClient } from '@sheaf/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startLyingProxy, type Lie } from './support/lying-proxy.js';
import { startOwnRegistry } from './support/own-registry.js';
import type { RegistryProcess } from './support/registry-process.js';
import { createPerson, type Person } from './support/sheaf.js';
import { makeVictim, prepareVictims, publishMark, type Victim, type VictimMaker } from './support/victim.js';

/** A registry, or something on the way to it, that lies: exit 3 with one clear message, nothing run, nothing half-unpacked. */
let dir: string;
let registry: RegistryProcess;
let author: Person;
let close: () => Promise<void>;
let victims: VictimMaker;
let victim: Victim;

const RUN = ['run', 'acme/mark@1.0.0', '--yes'];

beforeAll(async () => {
  ({ dir, registry, owner: author, close } = await startOwnRegistry('author', 'acme'));
  for (const version of ['1.0.0', '1.1.0']) await publishMark(dir, author, 'acme/mark', version);
  victims = await prepareVictims(dir, registry);
});
afterAll(async () => {
  await victims.proxy.close();
  await close();
});
beforeEach(async () => {
  victim = await victims.create();
});

const isBlob = (path: string) => path.startsWith('/v1/blobs/') || path.endsWith('/download');
const isReceipt = (path: string) => path.endsWith('/receipt');
const isCheckpoint = (path: string) => path.endsWith('/checkpoint');

describe('refused with exit 3', () => {
  const flipped: Lie = (path, honest) => {
    if (!isBlob(path)) return undefined;
    const bytes = Buffer.from(honest);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };

  test('a bundle with one byte flipped on the way', async () => {
    victim.proxy.tell(flipped);
    await victim.refuses(RUN, 'blob.digest');
  });

  test('a truncated bundle', async () => {
    victim.proxy.tell((path, honest) => (isBlob(path) ? honest.subarray(0, honest.length - 10) : undefined));
    await victim.refuses(RUN, 'blob.size');
  });

  test('a bundle whose download is cut every time', async () => {
    victim.proxy.tell((path) => (isBlob(path) ? { cutAfter: 20 } : undefined));
    await victim.refuses(RUN, 'blob.size');
  });

  test('a bundle that is spoiled in the store that the registry sends readers to', async () => {
    const store = await startLyingProxy(registry.url);
    victim.proxy.tell((path) => (isBlob(path) ? { redirectTo: `${store.url}${path}` } : undefined));
    try {
      store.tell(flipped);
      await victim.refuses(RUN, 'blob.digest');
      store.tell((_, honest) => Buffer.concat([honest, Buffer.alloc(10)]));
      await victim.refuses(RUN, 'blob.size');
      store.tell(() => undefined);
      await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    } finally {
      await store.close();
    }
  });

  test("another version's bundle", async () => {
    const other = await fetchBytes('/v1/workflows/acme/mark/1.1.0/download');
    victim.proxy.tell((path) => (isBlob(path) ? other : undefined));
    // Its compressed size may differ, or not.
    await victim.refuses(RUN, /^blob\.(?:size|digest)$/);
  });

  test("another version's proof", async () => {
    const other = await fetchBytes('/v1/workflows/acme/mark/1.1.0/receipt');
    victim.proxy.tell((path) => (isReceipt(path) ? other : undefined));
    await victim.refuses(RUN, 'leaf.mismatch');
  });

  test('an envelope that the log does not know', async () => {
    const other = (await fetch(`${registry.url}/v1/workflows/acme/mark/1.1.0/receipt`).then((r) =>
      r.json(),
    )) as { envelope: unknown };
    victim.proxy.tell((path, honest) => {
      if (!isReceipt(path)) return undefined;
      const receipt = JSON.parse(honest.toString()) as Record<string, unknown>;
      return Buffer.from(canonical({ ...receipt, envelope: other.envelope }));
    });
    await victim.refuses(RUN, 'envelope.digest');
  });

  test('a log signed with another key', async () => {
    const client = createRegistryClient({ url: registry.url });
    const verifier = parseLogVerifier((await client.wellKnown()).logs[0]?.key ?? '');
    await client.close();
    const forger = generateSigningKey();
    const forge = (note: string) =>
      signNote(formatCheckpoint(openCheckpoint(note, verifier)), verifier.name, forger);
    victim.proxy.tell((path, honest) => {
      if (isCheckpoint(path)) return Buffer.from(forge(honest.toString()));
      if (!isReceipt(path)) return undefined;
      const receipt = JSON.parse(honest.toString()) as { checkpoint: string };
      return Buffer.from(canonical({ ...receipt, checkpoint: forge(receipt.checkpoint) }));
    });
    await victim.refuses(RUN, 'log.key_unknown');
  });

  test('a registry that now shows another log key', async () => {
    const key = generateSigningKey();
    victim.proxy.tell((path, honest) => {
      if (!path.endsWith('/sheaf-registry')) return undefined;
      const document = JSON.parse(honest.toString()) as { logs: { origin: string; key: string }[] };
      const logs = document.logs.map((log) => ({
        ...log,
        key: logVerifierOf(log.origin, key.publicKey.raw).text,
      }));
      return Buffer.from(JSON.stringify({ ...document, logs }));
    });
    const result = await victim.sheaf(['login', victim.proxy.url, '--with-token', '--yes'], {
      input: `${registry.ownerToken}\n`,
    });
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('log.key_changed');
  });

  test('an old checkpoint', async () => {
    const old = await fetchBytes('/log/public/checkpoint');
    await publishMark(dir, author, 'acme/mark', '2.0.0');
    await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    victim.proxy.tell((path) => (isCheckpoint(path) ? old : undefined));
    await victim.refuses(['run', 'acme/mark@1.1.0', '--yes'], 'log.rollback');
  });

  test('a cached bundle that was changed on disk is dropped and fetched again, or refused', async () => {
    await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    const cache = join(victim.home, '.cache');
    const blobs = (await readdir(cache, { recursive: true })).filter(
      (name) => /[0-9a-f]{64}/.test(name) && name.includes('blobs'),
    );
    for (const name of blobs) {
      const path = join(cache, name);
      const bytes = await readFile(path).catch(() => undefined);
      if (!bytes) continue;
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await writeFile(path, bytes);
    }
    await victim.ok(['verify', 'acme/mark@1.0.0']);
    victim.proxy.tell(flipped);
    for (const name of blobs) await writeFile(join(cache, name), 'spoiled').catch(() => undefined);
    await victim.refuses(RUN, 'blob.digest');
  });
});

test('a byte flipped in the blob store is found by the registry, which gives it to nobody', async () => {
  // Not downloaded yet: the registry has its bytes in the store alone.
  await publishMark(dir, author, 'acme/mark', '3.0.0');
  const store = join(registry.dataDir, 'blobs');
  const paths = (await readdir(store, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name));
  expect(paths.length).toBeGreaterThan(0);
  const originals = await Promise.all(paths.map((name) => readFile(join(store, name))));
  await makeWritable(store);
  for (const [i, name] of paths.entries()) {
    const bytes = Buffer.from(originals[i] ?? []);
    bytes[bytes.length - 12] = (bytes[bytes.length - 12] ?? 0) ^ 4;
    await writeFile(join(store, name), bytes);
  }
  try {
    await victim.refuses(['run', 'acme/mark@3.0.0', '--yes'], 'service.storage_down', 6);
  } finally {
    for (const [i, name] of paths.entries()) await writeFile(join(store, name), originals[i] ?? '');
  }
});

test('a bundle that is cut short in the blob store is given to nobody', async () => {
  await publishMark(dir, author, 'acme/mark', '3.1.0');
  const store = join(registry.dataDir, 'blobs');
  const paths = (await readdir(store, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name));
  const originals = await Promise.all(paths.map((name) => readFile(join(store, name))));
  // Without the proxy, which would pass nothing on of an answer that is cut.
  const direct = await createPerson(join(dir, 'victim-direct'), { SHEAF_REGISTRY: registry.url });
  await direct.ok(['login', registry.url, '--yes']);
  victim = makeVictim(direct, victim.proxy, victim.marker);
  await makeWritable(store);
  for (const [i, name] of paths.entries())
    await writeFile(join(store, name), (originals[i] ?? Buffer.alloc(0)).subarray(0, 100));
  try {
    await victim.refuses(['run', 'acme/mark@3.1.0', '--yes'], 'service.storage_down', 6);
  } finally {
    for (const [i, name] of paths.entries()) await writeFile(join(store, name), originals[i] ?? '');
  }
  // Whole again, it is given out again.
  await victim.ok(['fetch', 'acme/mark@3.1.0', '--yes']);
});

test('the honest registry is believed, so that the refusals above mean something', async () => {
  await victim.ok(RUN);
  expect(existsSync(victim.marker)).toBe(true);
});

async function fetchBytes(path: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${registry.url}${path}`)).arrayBuffer());
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function makeWritable(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    spawn('chmod', ['-R', 'u+w', folder])
      .on('error', reject)
      .on('close', () => {
        resolve();
      });
  });
}
