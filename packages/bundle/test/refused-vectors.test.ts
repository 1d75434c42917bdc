import { readFileSync, writeFileSync } from 'node:fs';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import {
  checkAuthority,
  checkBlob,
  checkBundleStatement,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  checkStanding,
  checkStatement,
  findBase64,
  gunzipTar,
  openNote,
  openVerifiedBundle,
  parseEnvelope,
  parseKeyEvent,
  parseLeaf,
  parseLogVerifier,
  parseReceipt,
  parseStanding,
  parseTlogProof,
  publicKeyFromSpki,
  readCarryFile,
  readTar,
  verifyEnvelope,
} from '../src/index.js';
import { codeOfAsync } from '../src/testing/codes.js';
import { type Refused, refusedInputs, sparseBytes } from './support/refused-inputs.js';
import { type RefusedRelease, refusedReleases } from './support/refused-releases.js';

const VECTORS = new URL('../vectors/v1/', import.meta.url);
const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, VECTORS)));
const bytesOf = (base64: string): Uint8Array => findBase64(base64) ?? new Uint8Array(0);

const blob = read('bundle.tar.gz');
const regenerated: readonly (Refused | RefusedRelease)[] = [
  ...refusedInputs(blob, read('bundle.tar').length, new TextDecoder().decode(read('receipt.json'))),
  ...(await refusedReleases(blob)),
];
const text = `[\n${regenerated.map((vector) => JSON.stringify(vector)).join(',\n')}\n]\n`;

if (process.env['SHEAF_WRITE_VECTORS'] === '1') writeFileSync(new URL('refused.json', VECTORS), text);

const vectors = JSON.parse(new TextDecoder().decode(read('refused.json'))) as readonly (
  Refused | RefusedRelease
)[];

/** Does with a vector what its kind says. */
async function take(vector: Refused | RefusedRelease): Promise<unknown> {
  switch (vector.kind) {
    case 'archive':
      return readTar(sparseBytes(vector.archive));
    case 'blob':
      return gunzipTar(bytesOf(vector.blob), vector.size);
    case 'key':
      return publicKeyFromSpki(vector.key);
    case 'envelope': {
      const keys = vector.keys.map(publicKeyFromSpki);
      return verifyEnvelope(parseEnvelope(vector.envelope), vector.payloadType, keys, vector.threshold);
    }
    case 'key-event':
      return parseKeyEvent(new TextEncoder().encode(vector.event));
    case 'leaf':
      return parseLeaf(new TextEncoder().encode(vector.leaf));
    case 'note':
      return openNote(vector.note, [parseLogVerifier(vector.logKey)]);
    case 'tlog-proof':
      return parseTlogProof(vector.proof);
    case 'receipt':
      return parseReceipt(new TextEncoder().encode(vector.receipt));
    case 'standing':
      return parseStanding(new TextEncoder().encode(vector.standing));
    case 'carry':
      return readCarryFile(sparseBytes(vector.file));
    case 'release':
      return verifyRelease(vector);
  }
}

/** The order of docs/FORMAT.md §13. */
async function verifyRelease(vector: RefusedRelease): Promise<void> {
  const [id = '', version = ''] = vector.expected.split('@');
  const [namespace = '', name = ''] = id.split('/');
  const receipt = parseReceipt(new TextEncoder().encode(vector.receipt));
  const standings = vector.standings.map((document) => parseStanding(new TextEncoder().encode(document)));
  const verifier = parseLogVerifier(vector.logKey);
  const origin = `${vector.registry}/log/public`;
  const checkpoint = checkReceiptCheckpoint(receipt, verifier, origin);
  const newer = standings.map((standing) => checkReceiptCheckpoint(standing, verifier, origin));
  for (const logged of [receipt.publish, ...receipt.authority]) checkInclusion(logged, checkpoint);
  for (const [i, { events }] of standings.entries()) {
    for (const event of events) checkInclusion(event, newer[i] ?? checkpoint);
  }
  const leaf = checkPublishLeaf(receipt.publish.leaf, {
    namespace: parseNamespace(namespace),
    name: parseWorkflowName(name),
    version: parseVersion(version),
  });
  checkEnvelope(receipt, leaf);
  const keys = checkAuthority(receipt, leaf);
  const statement = checkStatement(receipt.envelope, keys, keys.length, leaf, vector.registry);
  checkStanding(
    standings.flatMap(({ events }) => events),
    { index: receipt.publish.index, leaf },
  );
  const given = bytesOf(vector.blob);
  checkBlob(given, leaf);
  checkBundleStatement(await openVerifiedBundle(given, leaf), statement);
}

describe('the golden vectors of what is refused', () => {
  it('are made again to the byte', () => {
    expect(new TextDecoder().decode(read('refused.json'))).toBe(text);
  });

  it.each(vectors)('$kind: $why: $code', async (vector) => {
    const taken = Promise.resolve().then(() => take(vector));
    expect(await codeOfAsync(taken)).toBe(vector.code);
  });

  it('cover every kind', () => {
    expect(new Set(vectors.map(({ kind }) => kind)).size).toBe(12);
  });
});
