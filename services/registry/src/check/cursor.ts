import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from '../db/schema.js';

const BATCH = 1_000;
let cursors = 0;

/** The rows of a query one after the other, of which only a batch is held at a time. Inside a transaction. */
export async function* rowsOf<Row>(trx: Transaction<Database>, query: RawBuilder<Row>): AsyncGenerator<Row> {
  cursors += 1;
  const name = sql.id(`check_${cursors}`);
  await sql`declare ${name} no scroll cursor for ${query}`.execute(trx);
  try {
    for (;;) {
      const { rows } = await sql<Row>`fetch forward ${sql.lit(BATCH)} from ${name}`.execute(trx);
      yield* rows;
      if (rows.length < BATCH) return;
    }
  } finally {
    await sql`close ${name}`.execute(trx);
  }
}
