import { readFileSync, writeFileSync } from 'node:fs';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import {
  checkAuthority,
  checkBlob,
  checkBundleStatement,
  checkChain,
  checkEnvelope,
  checkEventLeaf,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  checkStanding,
  checkStatement,
  decodeKeyFile,
  encodeBase64,
  findBase64,
  foldKeyHistory,
  gunzipTar,
  isKeyLeaf,
  logVerifierOf,
  openCheckpoint,
  openNote,
  openVerifiedBundle,
  parseEnvelope,
  parseKeyEvent,
  parseLeaf,
  parseLogVerifier,
  parseReceipt,
  parseStanding,
  parseTlogProof,
  parseWitnessPolicy,
  parseWitnessVerifier,
  publicKeyFromSpki,
  readBundle,
  readCarryFile,
  readTar,
  verifyEnvelope,
} from '../src/index.js';
import { codeOfAsync } from '../src/testing/codes.js';
import { type Accepted, acceptedInputs } from './support/accepted-inputs.js';
import { type Refused, sparseBytes } from './support/refused.js';
import { refusedInputs } from './support/refused-inputs.js';
import {
  type RefusedEvent,
  refusedEvents,
  refusedHistories,
  type RefusedHistory,
} from './support/refused-histories.js';
import {
  acceptedReleases,
  type AcceptedRelease,
  type RefusedRelease,
  refusedReleases,
} from './support/refused-releases.js';

const VECTORS = new URL('../vectors/v1/', import.meta.url);
const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, VECTORS)));
const bytesOf = (base64: string): Uint8Array => findBase64(base64) ?? new Uint8Array(0);

const blob = read('bundle.tar.gz');
type Vector = Refused | RefusedRelease | RefusedHistory | RefusedEvent;
const regenerated: readonly Vector[] = [
  ...refusedInputs(blob, read('bundle.tar').length, new TextDecoder().decode(read('receipt.json'))),
  ...(await refusedReleases(blob)),
  ...refusedHistories(),
  ...refusedEvents(),
];
const text = `[\n${regenerated.map((vector) => JSON.stringify(vector)).join(',\n')}\n]\n`;

const acceptedText = `[\n${[...acceptedInputs(), ...(await acceptedReleases(blob))]
  .map((vector) => JSON.stringify(vector))
  .join(',\n')}\n]\n`;

if (process.env['SHEAF_WRITE_VECTORS'] === '1') {
  writeFileSync(new URL('refused.json', VECTORS), text);
  writeFileSync(new URL('accepted.json', VECTORS), acceptedText);
}

const vectors = JSON.parse(new TextDecoder().decode(read('refused.json'))) as readonly Vector[];

/** Does with a vector what its kind says. */
async function take(vector: Vector): Promise<unknown> {
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
    case 'bundle':
      return readBundle(sparseBytes(vector.archive));
    case 'key-file':
      return decodeKeyFile(vector.file, vector.passphrase);
    case 'log-key':
      return parseLogVerifier(vector.vkey);
    case 'witness-key':
      return parseWitnessVerifier(vector.vkey);
    case 'witness-policy':
      return parseWitnessPolicy(vector.policy, 'witness.policy');
    case 'checkpoint':
      return openCheckpoint(vector.note, parseLogVerifier(vector.logKey));
    case 'history':
      return foldKeyHistory(placed(vector.events), parseNamespace(vector.namespace));
    case 'event': {
      const leaf = parseLeaf(new TextEncoder().encode(vector.leaf));
      if (!isKeyLeaf(leaf)) throw new Error('the leaf is not about keys');
      const keys = vector.keys.map(publicKeyFromSpki);
      return checkEventLeaf(parseEnvelope(vector.envelope), leaf, keys, vector.registry);
    }
    case 'release':
      return verifyRelease(vector);
  }
}

function placed(events: RefusedHistory['events']) {
  return events.map(([index, leaf]) => ({ index, leaf: new TextEncoder().encode(leaf) }));
}

