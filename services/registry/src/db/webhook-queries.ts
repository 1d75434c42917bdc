import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

const COLUMNS = [
  'w.id',
  'w.namespace_id',
  'w.url',
  'w.topics',
  'w.created_at',
  'w.failing_since',
  'w.disabled_at',
  'w.disabled_reason',
  'w.old_secret_until',
] as const;

function selectWebhooks(db: Db | Trx) {
  return db
    .selectFrom('webhooks as w')
    .leftJoin('namespaces as n', 'n.id', 'w.namespace_id')
    .select(COLUMNS)
    .select(['n.name as namespace', 'n.visibility']);
}

export type WebhookRow = NonNullable<Awaited<ReturnType<typeof findWebhook>>>;

export function findWebhook(db: Db | Trx, id: string) {
  return selectWebhooks(db).where('w.id', '=', id).executeTakeFirst();
}

/** {@link findWebhook}, which nobody else changes until the transaction ends. */
export function lockWebhook(trx: Trx, id: string) {
  return selectWebhooks(trx).where('w.id', '=', id).forNoKeyUpdate('w').executeTakeFirst();
}

/** Those of a namespace, or all of them, in the order of their ids. */
export function listWebhooks(
  db: Db,
  filter: { readonly namespaceId?: number; readonly after: string; readonly limit: number },
) {
  let query = selectWebhooks(db).where('w.id', '>', filter.after).orderBy('w.id').limit(filter.limit);
  if (filter.namespaceId !== undefined) query = query.where('w.namespace_id', '=', filter.namespaceId);
  return query.execute();
}

/** Sets these locks apart from any other advisory lock of the database: "hook" in ASCII. */
const WEBHOOKS_LOCK = 0x686f6f6b;

/** How many webhooks a namespace has, or are of none; the caller is the only one who adds to them until it commits. */
export async function countWebhooks(trx: Trx, namespaceId: number | null): Promise<number> {
  await sql`select pg_advisory_xact_lock(${WEBHOOKS_LOCK}, ${(namespaceId ?? 0) % 2 ** 31})`.execute(trx);
  const row = await trx
    .selectFrom('webhooks')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('namespace_id', 'is not distinct from', namespaceId)
    .executeTakeFirstOrThrow();
  return row.n;
}

export async function insertWebhook(
  trx: Trx,
  row: {
    readonly id: string;
    readonly namespaceId: number | null;
    readonly url: string;
    readonly topics: readonly string[];
    readonly secret: Buffer;
    readonly createdBy: number | null;
    readonly afterPosition: number;
  },
): Promise<void> {
  await trx
    .insertInto('webhooks')
    .values({
      id: row.id,
      namespace_id: row.namespaceId,
      url: row.url,
      topics: [...row.topics],
      secret: row.secret,
      created_by: row.createdBy,
      after_position: row.afterPosition,
      old_secret: null,
      old_secret_until: null,
      failing_since: null,
      paused_until: null,
      disabled_at: null,
      disabled_reason: null,
    })
    .execute();
}

export async function updateWebhook(
  trx: Trx,
  id: string,
  change: { readonly url?: string | undefined; readonly topics?: readonly string[] | undefined },
): Promise<void> {
  const { url, topics } = change;
  if (url === undefined && topics === undefined) return;
  await trx
    .updateTable('webhooks')
    .set({ ...(url !== undefined && { url }), ...(topics && { topics: [...topics] }) })
    .where('id', '=', id)
    .execute();
}

/** Starts a webhook again, from a position of the feed on. */
export async function enableWebhook(trx: Trx, id: string, afterPosition: number): Promise<void> {
  await trx
    .updateTable('webhooks')
    .set({
      disabled_at: null,
      disabled_reason: null,
      failing_since: null,
      failures: 0,
      paused_until: null,
      after_position: afterPosition,
    })
    .where('id', '=', id)
    .where('disabled_at', 'is not', null)
    .execute();
}

/** Stops a webhook; what waits for it is dead. Answers false when it was stopped before. */
export async function disableWebhook(trx: Trx, id: string, reason: string): Promise<boolean> {
  const stopped = await trx
    .updateTable('webhooks')
    .set({ disabled_at: sql<Date>`now()`, disabled_reason: reason })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!stopped) return false;
  await trx
    .updateTable('webhook_deliveries')
    .set({ state: 'dead', finished_at: sql<Date>`now()`, error: 'the webhook was stopped' })
    .where('webhook_id', '=', id)
    .where('state', '=', 'pending')
    .execute();
  return true;
}

/** Keeps that somebody has said where a webhook leads, or knows its secret. */
export async function insertDirector(trx: Trx, id: string, userId: number): Promise<void> {
  await trx
    .insertInto('webhook_directors')
    .values({ webhook_id: id, user_id: userId })
    .onConflict((c) => c.doNothing())
    .execute();
}

/** Webhooks of a namespace, or those that somebody has directed, or both. */
export type WebhookFilter =
  | { readonly namespaceId: number; readonly directedBy?: number }
  | {
      readonly namespaceId?: number;
      readonly directedBy: number;
      /** Only those of no namespace, and of namespaces that the person does not own. */
      readonly isOfOthers?: boolean;
    };

/** {@link disableWebhook} for several. Answers those that were running. */
export async function disableWebhooksOf(
  trx: Trx,
  filter: WebhookFilter,
  reason: string,
): Promise<readonly { readonly id: string; readonly namespace: string | null }[]> {
  const { namespaceId, directedBy } = filter;
  let query = selectWebhooks(trx).where('w.disabled_at', 'is', null).orderBy('w.id');
  if (namespaceId !== undefined) query = query.where('w.namespace_id', '=', namespaceId);
  if (directedBy !== undefined)
    query = query.where((b) =>
      b.or([
        // A process of a release before the list of directors writes this column alone.
        b('w.created_by', '=', directedBy),
        b.exists(
          b
            .selectFrom('webhook_directors as d')
            .select('d.user_id')
            .whereRef('d.webhook_id', '=', 'w.id')
            .where('d.user_id', '=', directedBy),
        ),
      ]),
    );
  if (directedBy !== undefined && 'isOfOthers' in filter && filter.isOfOthers)
    query = query.where((b) =>
      b.not(
        b.exists(
          b
            .selectFrom('members as m')
            .select('m.role')
            .whereRef('m.namespace_id', '=', 'w.namespace_id')
            .where('m.user_id', '=', directedBy)
            .where('m.role', '=', 'owner'),
        ),
      ),
    );
  const running = await query.execute();
  for (const { id } of running) await disableWebhook(trx, id, reason);
  return running;
}

export async function deleteWebhook(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('webhooks').where('id', '=', id).execute();
}

/** Puts a secret in the place of the present one, which stays good for a while beside it. */
export async function replaceSecret(
  trx: Trx,
  id: string,
  secret: Buffer,
  oldForMs: number,
): Promise<Date | undefined> {
  const row = await trx
    .updateTable('webhooks')
    .set((eb) => ({
      secret,
      old_secret: eb.ref('secret'),
      old_secret_until: sql<Date>`now() + ${oldForMs}::double precision * interval '1 millisecond'`,
    }))
    .where('id', '=', id)
    .returning('old_secret_until')
    .executeTakeFirst();
  return row?.old_secret_until ?? undefined;
}

/** Forgets replaced secrets whose time is over. */
export async function forgetOldSecrets(db: Db): Promise<void> {
  await db
    .updateTable('webhooks')
    .set({ old_secret: null, old_secret_until: null })
    .where('old_secret_until', '<=', sql<Date>`now()`)
    .execute();
}
