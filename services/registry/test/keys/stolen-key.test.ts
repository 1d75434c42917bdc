import { generateSigningKey, type SigningKey } from '@sheaf/bundle';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBench, recoveryToken, said, type KeyBench } from '../support/keys.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, countStored, send, type Answer } from '../support/upload.js';

/*
 * Somebody has a key of a namespace and the token of a maintainer. What they do with both must be something that an owner
 * can undo, and must not use up what the owner needs for it.
 */
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

let opened = 0;

interface Theft {
  readonly bench: KeyBench;
  readonly namespace: string;
  readonly thief: SigningKey;
  readonly owner: SigningKey;
  /** Of a maintainer, with all scopes. */
  readonly token: string;
}

async function openTheft(): Promise<Theft> {
  const namespace = `theft-${(opened += 1)}`;
  const { bench, keys } = await openBench(registry, namespace, 2);
  const [owner, thief] = keys;
  if (!owner || !thief) throw new Error('there are not two keys');
  const token = await registry.addUser(`maintainer-${opened}`);
  await sql`
    insert into members (namespace_id, user_id, role)
    select n.id, u.id, 'maintainer' from namespaces n, users u
    where n.name = ${namespace} and u.name = ${`maintainer-${opened}`}`.execute(registry.db);
  return { bench, namespace, thief, owner, token };
}

const publishAs = async (namespace: string, key: SigningKey, version = '1.0.0') =>
  said(await send(registry, await buildUpload(registry, { namespace, version }, key)));

/** Sends something that must be refused, and must leave nothing behind. */
async function refused(run: () => Promise<Answer>, expected: string): Promise<Answer> {
  const before = await countStored(registry);
  const answer = await run();
  expect(said(answer)).toBe(expected);
  expect(await countStored(registry)).toEqual(before);
  return answer;
}

/** As if everything in the namespace had happened a day earlier. */
async function nextDay(): Promise<void> {
  for (const table of ['keys', 'namespace_policies'])
    await sql`update ${sql.table(table)} set created_at = created_at - interval '24 hours'`.execute(
      registry.db,
    );
}

describe('a revocation that refuses published releases', () => {
  test('takes an owner and a fresh token, though a key and a maintainer would do for any other', async () => {
    const { bench, namespace, owner, thief, token } = await openTheft();
    expect(await publishAs(namespace, owner)).toBe('201 ok');
    const fromStart = { reason: 'compromised', fromIndex: 0 } as const;
    const revoke = (more: { token?: string }) =>
      bench.revoke(owner.publicKey.id, [thief], { ...fromStart, ...more });
    const answer = await refused(() => revoke({ token }), '403 auth.role_missing');
    expect(answer.json['detail']).toMatch(
      /^the revocation refuses a published release, which takes an owner/,
    );
    await refused(() => revoke({}), '403 key.recovery_refused');
    // Made before: that a token was made is recorded.
    const stale = await recoveryToken(registry, 3_700);
    await refused(() => revoke({ token: stale }), '403 auth.scope_missing');
    expect(said(await revoke({ token: await recoveryToken(registry) }))).toBe('201 ok');
  });

  test('takes them also when the release still waits for its place in the log', async () => {
    const { bench, namespace, owner, thief, token } = await openTheft();
    expect(await publishAs(namespace, owner)).toBe('201 ok');
    const { fromIndex } = await sizeAsIndex();
    await sql`
      update versions v set log_index = null, checkpoint_size = null, published_at = null
      from workflows w, namespaces n
      where w.id = v.workflow_id and n.id = w.namespace_id and n.name = ${namespace}`.execute(registry.db);
    const late = { reason: 'compromised', fromIndex, token } as const;
    await refused(() => bench.revoke(owner.publicKey.id, [thief], late), '403 auth.role_missing');
  });

  test('is no other one when nothing was published from its index on, or all of it is refused already', async () => {
    const { bench, namespace, owner, thief, token } = await openTheft();
    const { fromIndex } = await sizeAsIndex();
    expect(await publishAs(namespace, thief)).toBe('201 ok');
    const stolen = { reason: 'compromised', fromIndex } as const;
    const fresh = await recoveryToken(registry);
    expect(said(await bench.revoke(thief.publicKey.id, [owner], { ...stolen, token: fresh }))).toBe('201 ok');
    const earlier = { ...stolen, fromIndex: fromIndex - 1, token };
    expect(said(await bench.revoke(thief.publicKey.id, [owner], earlier))).toBe('201 ok');
    const unused = { reason: 'compromised', fromIndex: 0, token } as const;
    expect(said(await bench.revoke(owner.publicKey.id, [owner], unused))).toBe('201 ok');
  });
});

