import { canonicalJson } from '../../src/encoding/canonical-json.js';
import {
  encodeBase64,
  encodeEnvelope,
  type Leaf,
  parseLeaf,
  sha256Hex,
  signingKeyFromSeed,
  spkiOf,
} from '../../src/index.js';
import { createWorldLog, type WorldLog } from '../../src/testing/world-log.js';

/** The events of a namespace's keys, and the code that must refuse them as a whole. */
export interface RefusedHistory {
  readonly kind: 'history';
  readonly why: string;
  readonly code: string;
  readonly namespace: string;
  readonly events: readonly (readonly [index: number, leaf: string])[];
}

/** A signed key event that is not the one that a leaf records. */
export interface RefusedEvent {
  readonly kind: 'event';
  readonly why: string;
  readonly code: string;
  readonly registry: string;
  readonly envelope: string;
  readonly leaf: string;
  readonly keys: readonly string[];
}

type Key = ReturnType<typeof signingKeyFromSeed>;
const keyOf = (seed: number): Key => signingKeyFromSeed(new Uint8Array(32).fill(seed));
const [A, B, C, D] = [keyOf(21), keyOf(22), keyOf(23), keyOf(24)] as const;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

type Case = readonly [
  why: string,
  code: string,
  log: (log: WorldLog) => unknown,
  from?: (events: Events) => Events,
];
type Events = readonly (readonly [number, string])[];

/** Each goes on from a namespace with the keys A (index 1) and B (index 2). */
const CASES: readonly Case[] = [
  ['a key that nobody vouched for', 'key.unauthorised', (log) => log.addKey(C)],
  ['a key that a stranger vouched for', 'key.unauthorised', (log) => log.addKey(C, [D])],
  ['a recovery that a stranger signed too', 'key.unauthorised', (log) => log.addKey(C, [D], true)],
  ['a key twice', 'key.unauthorised', (log) => log.addKey(B, [A])],
  ['a revoked key added again', 'key.unauthorised', (log) => [log.revokeKey(B, [A]), log.addKey(B, [A])]],
  [
    'a revoked key added by recovery',
    'key.unauthorised',
    (log) => [log.revokeKey(B, [A]), log.addKey(B, [], true)],
  ],
  [
    'a key that a revoked key vouched for',
    'key.unauthorised',
    (log) => [log.revokeKey(A, [A]), log.addKey(C, [A])],
  ],
  [
    'a key vouched for by too few',
    'key.unauthorised',
    (log) => [log.setPolicy(2, [A, B]), log.addKey(C, [A])],
  ],
  ['a key that did not sign for itself', 'key.unauthorised', (log) => log.append(addLeaf(C, [A]))],
  ['a revocation by a stranger', 'key.unauthorised', (log) => log.revokeKey(A, [D])],
  [
    'a revocation by recovery that a stranger signed',
    'key.unauthorised',
    (log) => log.revokeKey(A, [D], undefined, true),
  ],
  ['a revocation of a key that is none', 'key.unauthorised', (log) => log.revokeKey(C, [A])],
  [
    'a revocation by too few',
    'key.unauthorised',
    (log) => [log.addKey(C, [A]), log.setPolicy(2, [A, B]), log.revokeKey(C, [A])],
  ],
  ['a revocation from an index that is yet to come', 'key.unauthorised', (log) => log.revokeKey(B, [A], 4)],
  [
    'a further revocation that refuses no more',
    'key.unauthorised',
    (log) => [log.revokeKey(B, [A]), log.revokeKey(B, [A], 3)],
  ],
  [
    'a further revocation as superseded',
    'key.unauthorised',
    (log) => [log.revokeKey(B, [A], 2), log.revokeKey(B, [A])],
  ],
  [
    'a further revocation by the key itself',
    'key.unauthorised',
    (log) => [log.revokeKey(B, [B]), log.revokeKey(B, [B], 1)],
  ],
  [
    'a fourth revocation',
    'key.unauthorised',
    (log) => [log.revokeKey(B, [A]), ...[2, 1, 0].map((i) => log.revokeKey(B, [A], i))],
  ],
  ['a policy of more keys than there are', 'key.unauthorised', (log) => log.setPolicy(3, [A, B])],
  ['a policy of more keys than signed it', 'key.unauthorised', (log) => log.setPolicy(2, [A])],
  ['a policy that a stranger signed', 'key.unauthorised', (log) => log.setPolicy(1, [D])],
  [
    'a policy that replaces none though there is one',
    'key.unauthorised',
    (log) => [log.setPolicy(1, [A]), log.setPolicy(2, [A, B])],
  ],
  ['a policy that replaces one that is not there', 'key.unauthorised', (log) => log.setPolicy(1, [A], 0)],
  [
    'a policy that replaces one that was replaced',
    'key.unauthorised',
    (log) => [log.setPolicy(1, [A]), log.setPolicy(2, [A, B], 3), log.setPolicy(1, [A, B], 3)],
  ],
  [
    'a relaxed policy that too few signed',
    'key.unauthorised',
    (log) => [log.setPolicy(2, [A, B]), log.setPolicy(1, [A], 3)],
  ],
  ['the first key is left out', 'key.unauthorised', () => undefined, (events) => events.slice(1)],
  ['a leaf that is not about keys', 'leaf.mismatch', (log) => log.publish('1.0.0', [A], [1])],
  [
    'the first key has two neighbours of its number',
    'leaf.chain',
    (log) => log.setPolicy(1, [A]),
    (events) =>
      events.map(([index, leaf]) =>
        index === 3 ? [index, changed(leaf, { seq: 2, prev: 'a'.repeat(64) })] : [index, leaf],
      ),
  ],
  [
    'a leaf names another one before it',
    'leaf.chain',
    (log) => log.setPolicy(1, [A]),
    (events) =>
      events.map(([index, leaf]) =>
        index === 3 ? [index, changed(leaf, { prev: 'a'.repeat(64) })] : [index, leaf],
      ),
  ],
  [
    'two leaves at one index',
    'standing.invalid',
    (log) => log.setPolicy(1, [A]),
    (events) => [
      ...events,
      ...events.slice(-1).map(([index, leaf]) => [index, changed(leaf, { t: 1 })] as const),
    ],
  ],
];

