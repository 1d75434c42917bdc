import { readFileSync, writeFileSync } from 'node:fs';
import { parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import {
  checkStanding,
  encodeBase64,
  encodeEnvelope,
  encodeKeyEvent,
  encodeStanding,
  type Envelope,
  findBase64,
  hashLeaf,
  type KeyEvent,
  packCarryFile,
  parseKeyEvent,
  parseLeaf,
  parseReceipt,
  parseStanding,
  proveKeyHistory,
  readCarryFile,
  sha256Hex,
  signingKeyFromSeed,
  spkiOf,
  type Standing,
} from '../src/index.js';
import { codeOf } from '../src/testing/codes.js';
import { createWorldLog, WORLD_NAMESPACE } from '../src/testing/world-log.js';
import { PUBLISHER, REGISTRY, STRANGER } from '../src/testing/world.js';

const VECTORS = new URL('../vectors/v1/', import.meta.url);
const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, VECTORS)));
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const RECOVERED = signingKeyFromSeed(new Uint8Array(32).fill(9));

/** A namespace whose keys change around three releases, and every type of leaf. */
const RELEASE = { name: parseWorkflowName('deploy'), version: parseVersion('1.0.0') };
const log = createWorldLog();
log.append({ type: 'ns.create' });
const first = log.addKey(PUBLISHER);
const alone = log.publish('1.0.0', [PUBLISHER], [first]);
const second = log.addKey(STRANGER, [PUBLISHER]);
const policy = log.setPolicy(2, [PUBLISHER, STRANGER]);
const both = log.publish('1.1.0', [PUBLISHER, STRANGER], [first, second]);
const tooFew = log.publish('1.2.0', [PUBLISHER], [first]);
const deprecated = log.append({
  type: 'deprecate',
  ...RELEASE,
  reason: 'old',
  replacement: 'acme/deploy@1.1.0',
});
log.append({ type: 'undeprecate', ...RELEASE });
log.append({ type: 'yank', ...RELEASE, reason: 'broken' });
log.append({ type: 'unyank', ...RELEASE, reason: 'mended' });
const quarantined = log.append({ type: 'quarantine', ...RELEASE, reason: 'malware' });
log.append({ type: 'unquarantine', ...RELEASE });
const superseded = log.revokeKey(STRANGER, [STRANGER]);
const compromised = log.revokeKey(PUBLISHER, [PUBLISHER], both);
// Both turn out to have been stolen earlier than was known; only a recovered key is left to say so.
const recovered = log.addKey(RECOVERED, [], true);
const stolen = log.revokeKey(STRANGER, [RECOVERED], both, true);
const stolenBefore = log.revokeKey(PUBLISHER, [RECOVERED], alone, true);

const events: readonly KeyEvent[] = [
  { type: 'key.add', publicKey: encodeBase64(spkiOf(PUBLISHER.publicKey)) } as const,
  { type: 'key.add', publicKey: encodeBase64(spkiOf(PUBLISHER.publicKey)), recovery: true } as const,
  { type: 'key.revoke', keyid: PUBLISHER.publicKey.id, reason: 'superseded' } as const,
  { type: 'key.revoke', keyid: PUBLISHER.publicKey.id, reason: 'compromised', fromIndex: 7 } as const,
  { type: 'ns.policy', threshold: 2 } as const,
  { type: 'ns.policy', threshold: 1, replaces: 9 } as const,
].map((event) => ({ ...event, registry: REGISTRY, namespace: 'acme' }));

/** What {@link checkStanding} says of a release, given these leaves. */
const standingCases = [
  { name: 'nothing more', publish: alone, events: [] },
  { name: 'the newest state decides', publish: alone, events: [deprecated, quarantined] },
  { name: 'a policy asks for two', publish: both, events: [policy] },
  { name: 'a policy asks for one more', publish: tooFew, events: [policy] },
  { name: 'superseded afterwards', publish: both, events: [policy, superseded] },
  { name: 'compromised before', publish: both, events: [policy, superseded, compromised] },
  { name: 'compromised after', publish: alone, events: [compromised] },
  { name: 'superseded, then compromised before', publish: both, events: [policy, superseded, stolen] },
  { name: 'compromised again, from before', publish: alone, events: [compromised, stolenBefore] },
];

