import type { SigningKey } from '@sheaf/bundle';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBench, said, type KeyBench } from '../support/keys.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, countStored, send, type BuiltUpload } from '../support/upload.js';

/** A publish that is sent again after its keys have lost the right to sign. */
let registry: TestRegistry;
let bench: KeyBench;
let old: SigningKey;
let other: SigningKey;
let upload: BuiltUpload;
let receipt: Buffer;

beforeEach(async () => {
  registry = await startTestRegistry();
  const opened = await openBench(registry, 'acme', 2);
  const [first, second] = opened.keys;
  if (!first || !second) throw new Error('there are not two keys');
  ({ bench } = opened);
  old = first;
  other = second;
  upload = await buildUpload(registry, {}, old);
  const published = await send(registry, upload);
  expect(published.status).toBe(201);
  receipt = published.bytes;
});
afterEach(() => registry.close());

test('gets the same receipt after its key was superseded, and nothing is stored', async () => {
  expect(said(await bench.revoke(old.publicKey.id, [other]))).toBe('201 ok');
  const before = await countStored(registry);
  const again = await send(registry, upload);
  expect([again.status, again.bytes.equals(receipt)]).toEqual([200, true]);
  expect(await countStored(registry)).toEqual(before);
});

test('gets the same receipt after more keys must sign', async () => {
  expect(said(await bench.policy(2, [old, other]))).toBe('201 ok');
  const again = await send(registry, upload);
  expect([again.status, again.bytes.equals(receipt)]).toEqual([200, true]);
});

test('is refused when the revocation refuses the version itself', async () => {
  const fromIndex = (await bench.document()).keys.find(({ id }) => id === old.publicKey.id)?.logIndex ?? 0;
  const { json } = await call(registry, '/v1/tokens', {
    method: 'POST',
    token: registry.ownerToken,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'recovery', scopes: ['key', 'recovery'] }),
  });
  const revoked = await bench.revoke(old.publicKey.id, [other], {
    reason: 'compromised',
    fromIndex,
    token: String(json['token']),
  });
  expect(said(revoked)).toBe('201 ok');
  expect(said(await send(registry, upload))).toBe('403 key.revoked');
});

test('is refused when it is another version, another envelope, or other bytes', async () => {
  expect(said(await bench.revoke(old.publicKey.id, [other]))).toBe('201 ok');
  const before = await countStored(registry);
  const newer = await buildUpload(registry, { version: '1.1.0' }, old);
  expect(said(await send(registry, newer))).toBe('403 key.revoked');
  const resigned = await buildUpload(registry, {}, [old, old]);
  expect(said(await send(registry, resigned))).toBe('403 key.revoked');
  const others = await buildUpload(registry, { description: 'Something else' }, other);
  expect(said(await send(registry, others))).toBe('409 version.exists');
  expect(said(await send(registry, { ...upload, blob: others.blob }))).toBe('422 digest.mismatch');
  const stranger = await registry.addUser('stranger');
  expect(said(await send(registry, upload, stranger))).toBe('403 auth.role_missing');
  expect(await countStored(registry)).toEqual({ ...before, audit: expect.any(Number) as number });
});