describe('a thief who adds keys', () => {
  test('adds ten a day, is told when to come back, and does not keep the owner from a recovery', async () => {
    const { bench, thief, token } = await openTheft();
    for (let i = 2; i < 10; i += 1)
      expect(said(await bench.add(generateSigningKey(), [thief], { token }))).toBe('201 ok');
    const answer = await refused(
      () => bench.add(generateSigningKey(), [thief], { token }),
      '429 rate.limited',
    );
    const seconds = Number(answer.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(23 * 3600);
    expect(seconds).toBeLessThanOrEqual(24 * 3600);
    const fresh = await recoveryToken(registry);
    expect(said(await bench.add(generateSigningKey(), [], { recovery: true, token: fresh }))).toBe('201 ok');
    await nextDay();
    expect(said(await bench.add(generateSigningKey(), [thief], { token }))).toBe('201 ok');
  });

  test('has sixteen active at once and no more; a recovery goes beyond, and revokes them', async () => {
    const { bench, owner, thief, token } = await openTheft();
    for (let i = 2; i < 16; i += 1) {
      if (i === 9) await nextDay();
      expect(said(await bench.add(generateSigningKey(), [thief], { token }))).toBe('201 ok');
    }
    await nextDay();
    const answer = await refused(
      () => bench.add(generateSigningKey(), [thief], { token }),
      '409 state.conflict',
    );
    expect(answer.json['detail']).toMatch(/has 16 active keys, .*revoke one/);
    const fresh = await recoveryToken(registry);
    const recovered = generateSigningKey();
    expect(said(await bench.add(recovered, [], { recovery: true, token: fresh }))).toBe('201 ok');
    const away = (key: SigningKey) =>
      bench.revoke(key.publicKey.id, [recovered], { recovery: true, token: fresh });
    expect(said(await away(thief))).toBe('201 ok');
    await refused(() => bench.add(generateSigningKey(), [owner]), '409 state.conflict');
    expect(said(await away(owner))).toBe('201 ok');
    expect(said(await bench.add(generateSigningKey(), [recovered]))).toBe('201 ok');
  });

  test('uses up room for keys, and none for policies and recoveries', async () => {
    const { bench, namespace, owner, thief } = await openTheft();
    await sql`
      insert into keys (namespace_id, key_id, public_key, event, added_by, created_at)
      select id, 'x' || i, ${Buffer.alloc(32)}, '', created_by, now() - interval '2 days'
      from namespaces, generate_series(1, 70) i where name = ${namespace}`.execute(registry.db);
    await refused(() => bench.add(generateSigningKey(), [thief]), '409 state.conflict');
    expect(said(await bench.policy(2, [owner, thief]))).toBe('201 ok');
    const token = await recoveryToken(registry);
    expect(said(await bench.add(generateSigningKey(), [], { recovery: true, token }))).toBe('201 ok');
  });
});

test('a day has three recoveries and ten policies', async () => {
  const { bench, namespace, owner } = await openTheft();
  const token = await recoveryToken(registry);
  const recover = () => bench.add(generateSigningKey(), [], { recovery: true, token });
  for (let i = 0; i < 3; i += 1) expect(said(await recover())).toBe('201 ok');
  await refused(recover, '429 rate.limited');
  await sql`
    insert into namespace_policies (namespace_id, threshold, event, set_by, log_index)
    select id, 1, ${Buffer.from('{"payload":"","payloadType":"x","signatures":[{"sig":"AA=="}]}')}, created_by, i
    from namespaces, generate_series(1, 10) i where name = ${namespace}`.execute(registry.db);
  await refused(() => bench.policy(1, [owner], { replaces: 10 }), '429 rate.limited');
  await nextDay();
  expect(said(await recover())).toBe('201 ok');
  expect(said(await bench.policy(1, [owner], { replaces: 10 }))).toBe('201 ok');
});

test('who revokes a stolen key is told which active keys it vouched for since', async () => {
  const { bench, owner, thief, token } = await openTheft();
  const before = generateSigningKey();
  await bench.add(before, [thief], { token });
  const { fromIndex } = await sizeAsIndex();
  const [direct, through, gone, innocent] = Array.from({ length: 4 }, generateSigningKey);
  if (!direct || !through || !gone || !innocent) throw new Error('there are not four keys');
  await bench.add(direct, [thief], { token });
  await bench.add(through, [direct], { token });
  await bench.add(gone, [thief], { token });
  await bench.revoke(gone.publicKey.id, [gone], { token });
  await bench.add(innocent, [owner]);
  const stolen = { reason: 'compromised', fromIndex } as const;
  const answer = await bench.revoke(thief.publicKey.id, [owner], stolen);
  expect(said(answer)).toBe('201 ok');
  expect(answer.json['endorsed']).toEqual([direct.publicKey.id, through.publicKey.id]);
  const again = await bench.revoke(thief.publicKey.id, [owner], stolen);
  expect([said(again), again.json['endorsed']]).toEqual(['200 ok', answer.json['endorsed']]);
  expect((await bench.revoke(before.publicKey.id, [owner])).json).not.toHaveProperty('endorsed');
});

async function sizeAsIndex(): Promise<{ fromIndex: number }> {
  const { size } = await registry.db
    .selectFrom('log_state')
    .select('size')
    .where('realm', '=', 'public')
    .executeTakeFirstOrThrow();
  return { fromIndex: size };
}
