import {
  BundleError,
  checkEventLeaf,
  isKeyLeaf,
  parseLeaf,
  publicKeyFromSpki,
  type KeyLeaf,
  type PublicKey,
  type Standing,
  type StandingEvent,
} from '@sheaf/bundle';
import type { Namespace } from '@sheaf/workflow';
import { ClientError } from '../errors.js';

/** Asks a registry for the key history of a namespace, unverified. */
export type FetchKeyHistory = (namespace: Namespace) => Promise<Standing>;

/** Whose key events are held against what their keys have signed. */
export interface SignedEventsDeps {
  readonly fetchKeyHistory?: FetchKeyHistory | undefined;
  /** The registry's origin, as pinned. */
  readonly registry: string;
  readonly watched: ReadonlySet<string>;
}

/** An entry that is proven to be in the log. */
interface Entry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/**
 * The log holds of a key event only who signed it, by the registry's word, and the hash of the envelope. Asks for the
 * envelopes of the namespaces that are watched, once for each, and tells which entries their keys have not signed.
 *
 * @returns by log index what is wrong
 * @throws ClientError what asking throws: then nothing can be said
 */
export async function findUnsigned(
  deps: SignedEventsDeps,
  entries: readonly Entry[],
): Promise<ReadonlyMap<number, ClientError>> {
  const { fetchKeyHistory, watched, registry } = deps;
  const problems = new Map<number, ClientError>();
  if (fetchKeyHistory === undefined || watched.size === 0) return problems;
  const byNamespace = new Map<Namespace, (Entry & { readonly leaf: KeyLeaf })[]>();
  for (const entry of entries) {
    const leaf = findKeyLeaf(entry.bytes);
    if (leaf === undefined || !watched.has(leaf.ns)) continue;
    byNamespace.set(leaf.ns, [...(byNamespace.get(leaf.ns) ?? []), { ...entry, leaf }]);
  }
  for (const [namespace, events] of byNamespace) {
    const history = await fetchKeyHistory(namespace);
    const signed = new Map(history.events.map((event) => [event.index, event]));
    const keys = keysOf([...events.map(({ leaf }) => leaf), ...history.events.flatMap(keyLeafOf)]);
    for (const { index, bytes, leaf } of events) {
      const problem = findProblem(signed.get(index), bytes, () => {
        const envelope = signed.get(index)?.envelope;
        if (envelope !== undefined) checkEventLeaf(envelope, leaf, keys, registry);
      });
      if (problem !== undefined) problems.set(index, unsigned(index, leaf, problem));
    }
  }
  return problems;
}

function findProblem(
  event: StandingEvent | undefined,
  bytes: Uint8Array,
  check: () => void,
): string | undefined {
  if (event === undefined) return 'the registry does not show what was signed';
  if (!Buffer.from(bytes).equals(event.leaf)) return 'the registry shows another event in its place';
  if (event.envelope === undefined) return 'the registry does not show what was signed';
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof BundleError) return error.message;
    throw error;
  }
}

function unsigned(index: number, { ns, type }: KeyLeaf, problem: string): ClientError {
  return new ClientError(
    'audit.authority',
    `the leaf at log index ${index} is a ${type} of ${ns} that its keys have not signed: ${problem}`,
  );
}

/** The keys that leaves add, each by its own bytes: an id is the hash of its key, so nobody can put another in its place. */
function keysOf(leaves: readonly KeyLeaf[]): readonly PublicKey[] {
  const keys = leaves.flatMap((leaf) => (leaf.type === 'key.add' ? [publicKeyFromSpki(leaf.key)] : []));
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}

function keyLeafOf({ leaf }: StandingEvent): readonly KeyLeaf[] {
  const found = findKeyLeaf(leaf);
  return found === undefined ? [] : [found];
}

function findKeyLeaf(bytes: Uint8Array): KeyLeaf | undefined {
  try {
    const leaf = parseLeaf(bytes);
    return isKeyLeaf(leaf) ? leaf : undefined;
  } catch (error) {
    // What is malformed is told of as such, elsewhere.
    if (error instanceof BundleError) return undefined;
    throw error;
  }
}
