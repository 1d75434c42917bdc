import {
  encodeEnvelope,
  foldKeyHistory,
  generateSigningKey,
  parseEnvelope,
  parseLeaf,
  parseStanding,
  spkiOf,
  type SigningKey,
} from '@sheaf/bundle';
import { parseNamespace } from '@sheaf/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { benchOf, openBench, recoveryToken, said, signEvent } from '../support/keys.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, countStored, send, sendKey, type Answer } from '../support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

let benches = 0;
const open = (keys: number) => openBench(registry, `keys-${(benches += 1)}`, keys);
const stranger = generateSigningKey();
const idOf = (key: SigningKey | undefined) => {
  if (!key) throw new Error('the test names a key that is not there');
  return key.publicKey.id;
};

/** Sends something that must be refused, and must leave nothing behind. */
async function refused(run: () => Promise<Answer>, expected: string): Promise<void> {
  const before = await countStored(registry);
  expect(said(await run())).toBe(expected);
  expect(await countStored(registry)).toEqual(before);
}

async function publish(namespace: string, version: string, keys: readonly SigningKey[]): Promise<string> {
  return said(await send(registry, await buildUpload(registry, { namespace, version }, keys)));
}

describe('with a threshold of two of three keys', () => {
  async function openTwoOfThree() {
    const { bench, keys } = await open(3);
    expect(said(await bench.policy(2, keys.slice(0, 2)))).toBe('201 ok');
    const policyIndex = Number(
      (
        await registry.db
          .selectFrom('namespace_policies')
          .select('log_index')
          .orderBy('id', 'desc')
          .executeTakeFirst()
      )?.log_index,
    );
    const [a, b, c] = keys;
    if (!a || !b || !c) throw new Error('there are not three keys');
    return { bench, a, b, c, policyIndex };
  }

  test('a key is added by itself and two others', async () => {
    const { bench, a, b } = await openTwoOfThree();
    const key = generateSigningKey();
    await refused(() => bench.add(key, [a]), '403 key.threshold');
    await refused(() => bench.add(key, [a, stranger]), '403 key.threshold');
    await refused(() => bench.add(key, []), '403 key.endorsement_required');
    expect(said(await bench.add(key, [a, b]))).toBe('201 ok');
    expect(said(await bench.add(key, [a, b]))).toBe('200 ok');
  });

  test('a key is revoked by itself or by two others', async () => {
    const { bench, a, b, c } = await openTwoOfThree();
    await refused(() => bench.revoke(idOf(c), [a]), '403 key.threshold');
    await refused(() => bench.revoke(idOf(c), [stranger]), '403 key.unauthorised');
    expect(said(await bench.revoke(idOf(c), [a, b]))).toBe('201 ok');
    expect(said(await bench.revoke(idOf(b), [b]))).toBe('201 ok');
    expect((await bench.document()).keys.filter((k) => k.revoked)).toHaveLength(2);
  });

  test('a policy replaces the one in force, by as many keys as the larger of the two asks for', async () => {
    const { bench, a, b, c, policyIndex } = await openTwoOfThree();
    const replaces = policyIndex;
    await refused(() => bench.policy(1, [a], { replaces }), '403 key.threshold');
    await refused(() => bench.policy(3, [a, b], { replaces }), '403 key.threshold');
    await refused(() => bench.policy(4, [a, b, c], { replaces }), '422 policy.invalid');
    await refused(() => bench.policy(1, [a, b]), '422 policy.invalid');
    await refused(() => bench.policy(1, [a, b], { replaces: replaces + 1 }), '422 policy.invalid');
    await refused(() => bench.policy(1, [stranger], { replaces }), '403 key.unauthorised');
    expect(said(await bench.policy(1, [a, b], { replaces }))).toBe('201 ok');
    expect((await bench.document()).threshold).toBe(1);
  });

  test('an old policy event does not come into force again', async () => {
    const { bench, a, b, policyIndex } = await openTwoOfThree();
    const lower = {
      type: 'ns.policy',
      registry: registry.origin,
      namespace: (await bench.document()).name,
    } as const;
    const recorded = signEvent({ ...lower, threshold: 1, replaces: policyIndex }, [a, b]);
    expect(said(await sendKey(registry, recorded))).toBe('201 ok');
    expect(said(await sendKey(registry, recorded))).toBe('200 ok');
    const inForce = Number(
      (
        await registry.db
          .selectFrom('namespace_policies')
          .select('log_index')
          .orderBy('id', 'desc')
          .executeTakeFirst()
      )?.log_index,
    );
    expect(said(await bench.policy(2, [a, b], { replaces: inForce }))).toBe('201 ok');
    await refused(() => sendKey(registry, recorded), '422 policy.invalid');
    expect((await bench.document()).threshold).toBe(2);
  });

  test('a publish needs two signatures by active keys', async () => {
    const { bench, a, b, c } = await openTwoOfThree();
    const { name } = await bench.document();
    expect(await publish(name, '1.0.0', [a])).toBe('403 key.threshold');
    expect(await publish(name, '1.0.0', [a, stranger])).toBe('403 key.threshold');
    expect(await publish(name, '1.0.0', [a, b])).toBe('201 ok');
    await bench.revoke(idOf(c), [c]);
    expect(await publish(name, '1.1.0', [a, c])).toBe('403 key.threshold');
    expect(await publish(name, '1.1.0', [a, b, c])).toBe('201 ok');
    const row = await registry.db
      .selectFrom('versions')
      .select('key_ids')
      .where('version', '=', '1.1.0')
      .execute();
    expect(row.at(-1)?.key_ids.toSorted()).toEqual([idOf(a), idOf(b)].toSorted());
  });
});

