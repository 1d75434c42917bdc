import type { TestRegistry } from './test-registry.js';

/** Queues a leaf for the public log, as a namespace that is created does; nothing becomes visible by it. */
export async function queueLeaf({ db }: Pick<TestRegistry, 'db'>, namespace = 'queued'): Promise<void> {
  const { id } = await db
    .insertInto('audit')
    .values({ action: 'namespace.create', detail: '{}' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('log_queue')
    .values({
      realm: 'public',
      namespace,
      leaf: JSON.stringify({ type: 'ns.create', ns: namespace }),
      subject_kind: 'namespace',
      subject_id: 0,
      audit_id: id,
    })
    .execute();
}
