import {
  encodeEnvelope,
  hashLeaf,
  parseKeyEvent,
  PAYLOAD_TYPE_KEY_EVENT,
  publicKeyFromSpki,
  sha256Hex,
  verifyEnvelope,
  type Envelope,
  type KeyEvent,
  type Leaf,
  type PublicKey,
} from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { findSigners } from '../../src/keys/events.js';
import type { KeyHistoryRequest } from '../../src/keys/history.js';
import type { RegistryClient } from '../../src/registry-client.js';
import { ClientError } from '../../src/errors.js';
import { createTestLog } from '../../src/testing/test-log.js';
import { ORIGIN } from '../../src/testing/test-registry.js';

const URL = 'https://wf.example.com';

/** A registry in memory that only knows the keys of the namespace `acme`, and takes whatever is signed by some of them. */
export function createKeyRegistry() {
  const namespace = parseNamespace('acme');
  const log = createTestLog({ origin: `${ORIGIN}/log/public` });
  const keys: PublicKey[] = [];
  const known: number[] = [];
  const envelopes = new Map<number, { readonly envelope: Envelope }>();
  let chain = { seq: 0, prev: '' };
  const append = (leaf: object): number => {
    const index = log.append({ v: 1, ...chain, t: 1_800_000_000, ns: namespace, ...leaf } as Leaf);
    chain = { seq: chain.seq + 1, prev: Buffer.from(hashLeaf(log.leaf(index))).toString('hex') };
    return index;
  };
  append({ type: 'ns.create' });

  const take = (event: KeyEvent, envelope: Envelope): boolean => {
    const candidates = event.type === 'key.add' ? [...keys, publicKeyFromSpki(event.publicKey)] : keys;
    const by = findSigners(envelope, candidates).map(({ id }) => id);
    const keep = (index: number) => {
      known.push(index);
      envelopes.set(index, { envelope });
    };
    const common = { type: event.type, by, event: sha256Hex(encodeEnvelope(envelope)) };
    if (event.type === 'key.add') {
      const key = publicKeyFromSpki(event.publicKey);
      if (keys.some(({ id }) => id === key.id)) return false;
      keys.push(key);
      keep(append({ ...common, keyid: key.id, key: event.publicKey }));
    } else if (event.type === 'key.revoke') {
      const { keyid, reason, fromIndex } = event;
      keep(append({ ...common, keyid, reason, ...(fromIndex === undefined ? {} : { fromIndex }) }));
    } else keep(append({ ...common, threshold: event.threshold }));
    return true;
  };

  const client: KeyHistoryRequest['client'] & Pick<RegistryClient, 'registerKeyEvent'> = {
    url: URL,
    getTile: (level, index, width) => log.fetchTile(level, index, width),
    getNamespaceKeys: async () => ({
      events: await Promise.all(
        known.map(async (index) => ({ ...(await log.logged(index)), ...envelopes.get(index) })),
      ),
      checkpoint: log.checkpoint(),
    }),
    registerKeyEvent: (envelope) => {
      const { payload } = verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, candidatesOf(envelope), 1);
      const created = take(parseKeyEvent(payload), envelope);
      const document = {
        name: namespace,
        visibility: 'public',
        realm: 'public',
        threshold: 1,
        keys: [],
      } as const;
      return Promise.resolve({ created, namespace: { ...document, keys: [] } });
    },
  };
  const candidatesOf = (envelope: Envelope): readonly PublicKey[] => {
    const event = parseKeyEvent(Buffer.from(envelope.payload, 'base64'));
    return event.type === 'key.add' ? [...keys, publicKeyFromSpki(event.publicKey)] : keys;
  };
  return { namespace, log, client, types: () => known.map((index) => typeOf(log.leaf(index))) };
}

function typeOf(leaf: Uint8Array): string {
  return (JSON.parse(Buffer.from(leaf).toString()) as { type: string }).type;
}

/** The client, of whose calls the one with this number is lost: before it did anything, or only its answer. */
export function losing<C extends ReturnType<typeof createKeyRegistry>['client']>(
  client: C,
  at: number,
  when: 'before' | 'after',
): C {
  let count = 0;
  const lose = async <T>(call: () => Promise<T>): Promise<T> => {
    const isLost = count++ === at;
    if (isLost && when === 'before') throw new ClientError('network.unreachable', 'lost before');
    const answer = await call();
    if (isLost) throw new ClientError('network.unreachable', 'lost after');
    return answer;
  };
  return {
    ...client,
    getNamespaceKeys: (name, options) => lose(() => client.getNamespaceKeys(name, options)),
    registerKeyEvent: (envelope, options) => lose(() => client.registerKeyEvent(envelope, options)),
  };
}