describe('a revoked key', () => {
  test('cannot publish, endorse, revoke, set a policy or come back', async () => {
    const { bench, keys } = await open(2);
    const [a, b] = keys;
    if (!a || !b) throw new Error('there are not two keys');
    expect(said(await bench.revoke(idOf(b), [a]))).toBe('201 ok');
    const { name } = await bench.document();
    await refused(
      async () => send(registry, await buildUpload(registry, { namespace: name }, b)),
      '403 key.revoked',
    );
    await refused(() => bench.add(generateSigningKey(), [b]), '403 key.revoked');
    await refused(() => bench.add(b, [a]), '403 key.revoked');
    await refused(() => bench.revoke(idOf(a), [b]), '403 key.revoked');
    await refused(() => bench.policy(1, [b]), '403 key.revoked');
    const token = await recoveryToken(registry);
    await refused(() => bench.add(b, [], { recovery: true, token }), '403 key.revoked');
  });

  test('is revoked again to refuse more and never less: the same again is a success, anything else a conflict', async () => {
    const { bench, keys } = await open(2);
    const [a, b] = keys;
    if (!a || !b) throw new Error('there are not two keys');
    const compromised = { reason: 'compromised', fromIndex: 1 } as const;
    expect(said(await bench.revoke(idOf(b), [a], compromised))).toBe('201 ok');
    const before = await countStored(registry);
    expect(said(await bench.revoke(idOf(b), [a], compromised))).toBe('200 ok');
    expect(await countStored(registry)).toEqual(before);
    await refused(() => bench.revoke(idOf(b), [a]), '409 state.conflict');
    await refused(() => bench.revoke(idOf(b), [a], { ...compromised, fromIndex: 2 }), '409 state.conflict');
    const stricter = { ...compromised, fromIndex: 0 };
    await refused(() => bench.revoke(idOf(b), [b], stricter), '403 key.revoked');
    expect(said(await bench.revoke(idOf(b), [a], stricter))).toBe('201 ok');
    expect(said(await bench.revoke(idOf(b), [a], stricter))).toBe('200 ok');
    expect(said(await bench.revoke(idOf(b), [a], compromised))).toBe('200 ok');
    expect((await bench.document()).keys[1]?.revoked).toMatchObject(stricter);
  });

  test('that was replaced and proves to be stolen is refused from an earlier index, and all of that is proven', async () => {
    const { bench, keys } = await open(2);
    const [a, b] = keys;
    if (!a || !b) throw new Error('there are not two keys');
    const { name } = await bench.document();
    expect(await publish(name, '1.0.0', [b])).toBe('201 ok');
    expect(await publish(name, '1.1.0', [b])).toBe('201 ok');
    const { logIndex } = (await call(registry, `/v1/workflows/${name}/deploy/1.0.0`)).json as {
      logIndex: number;
    };
    expect(said(await bench.revoke(idOf(b), [b]))).toBe('201 ok');
    const stolen = { reason: 'compromised', fromIndex: logIndex + 1 } as const;
    const token = await recoveryToken(registry);
    const revoke = (fromIndex: number) => bench.revoke(idOf(b), [a], { ...stolen, fromIndex, token });
    expect(said(await revoke(stolen.fromIndex))).toBe('201 ok');
    expect(said(await revoke(logIndex))).toBe('201 ok');
    await refused(() => revoke(0), '409 state.conflict');

    const history = parseStanding((await call(registry, `/v1/namespaces/${name}/keys`)).bytes);
    expect(foldKeyHistory(history.events, parseNamespace(name)).keys[1]?.revoked).toMatchObject({
      ...stolen,
      fromIndex: logIndex,
    });
    const standing = parseStanding(
      (await call(registry, `/v1/workflows/${name}/deploy/1.0.0/standing`)).bytes,
    );
    expect(standing.events.map((event) => parseLeaf(event.leaf))).toMatchObject([
      { type: 'key.revoke', reason: 'superseded' },
      { type: 'key.revoke', ...stolen },
      { type: 'key.revoke', reason: 'compromised', fromIndex: logIndex },
    ]);
  });

  test('is not revoked from an index that is yet to come, nor one that nobody registered', async () => {
    const { bench, keys } = await open(2);
    const [a, b] = keys;
    if (!a || !b) throw new Error('there are not two keys');
    const size = Number(
      (
        await registry.db
          .selectFrom('log_state')
          .select('size')
          .where('realm', '=', 'public')
          .executeTakeFirst()
      )?.size,
    );
    const late = { reason: 'compromised', fromIndex: size + 1 } as const;
    await refused(() => bench.revoke(idOf(b), [a], late), '422 key.event_invalid');
    await refused(() => bench.revoke(idOf(stranger), [a]), '404 key.not_found');
    expect(said(await bench.revoke(idOf(b), [a], { ...late, fromIndex: size }))).toBe('201 ok');
  });
});

