import { readFileSync, writeFileSync } from 'node:fs';
import { parseNamespace } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import {
  checkEventLeaf,
  decodeKeyFile,
  findBase64,
  foldKeyHistory,
  gunzipTar,
  isKeyLeaf,
  openCheckpoint,
  openNote,
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
import { verifyRelease } from './support/verify-release.js';

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
