import { type Namespace, parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { sha256Hex } from '../digest.js';
import { encodeBase64 } from '../encoding/base64.js';
import { hexOf } from '../encoding/bytes.js';
import { spkiOf } from '../keys/public-key.js';
import type { KeyId, SigningKey } from '../keys/types.js';
import { formatCheckpoint } from '../log/checkpoint.js';
import type { LeafBase } from '../log/leaf/base.js';
import type { PublishLeaf } from '../log/leaf/publish.js';
import { encodeLeaf, type Leaf, parseLeaf } from '../log/leaf.js';
import { hashLeaf, inclusionProof, treeRoot } from '../log/merkle.js';
import { signNote } from '../log/note.js';
import type { LoggedLeaf } from '../receipt/logged-leaf.js';
import type { Standing } from '../standing/standing.js';
import {
  encodeEnvelope,
  type Envelope,
  PAYLOAD_TYPE_KEY_EVENT,
  signEnvelope,
} from '../statement/envelope.js';
import { encodeKeyEvent, type KeyEvent } from '../statement/key-event.js';
import { readerOf } from './tree.js';
import { LOG_KEY, ORIGIN, REGISTRY } from './world.js';

/** What a leaf says beyond its place in a chain. */
export type LeafBody = DistributiveOmit<Leaf, keyof LeafBase>;

/** A log in memory with one namespace, `acme`, unless told otherwise. It chains leaves and checks nothing else. */
export interface WorldLog {
  readonly leaves: Uint8Array[];
  /** Every signed key event, by its log index. */
  readonly events: Map<number, Envelope>;
  /** Appends a leaf and answers its index. */
  readonly append: (body: LeafBody, ns?: string) => number;
  /** `others` sign beside the new key. */
  readonly addKey: (key: SigningKey, others?: readonly SigningKey[], recovery?: true) => number;
  readonly revokeKey: (
    key: SigningKey,
    by: readonly SigningKey[],
    fromIndex?: number,
    recovery?: true,
  ) => number;
  readonly setPolicy: (threshold: number, by: readonly SigningKey[], replaces?: number) => number;
  /** A publish leaf of `acme/deploy`; the bytes behind it do not exist. */
  readonly publish: (version: string, keys: readonly SigningKey[], auth: readonly number[]) => number;
  readonly publishAt: (index: number) => { readonly index: number; readonly leaf: PublishLeaf };
  readonly checkpoint: () => Promise<string>;
  readonly logged: (index: number) => Promise<LoggedLeaf>;
  /** The standing document of some leaves. */
  readonly standing: (indexes: readonly number[]) => Promise<Standing>;
}

export function createWorldLog(): WorldLog {
  const leaves: Uint8Array[] = [];
  const events = new Map<number, Envelope>();
  const chains = new Map<string, { readonly seq: number; readonly prev: string }>();
  const hashes = () => leaves.map(hashLeaf);

  function append(body: LeafBody, ns = 'acme'): number {
    const chain = chains.get(ns) ?? { seq: 0, prev: '' };
    const bytes = encodeLeaf({
      v: 1,
      ...chain,
      ns: parseNamespace(ns),
      t: 1_700_000_000 + leaves.length,
      ...body,
    });
    chains.set(ns, { seq: chain.seq + 1, prev: hexOf(hashLeaf(bytes)) });
    return leaves.push(bytes) - 1;
  }
  function appendSigned(
    event: DistributiveOmit<KeyEvent, 'registry' | 'namespace'>,
    by: readonly SigningKey[],
    body: (signed: { readonly by: readonly KeyId[]; readonly event: string }) => LeafBody,
  ): number {
    const named = { ...event, registry: REGISTRY, namespace: 'acme' } as KeyEvent;
    const envelope = signEnvelope(PAYLOAD_TYPE_KEY_EVENT, encodeKeyEvent(named), by);
    const index = append(
      body({ by: by.map(({ publicKey }) => publicKey.id), event: sha256Hex(encodeEnvelope(envelope)) }),
    );
    events.set(index, envelope);
    return index;
  }
  async function checkpoint(): Promise<string> {
    const root = await treeRoot(leaves.length, readerOf(hashes()));
    return signNote(formatCheckpoint({ origin: ORIGIN, size: leaves.length, root }), ORIGIN, LOG_KEY);
  }
  async function logged(index: number): Promise<LoggedLeaf> {
    const proof = await inclusionProof(index, leaves.length, readerOf(hashes()));
    return { index, leaf: leaves[index] ?? new Uint8Array(0), proof };
  }

  return {
    leaves,
    events,
    append,
    addKey(key, others = [], recovery) {
      const publicKey = encodeBase64(spkiOf(key.publicKey));
      const flag = recovery === undefined ? {} : { recovery };
      return appendSigned({ type: 'key.add', publicKey, ...flag }, [key, ...others], (signed) => ({
        type: 'key.add',
        keyid: key.publicKey.id,
        key: publicKey,
        ...signed,
        ...flag,
      }));
    },
    revokeKey(key, by, fromIndex, recovery) {
      const what = {
        type: 'key.revoke' as const,
        keyid: key.publicKey.id,
        ...(fromIndex === undefined
          ? { reason: 'superseded' as const }
          : { reason: 'compromised' as const, fromIndex }),
        ...(recovery === undefined ? {} : { recovery }),
      };
      return appendSigned(what, by, (signed) => ({ ...what, ...signed }));
    },
    setPolicy(threshold, by, replaces) {
      const what = {
        type: 'ns.policy' as const,
        threshold,
        ...(replaces === undefined ? {} : { replaces }),
      };
      return appendSigned(what, by, (signed) => ({ ...what, ...signed }));
    },
    publish: (version, keys, auth) =>
      append({
        type: 'publish',
        name: parseWorkflowName('deploy'),
        version: parseVersion(version),
        tar: { sha256: 'a'.repeat(64), size: 1024 },
        blob: { sha256: 'b'.repeat(64), size: 100, enc: 'gzip' },
        envelope: 'c'.repeat(64),
        keyids: keys.map(({ publicKey }) => publicKey.id),
        auth,
      }),
    publishAt(index) {
      const leaf = parseLeaf(leaves[index] ?? new Uint8Array(0));
      if (leaf.type !== 'publish') throw new Error(`leaf ${index} is no publish`);
      return { index, leaf };
    },
    checkpoint,
    logged,
    standing: async (indexes) => ({
      events: await Promise.all(indexes.map(logged)),
      checkpoint: await checkpoint(),
    }),
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The namespace of every leaf that names no other. */
export const WORLD_NAMESPACE: Namespace = parseNamespace('acme');