function addLeaf(key: Key, by: readonly Key[]) {
  return {
    type: 'key.add' as const,
    keyid: key.publicKey.id,
    key: encodeBase64(spkiOf(key.publicKey)),
    by: by.map(({ publicKey }) => publicKey.id),
    event: 'e'.repeat(64),
  };
}

function changed(leaf: string, change: object): string {
  return text(canonicalJson({ ...(JSON.parse(leaf) as Record<string, string>), ...change }));
}

export function refusedHistories(): readonly RefusedHistory[] {
  return CASES.map(([why, code, go, then = (events) => events]) => {
    const log = createWorldLog();
    log.append({ type: 'ns.create' });
    log.addKey(A);
    log.addKey(B, [A]);
    go(log);
    const events = log.leaves.map((leaf, index) => [index, text(leaf)] as const).slice(1);
    return { kind: 'history', why, code, namespace: 'acme', events: then(events) };
  });
}

/** What a registry could log that nobody, or somebody else, has signed. */
export function refusedEvents(): readonly RefusedEvent[] {
  const log = createWorldLog();
  log.append({ type: 'ns.create' });
  log.addKey(A);
  const added = log.addKey(B, [A]);
  const revoked = log.revokeKey(B, [A], 1);
  const policy = log.setPolicy(1, [A]);
  const cases: readonly (readonly [
    string,
    string,
    number,
    (leaf: Leaf, event: string) => object,
    string?,
  ])[] = [
    ['another envelope', 'envelope.digest', added, () => ({ event: 'a'.repeat(64) })],
    [
      'a signer who has not signed',
      'signature.invalid',
      policy,
      () => ({ by: [A.publicKey.id, B.publicKey.id] }),
    ],
    ['a signer whom nobody knows', 'key.unauthorised', policy, () => ({ by: [D.publicKey.id] })],
    [
      'another key',
      'key.unauthorised',
      added,
      () => ({ keyid: C.publicKey.id, key: encodeBase64(spkiOf(C.publicKey)) }),
    ],
    ['a recovery that was none', 'key.unauthorised', added, () => ({ recovery: true })],
    ['another index', 'key.unauthorised', revoked, () => ({ fromIndex: 0 })],
    ['another threshold', 'key.unauthorised', policy, () => ({ threshold: 2 })],
    [
      'another type',
      'key.unauthorised',
      policy,
      (_, event) => ({ ...addLeaf(B, [A]), event, threshold: undefined }),
    ],
    ['another registry', 'key.unauthorised', policy, () => ({}), 'evil.example.com'],
    ['another namespace', 'key.unauthorised', policy, () => ({ ns: 'evil' })],
  ];
  return cases.map(([why, code, index, change, registry = 'wf.example.com']) => {
    const envelope = log.events.get(index);
    const leaf = log.leaves[index];
    if (envelope === undefined || leaf === undefined) throw new Error('no such event');
    const bytes = encodeEnvelope(envelope);
    return {
      kind: 'event',
      why,
      code,
      registry,
      envelope: text(bytes),
      leaf: changed(text(leaf), change(parseLeaf(leaf), sha256Hex(bytes))),
      keys: [A, B, C].map(({ publicKey }) => encodeBase64(spkiOf(publicKey))),
    };
  });
}
