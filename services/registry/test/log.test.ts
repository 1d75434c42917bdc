import {
  consistencyProof,
  hashLeaf,
  openCheckpoint,
  parseEntryBundle,
  parseLeaf,
  parseLogVerifier,
  parseTlogProof,
  tilePath,
  tilesReader,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '@sheaf/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogs } from '../src/domain/log/logs.js';
import { noFailpoint } from '../src/domain/failpoint.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call, openNamespace, publish } from './support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

async function checkpoint() {
  const note = (await call(registry, '/log/public/checkpoint')).bytes.toString();
  return openCheckpoint(note, parseLogVerifier(registry.deps.logs.get('public').verifierKey));
}

function reader(size: number) {
  return tilesReader(async (level, index, width) => {
    const answer = await call(registry, `/log/public/${tilePath(level, index, width)}`);
    expect(answer.status).toBe(200);
    return answer.bytes;
  }, size);
}

test('tiles rebuild the root of every checkpoint, and each is consistent with the one before, across the edge of a tile', async () => {
  let before = await checkpoint();
  for (let round = 0; round < 6; round += 1) {
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => publish(registry, { name: 'fill', version: `1.${round}.${i}` })),
    );
    const after = await checkpoint();
    const read = reader(after.size);
    expect(await treeRoot(after.size, read)).toEqual(after.root);
    const proof = await consistencyProof(before.size, after.size, read);
    expect(verifyConsistency(before.size, before.root, after.size, after.root, proof)).toBe(true);
    before = after;
  }
  expect(before.size).toBeGreaterThan(256);
});

test('entry bundles hold every leaf, chained per namespace', async () => {
  const { size } = await checkpoint();
  const full = parseEntryBundle((await call(registry, '/log/public/tile/entries/000')).bytes);
  const rest = parseEntryBundle((await call(registry, `/log/public/tile/entries/001.p/${size - 256}`)).bytes);
  const entries = [...full, ...rest];
  expect(entries).toHaveLength(size);
  let previous = '';
  entries.forEach((bytes, i) => {
    const leaf = parseLeaf(bytes);
    expect([leaf.ns, leaf.seq, leaf.prev]).toEqual(['acme', i, previous]);
    previous = Buffer.from(hashLeaf(bytes)).toString('hex');
  });
});

test('the proof of a version is a tlog-proof of its leaf', async () => {
  const text = (await call(registry, '/v1/workflows/acme/fill/1.3.7/proof')).bytes.toString();
  const proof = parseTlogProof(text);
  const { root, size } = openCheckpoint(
    proof.checkpoint,
    parseLogVerifier(registry.deps.logs.get('public').verifierKey),
  );
  const bundle = Math.floor(proof.index / 256);
  const width = Math.min(256, (await checkpoint()).size - bundle * 256);
  const path = `/log/public/tile/entries/00${bundle}${width === 256 ? '' : `.p/${width}`}`;
  const leaf = parseEntryBundle((await call(registry, path)).bytes)[proof.index % 256];
  expect(verifyInclusion(hashLeaf(leaf ?? new Uint8Array()), proof.index, size, proof.hashes, root)).toBe(
    true,
  );
});

test('two sequencers on one database make one log', async () => {
  const other = createLogs({
    db: registry.db,
    objects: registry.deps.objects,
    signer: { origin: registry.origin, key: registry.logKey },
    afterAppend: [],
    now: () => Date.now(),
    failpoint: noFailpoint,
    report: () => undefined,
  }).get('public').sequencer;
  const before = await checkpoint();
  const ticker = setInterval(() => void other.settle(), 2);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => publish(registry, { name: 'pair', version: `1.0.${i}` })),
  );
  clearInterval(ticker);
  await other.settle();
  expect(answers.every((a) => a.status === 201)).toBe(true);
  const after = await checkpoint();
  expect(after.size - before.size).toBe(30);
  expect(await treeRoot(after.size, reader(after.size))).toEqual(after.root);
});