describe('a recovery', () => {
  test('adds a key without any other, by an owner with a fresh token for it', async () => {
    const { bench, keys } = await open(1);
    const [lost] = keys;
    if (!lost) throw new Error('there is no key');
    expect(said(await bench.revoke(idOf(lost), [lost]))).toBe('201 ok');
    const key = generateSigningKey();
    await refused(() => bench.add(key, []), '403 key.endorsement_required');
    await refused(() => bench.add(key, [], { recovery: true }), '403 key.recovery_refused');
    const stale = await recoveryToken(registry, 3_700);
    await refused(() => bench.add(key, [], { recovery: true, token: stale }), '403 key.recovery_refused');
    const someone = await registry.addUser(`recoverer-${benches}`, ['recovery']);
    await refused(() => bench.add(key, [], { recovery: true, token: someone }), '403 auth.role_missing');
    const token = await recoveryToken(registry);
    expect(said(await bench.add(key, [], { recovery: true, token }))).toBe('201 ok');
    const [, added] = (await bench.document()).keys;
    expect(added).toMatchObject({ id: idOf(key), recovery: true });
    expect(await publish((await bench.document()).name, '1.0.0', [key])).toBe('201 ok');
  });

  test('revokes with one active key what the others would have to', async () => {
    const { bench, keys } = await open(3);
    const [a, b, c] = keys;
    if (!a || !b || !c) throw new Error('there are not three keys');
    await bench.policy(3, [a, b, c]);
    const token = await recoveryToken(registry);
    await refused(() => bench.revoke(idOf(b), [a]), '403 key.threshold');
    await refused(() => bench.revoke(idOf(b), [a], { recovery: true }), '403 key.recovery_refused');
    await refused(() => bench.revoke(idOf(b), [stranger], { recovery: true, token }), '403 key.unauthorised');
    expect(said(await bench.revoke(idOf(b), [a], { recovery: true, token }))).toBe('201 ok');
  });

  test('needs the possession of the new key like every addition', async () => {
    const { bench } = await open(1);
    const { name } = await bench.document();
    const event = {
      type: 'key.add',
      registry: registry.origin,
      namespace: name,
      publicKey: (await bench.document()).keys[0]?.publicKey ?? '',
      recovery: true,
    } as const;
    const token = await recoveryToken(registry);
    await refused(() => sendKey(registry, signEvent(event, [stranger]), token), '422 key.event_invalid');
  });
});

