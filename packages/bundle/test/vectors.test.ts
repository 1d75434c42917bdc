import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  checkAuthority,
  checkBlob,
  checkBundleStatement,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  checkStatement,
  encodeEnvelope,
  encodeReceipt,
  openVerifiedBundle,
  parseLogVerifier,
  parseReceipt,
} from '../src/index.js';
import { createWorld, LOG_VERIFIER, ORIGIN, REGISTRY, RELEASE } from '../src/testing/world.js';

const VECTORS = new URL('../vectors/v1/', import.meta.url);
const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, VECTORS)));

/** Compressors differ, so the blob is taken as it is and the world is built around it. */
const blob = read('bundle.tar.gz');
const world = await createWorld({ blob });
const regenerated: Readonly<Record<string, Uint8Array>> = {
  'bundle.tar': world.tar,
  'envelope.json': encodeEnvelope(world.receipt.envelope),
  'leaf-0.json': world.leaves[0] ?? new Uint8Array(0),
  'leaf-1.json': world.leaves[1] ?? new Uint8Array(0),
  'leaf-2.json': world.leaves[2] ?? new Uint8Array(0),
  'checkpoint.txt': new TextEncoder().encode(world.receipt.checkpoint),
  'log.vkey': new TextEncoder().encode(`${LOG_VERIFIER.text}\n`),
  'receipt.json': encodeReceipt(world.receipt),
};

if (process.env['SHEAF_WRITE_VECTORS'] === '1') {
  mkdirSync(fileURLToPath(VECTORS), { recursive: true });
  for (const [name, bytes] of Object.entries(regenerated)) writeFileSync(new URL(name, VECTORS), bytes);
}

describe('the golden vectors, version 1', () => {
  it.each(Object.keys(regenerated))('%s is made again to the byte', (name) => {
    expect(read(name)).toEqual(regenerated[name]);
  });

  it('verify from the files alone', async () => {
    const receipt = parseReceipt(read('receipt.json'));
    const verifier = parseLogVerifier(new TextDecoder().decode(read('log.vkey')).trim());
    const checkpoint = checkReceiptCheckpoint(receipt, verifier, ORIGIN);
    for (const logged of [receipt.publish, ...receipt.authority]) checkInclusion(logged, checkpoint);
    const leaf = checkPublishLeaf(receipt.publish.leaf, RELEASE);
    checkEnvelope(receipt, leaf);
    const statement = checkStatement(receipt.envelope, checkAuthority(receipt, leaf), 1, leaf, REGISTRY);
    checkBlob(blob, leaf);
    const bundle = await openVerifiedBundle(blob, leaf);
    checkBundleStatement(bundle, statement);
    expect(bundle.tar).toEqual(read('bundle.tar'));
  });
});
