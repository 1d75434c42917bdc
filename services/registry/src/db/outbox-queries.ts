import type { Transaction } from 'kysely';
import type { Database } from './schema.js';

/** Queues an event for whoever follows the registry, in the transaction of what happened. */
export async function insertOutbox(
  trx: Transaction<Database>,
  topic: string,
  body: Readonly<Record<string, string | number>>,
): Promise<void> {
  await trx
    .insertInto('outbox')
    .values({ topic, body: JSON.stringify(body) })
    .execute();
}