function outcomeOf(publish: number, indexes: readonly number[]) {
  const placed = indexes.map((index) => ({ index, leaf: leafAt(index) }));
  let standing: unknown;
  const code = codeOf(() => (standing = checkStanding(placed, log.publishAt(publish))));
  return standing === undefined ? { code } : { standing };
}

function leafAt(index: number): Uint8Array {
  return log.leaves[index] ?? new Uint8Array(0);
}

/** All events of the namespace's keys, each with its signed envelope. */
async function keyHistory(): Promise<Standing> {
  const { events, checkpoint } = await log.standing(keyLeaves);
  return {
    checkpoint,
    events: events.map((event) => {
      const envelope = log.events.get(event.index);
      if (envelope === undefined) throw new Error(`nobody signed the leaf at ${event.index}`);
      return { ...event, envelope };
    }),
  };
}

const keyLeaves = [first, second, policy, superseded, compromised, recovered, stolen, stolenBefore];
const carry = packCarryFile({ blob: read('bundle.tar.gz'), ...receiptOf() });
function receiptOf() {
  const receipt = parseReceipt(read('receipt.json'));
  return { receipt, envelope: receipt.envelope };
}

const regenerated: Readonly<Record<string, unknown>> = {
  'key-events.json': {
    events: events.map((event) => ({ event, canonical: textOf(encodeKeyEvent(event)) })),
    signed: [...log.events].map(([index, envelope]) => signedVector(index, envelope)),
  },
  'leaves.json': log.leaves.map((leaf, index) => ({
    index,
    leaf: textOf(leaf),
    hash: hexOf(hashLeaf(leaf)),
  })),
  'standing.json': {
    document: textOf(encodeStanding(await keyHistory())),
    keys: keysOf(await keyHistory()),
    releases: standingCases.map((release) => ({ ...release, ...outcomeOf(release.publish, release.events) })),
  },
  'carry.json': {
    holds: ['bundle.tar.gz', 'receipt.json'],
    size: carry.length,
    sha256: sha256Hex(carry),
    file: encodeBase64(carry),
  },
};

function signedVector(index: number, envelope: Envelope) {
  return {
    leaf: index,
    envelope: textOf(encodeEnvelope(envelope)),
    sha256: sha256Hex(encodeEnvelope(envelope)),
  };
}

function keysOf(standing: Standing) {
  const { keys, ...rest } = proveKeyHistory(standing.events, {
    registry: REGISTRY,
    namespace: WORLD_NAMESPACE,
  });
  return {
    ...rest,
    keys: keys.map(({ publicKey, ...key }) => ({ ...key, publicKey: encodeBase64(publicKey.raw) })),
  };
}

if (process.env['SHEAF_WRITE_VECTORS'] === '1') {
  for (const [name, value] of Object.entries(regenerated)) {
    writeFileSync(new URL(name, VECTORS), `${JSON.stringify(value, null, 2)}\n`);
  }
}

describe('the golden vectors of key events, leaves, standings and carry files', () => {
  it.each(Object.keys(regenerated))('%s is made again to the byte', (name) => {
    expect(textOf(read(name))).toBe(`${JSON.stringify(regenerated[name], null, 2)}\n`);
  });

  it('cover every type of leaf', () => {
    expect(new Set(log.leaves.map((leaf) => parseLeaf(leaf).type)).size).toBe(11);
  });

  it('read back to what they were made of', () => {
    for (const event of events) expect(parseKeyEvent(encodeKeyEvent(event))).toEqual(event);
    const file = JSON.parse(textOf(read('carry.json'))) as { readonly file: string };
    expect(readCarryFile(findBase64(file.file) ?? carry).blob).toEqual(read('bundle.tar.gz'));
    const { document } = JSON.parse(textOf(read('standing.json'))) as { readonly document: string };
    expect(parseStanding(new TextEncoder().encode(document)).events.map(({ index }) => index)).toEqual(
      keyLeaves,
    );
  });
});
