import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { recordChannelMove } from '../../src/domain/channels/record-move.js';
import { startTestRegistry } from '../support/test-registry.js';
import { callJson, openNamespace, publish } from '../support/upload.js';

it('withdraws a move to a version that has no place in the log, and goes on', async () => {
  const registry = await startTestRegistry();
  await openNamespace(registry);
  await publish(registry, { version: '1.0.0' });
  const { db } = registry;
  // A version whose leaf was taken back: its row is there, and no leaf of it waits.
  const { rows } = await sql<{ id: number; workflow_id: number }>`
    insert into versions (workflow_id, version, sort_key, is_prerelease, tar_sha256, tar_size, blob_sha256, blob_size,
      envelope, key_ids, summary, search, published_by, published_via)
    select workflow_id, '2.0.0', sort_key || '~', is_prerelease, tar_sha256, tar_size, blob_sha256, blob_size, envelope,
      key_ids, summary, search, published_by, published_via from versions returning id, workflow_id`.execute(
    db,
  );
  const [version] = rows;
  if (!version) throw new Error('there is no version');
  await db.transaction().execute((trx) =>
    recordChannelMove(trx, {
      principal: {
        userId: null,
        user: 'test',
        isAdmin: true,
        via: 'token',
        token: { id: 'test', name: 'test', scopes: ['*'], createdAt: new Date(), expiresAt: null },
        roles: new Map(),
      },
      requestId: 'test',
      namespace: parseNamespace('acme'),
      name: parseWorkflowName('deploy'),
      workflowId: version.workflow_id,
      realm: 'public',
      channel: 'beta',
      to: { id: version.id, version: parseVersion('2.0.0') },
    }),
  );
  await registry.deps.logs.get('public').sequencer.settle();
  expect(await db.selectFrom('channel_moves').selectAll().execute()).toEqual([]);
  expect(await db.selectFrom('log_queue').selectAll().execute()).toEqual([]);
  const set = await callJson(registry, 'PUT', '/v1/workflows/acme/deploy/channels/beta', {
    version: '1.0.0',
  });
  expect(set.json['current']).toMatchObject({ version: '1.0.0' });
  await registry.close();
});