/** The order of docs/FORMAT.md §13. What this package has no code for, it answers. */
async function verifyRelease(vector: Omit<RefusedRelease, 'code'>): Promise<string> {
  const [id = '', version = ''] = vector.expected.split('@');
  const [namespace = '', name = ''] = id.split('/');
  const receipt = parseReceipt(new TextEncoder().encode(vector.receipt));
  const standings = vector.standings.map((document) => parseStanding(new TextEncoder().encode(document)));
  const [origin = ''] = receipt.checkpoint.split('\n', 1);
  const logs = `${vector.registry}/log/`;
  if (origin.startsWith(logs) && ![`${logs}public`, logs + namespace].includes(origin)) return 'log.origin';
  const named = origin.startsWith(logs) ? origin : `${logs}public`;
  const verifier = logVerifierOf(named, parseLogVerifier(vector.logKey).publicKey);
  const checkpoint = checkReceiptCheckpoint(receipt, verifier, named);
  const newer = standings.map((standing) => checkReceiptCheckpoint(standing, verifier, named));
  for (const logged of [receipt.publish, ...receipt.authority]) checkInclusion(logged, checkpoint);
  for (const [i, { events }] of standings.entries()) {
    for (const event of events) checkInclusion(event, newer[i] ?? checkpoint);
  }
  const seen = [checkpoint, ...newer];
  const roots = new Map(seen.map(({ size, root }) => [size, encodeBase64(root)]));
  if (seen.some(({ size, root }) => roots.get(size) !== encodeBase64(root))) return 'log.fork';
  const leaf = checkPublishLeaf(receipt.publish.leaf, {
    namespace: parseNamespace(namespace),
    name: parseWorkflowName(name),
    version: parseVersion(version),
  });
  checkEnvelope(receipt, leaf);
  const keys = checkAuthority(receipt, leaf);
  const statement = checkStatement(receipt.envelope, keys, keys.length, leaf, vector.registry);
  const { state } = checkStanding(
    standings.flatMap(({ events }) => events),
    { index: receipt.publish.index, leaf },
  );
  checkChain([receipt.publish, ...receipt.authority, ...standings.flatMap(({ events }) => events)]);
  const given = bytesOf(vector.blob);
  checkBlob(given, leaf);
  checkBundleStatement(await openVerifiedBundle(given, leaf), statement);
  return state;
}

describe('the golden vectors of what is accepted', () => {
  const accepted = JSON.parse(new TextDecoder().decode(read('accepted.json'))) as readonly (
    Accepted | AcceptedRelease
  )[];

  it('are made again to the byte', () => {
    expect(new TextDecoder().decode(read('accepted.json'))).toBe(acceptedText);
  });

  it.each(accepted)('$kind: $why', async (vector) => {
    if (vector.kind === 'archive') {
      const files = readTar(sparseBytes(vector.archive));
      expect(files.map((file) => [file.path, file.bytes.length, file.executable])).toEqual(vector.files);
    } else if (vector.kind === 'release') {
      expect(await verifyRelease(vector)).toBe(vector.state);
    } else {
      expect(await codeOfAsync(Promise.resolve().then(() => take({ ...vector, code: 'nothing' })))).toBe(
        'nothing',
      );
    }
  });
});

describe('the golden vectors of what is refused', () => {
  it('are made again to the byte', () => {
    expect(new TextDecoder().decode(read('refused.json'))).toBe(text);
  });

  it.each(vectors)('$kind: $why: $code', async (vector) => {
    let answer: unknown;
    const taken = Promise.resolve()
      .then(() => take(vector))
      .then((value) => (answer = value));
    const code = await codeOfAsync(taken);
    expect(typeof answer === 'string' ? answer : code).toBe(vector.code);
  });

  it('cover every kind', () => {
    expect(new Set(vectors.map(({ kind }) => kind)).size).toBe(20);
  });
});