describe('a key event', () => {
  test('has an envelope of at most 8 KiB, so that the key history of its namespace stays readable', async () => {
    const { keys } = await openBench(registry, 'padded', 1);
    const key = generateSigningKey();
    const event = {
      type: 'key.add',
      registry: registry.origin,
      namespace: 'padded',
      publicKey: Buffer.from(spkiOf(key.publicKey)).toString('base64'),
    } as const;
    const envelope = parseEnvelope(signEvent(event, [key, ...keys]));
    const padded = (bytes: number) => {
      const sig = Buffer.alloc(bytes).toString('base64');
      const padding = { ...envelope, signatures: [...envelope.signatures, { sig }] };
      return sendKey(registry, Buffer.from(encodeEnvelope(padding)));
    };
    expect(said(await padded(8 << 10))).toBe('422 key.event_invalid');
    expect(said(await padded(4 << 10))).toBe('201 ok');
  });

  test('is for this registry and for a namespace that is there', async () => {
    const { bench, keys } = await open(1);
    const { name } = await bench.document();
    const event = {
      type: 'ns.policy',
      registry: 'other.example.com',
      namespace: name,
      threshold: 1,
    } as const;
    await refused(() => sendKey(registry, signEvent(event, keys)), '422 key.event_invalid');
    await refused(() => benchOf(registry, 'nobody-has-it').policy(1, keys), '404 namespace.not_found');
  });

  test('is signed by whoever made a signature, and not by whom it names', async () => {
    const { bench, keys } = await open(2);
    const event = {
      type: 'ns.policy',
      registry: registry.origin,
      namespace: (await bench.document()).name,
    } as const;
    const signedWith = (alter: (signatures: { keyid?: string; sig: string }[]) => unknown) => {
      const envelope = JSON.parse(signEvent({ ...event, threshold: 2 }, keys).toString()) as {
        signatures: { keyid?: string; sig: string }[];
      };
      return Buffer.from(JSON.stringify({ ...envelope, signatures: alter(envelope.signatures) }));
    };
    // Twice the same signature is one signature, whatever it says.
    const copied = signedWith(([first, second]) => [first, { keyid: second?.keyid, sig: first?.sig }]);
    await refused(() => sendKey(registry, copied), '403 key.threshold');
    const forged = signedWith((all) =>
      all.map(({ keyid }) => ({ keyid, sig: Buffer.alloc(64).toString('base64') })),
    );
    await refused(() => sendKey(registry, forged), '422 key.event_invalid');
    const swapped = signedWith(([first, second]) => [
      { keyid: second?.keyid, sig: first?.sig },
      { sig: second?.sig },
    ]);
    expect(said(await sendKey(registry, swapped))).toBe('201 ok');
  });

  test('takes the role of a maintainer', async () => {
    const { bench, keys } = await open(1);
    const token = await registry.addUser(`nobody-${benches}`);
    for (const run of [
      () => bench.policy(1, keys, { token }),
      () => bench.revoke(idOf(keys[0]), keys, { token }),
      () => bench.add(generateSigningKey(), keys, { token }),
    ])
      await refused(run, '403 auth.role_missing');
  });
});

test('the first key, sent several times at once, is added once, and each time is a success', async () => {
  const { bench } = await open(0);
  const key = generateSigningKey();
  const answers = await Promise.all(Array.from({ length: 8 }, () => bench.add(key, [])));
  expect(answers.map(said).sort()).toEqual([...Array<string>(7).fill('200 ok'), '201 ok']);
  expect((await bench.document()).keys.map(({ id }) => id)).toEqual([key.publicKey.id]);
});

test('of two rotations at once both are in the log, one after the other', async () => {
  const { bench, keys } = await open(1);
  const [old] = keys;
  if (!old) throw new Error('there is no key');
  const rotate = async (key: SigningKey) => [
    said(await bench.add(key, [old])),
    said(await bench.revoke(idOf(old), [old])),
  ];
  const answers = await Promise.all([rotate(generateSigningKey()), rotate(generateSigningKey())]);
  const { keys: after } = await bench.document();
  const added = answers.filter(([add]) => add === '201 ok').length;
  // Who comes after the revocation of the old key is refused; whoever was in time is active.
  expect(added).toBeGreaterThanOrEqual(1);
  expect(after.filter((k) => !k.revoked)).toHaveLength(added);
  expect(answers.flat().filter((a) => !/^(201 ok|200 ok|403 key\.revoked)$/.test(a))).toEqual([]);
});
