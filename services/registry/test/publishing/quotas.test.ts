import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_LIMITS_CONFIG } from '../../src/config/limits.js';
import { clearLimits, reportLimits, requestsPerMinute, setLimits } from '../../src/domain/limits/limits.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, countStored, openNamespace, publish, sendTogether } from '../support/upload.js';

const limits = {
  ...DEFAULT_LIMITS_CONFIG,
  namespace: { ...DEFAULT_LIMITS_CONFIG.namespace, versions: 3, workflows: 2 },
};
const acme = { kind: 'namespace', name: 'acme' } as const;
const setter = { principal: null, requestId: null };
let registry: TestRegistry;
beforeEach(async () => {
  registry = await startTestRegistry({ limits });
  await openNamespace(registry);
});
afterEach(() => registry.close());

test('what is beyond a limit is refused with the numbers, and nothing of it is stored', async () => {
  await publish(registry, { name: 'one' });
  await publish(registry, { name: 'two' });
  const before = await countStored(registry);
  const refused = await publish(registry, { name: 'three' });
  expect(refused.status).toBe(403);
  expect(refused.json).toMatchObject({
    code: 'quota.exceeded',
    detail: 'with this, namespace acme would have 3 workflows, and may have 2',
  });
  expect({ ...(await countStored(registry)), blobs: 0 }).toEqual({ ...before, blobs: 0 });
  expect((await publish(registry, { name: 'two', version: '1.1.0' })).status).toBe(201);
  expect((await publish(registry, { name: 'two', version: '1.2.0' })).json).toMatchObject({
    code: 'quota.exceeded',
  });
  expect(await reportLimits(registry.deps, acme)).toMatchObject({ used: { versions: 3, workflows: 2 } });
});

test('of many that are sent at once no more are taken than fit', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => publish(registry, { name: 'one', version: `1.${i}.0` })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 403, 403, 403, 403, 403]);
});

test('a workflow has no more versions than it may, published or staged, one or several at once', async () => {
  await registry.close();
  registry = await startTestRegistry({ limits: { ...DEFAULT_LIMITS_CONFIG, workflowVersions: 3 } });
  await openNamespace(registry);
  expect((await publish(registry, { version: '1.0.0' })).status).toBe(201);
  expect((await publish(registry, { version: '1.1.0' })).status).toBe(201);
  const before = await countStored(registry);
  const both = await Promise.all(['1.2.0', '1.3.0'].map((version) => buildUpload(registry, { version })));
  const refused = await sendTogether(registry, both);
  expect([refused.status, refused.json['code']]).toEqual([403, 'quota.exceeded']);
  expect(await countStored(registry)).toEqual(before);
  expect((await sendTogether(registry, both.slice(0, 1))).status).toBe(201);
  const more = await publish(registry, { version: '1.3.0' });
  expect(more.status).toBe(403);
  expect(more.json).toMatchObject({
    code: 'quota.exceeded',
    detail: 'with this, workflow acme/deploy would have 4 versions, and may have 3',
  });
  const staged = await sendTogether(registry, both.slice(1), '?stage=true');
  expect(staged.json['code']).toBe('quota.exceeded');
  expect((await sendTogether(registry, both.slice(0, 1))).status).toBe(200);
  expect((await publish(registry, { name: 'build' })).status).toBe(201);
});

test('an override holds until it expires, and is in the audit', async () => {
  const later = new Date(Date.now() + 60_000);
  await setLimits(registry.deps, setter, acme, { workflows: 0, reason: 'abuse', expiresAt: later });
  expect((await publish(registry, { name: 'one' })).json).toMatchObject({ code: 'quota.exceeded' });
  await registry.db
    .updateTable('limits')
    .set({ expires_at: new Date(Date.now() - 1_000) })
    .execute();
  expect((await publish(registry, { name: 'one' })).status).toBe(201);
  expect(await clearLimits(registry.deps, setter, acme)).toBe(true);
  expect(await clearLimits(registry.deps, setter, acme)).toBe(false);
  const rows = await registry.db
    .selectFrom('audit')
    .select(['action', 'namespace'])
    .where('action', 'like', 'limits.%')
    .orderBy('id')
    .execute();
  expect(rows).toEqual([
    { action: 'limits.set', namespace: 'acme' },
    { action: 'limits.remove', namespace: 'acme' },
  ]);
});

test('a token has limits of its own', async () => {
  const { id } = await registry.db.selectFrom('tokens').select('id').executeTakeFirstOrThrow();
  await setLimits(
    registry.deps,
    setter,
    { kind: 'token', id },
    { bytes: 10, requestsPerMinute: 7, reason: '' },
  );
  expect((await publish(registry, { name: 'one' })).json).toMatchObject({
    code: 'quota.exceeded',
    detail: expect.stringMatching(/^with this, the token would have \d+ bytes, and may have 10$/) as string,
  });
  expect(await requestsPerMinute(registry.deps, { tokenId: id })).toEqual({ token: 7, namespace: undefined });
  expect(await requestsPerMinute(registry.deps, { tokenId: 'other' })).toMatchObject({ token: 60_000 });
});

test('limits that make no sense are refused', async () => {
  const expired = { workflows: 1, reason: '', expiresAt: new Date(0) };
  for (const override of [{ bytes: -1, reason: '' }, { requestsPerMinute: 0, reason: '' }, expired])
    await expect(setLimits(registry.deps, setter, acme, override)).rejects.toMatchObject({
      code: 'request.invalid',
    });
  const nobody = { kind: 'namespace', name: 'nobody' } as const;
  await expect(setLimits(registry.deps, setter, nobody, { reason: '' })).rejects.toMatchObject({
    code: 'namespace.not_found',
  });
});
