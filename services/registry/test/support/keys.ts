import {
  encodeEnvelope,
  encodeKeyEvent,
  generateSigningKey,
  PAYLOAD_TYPE_KEY_EVENT,
  signEnvelope,
  spkiOf,
  type KeyAddEvent,
  type KeyEvent,
  type KeyId,
  type KeyRevokeEvent,
  type NamespacePolicyEvent,
  type SigningKey,
} from '@sheaf/bundle';
import { sql } from 'kysely';
import type { NamespaceDocument } from '@sheaf/client/contract';
import type { TestRegistry } from './test-registry.js';
import { call, callJson, sendKey, type Answer } from './upload.js';

type Said<E extends KeyEvent> = Omit<E, 'type' | 'registry' | 'namespace'>;

/** A namespace whose keys a test changes. Every method sends a signed event and answers what the registry says. */
export interface KeyBench {
  add(key: SigningKey, by: readonly SigningKey[], options?: Bench<KeyAddEvent>): Promise<Answer>;
  revoke(keyid: KeyId, by: readonly SigningKey[], options?: Bench<KeyRevokeEvent>): Promise<Answer>;
  policy(
    threshold: number,
    by: readonly SigningKey[],
    options?: Bench<NamespacePolicyEvent>,
  ): Promise<Answer>;
  document(): Promise<NamespaceDocument>;
}

type Bench<E extends KeyEvent> = Partial<Said<E>> & { readonly token?: string };

/** An event, signed by the given keys. */
export function signEvent(event: KeyEvent, keys: readonly SigningKey[]): Buffer {
  return Buffer.from(encodeEnvelope(signEnvelope(PAYLOAD_TYPE_KEY_EVENT, encodeKeyEvent(event), keys)));
}

export function benchOf(registry: TestRegistry, namespace: string): KeyBench {
  const base = { registry: registry.origin, namespace } as const;
  return {
    add: (key, by, { token, ...said } = {}) => {
      const publicKey = Buffer.from(spkiOf(key.publicKey)).toString('base64');
      const event: KeyAddEvent = { type: 'key.add', ...base, publicKey, ...said };
      return sendKey(registry, signEvent(event, [key, ...by]), token);
    },
    revoke: (keyid, by, { token, ...said } = {}) => {
      const event: KeyRevokeEvent = { type: 'key.revoke', ...base, keyid, reason: 'superseded', ...said };
      return sendKey(registry, signEvent(event, by), token);
    },
    policy: (threshold, by, { token, ...said } = {}) => {
      const event: NamespacePolicyEvent = { type: 'ns.policy', ...base, threshold, ...said };
      return sendKey(registry, signEvent(event, by), token);
    },
    document: async () =>
      (await call(registry, `/v1/namespaces/${namespace}`)).json as unknown as NamespaceDocument,
  };
}

/** A namespace with so many active keys. */
export async function openBench(
  registry: TestRegistry,
  namespace: string,
  keys: number,
): Promise<{ readonly bench: KeyBench; readonly keys: readonly SigningKey[] }> {
  await callJson(registry, 'POST', '/v1/namespaces', { name: namespace });
  const bench = benchOf(registry, namespace);
  const made: SigningKey[] = [];
  for (let i = 0; i < keys; i++) {
    const key = generateSigningKey();
    const answer = await bench.add(key, made.slice(0, 1));
    if (answer.status !== 201) throw new Error(`key ${i} was refused: ${JSON.stringify(answer.json)}`);
    made.push(key);
  }
  return { bench, keys: made };
}

/** A token of the owner that names the scope `recovery`, of the given age. */
export async function recoveryToken(registry: TestRegistry, ageSeconds = 0): Promise<string> {
  const { json } = await callJson(registry, 'POST', '/v1/tokens', {
    name: 'lost keys',
    scopes: ['recovery'],
  });
  await sql`update tokens set created_at = created_at - make_interval(secs => ${ageSeconds}) where id = ${json['id']}`.execute(
    registry.db,
  );
  return String(json['token']);
}

export const said = (answer: Answer): string =>
  `${answer.status} ${typeof answer.json['code'] === 'string' ? answer.json['code'] : 'ok'}`;
