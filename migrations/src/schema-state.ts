import { sql, type Kysely } from 'kysely';

/** How the schema of a database compares with what this program knows. */
export interface SchemaState {
  /** Migrations that the database lacks, in order. */
  readonly pending: readonly string[];
  /** Migrations of the database that this program does not know: a newer one has been here. */
  readonly unknown: readonly string[];
}

/** Compares the migrations that a database has with `names`, all that are known; of an empty database all are pending. */
export async function compareSchema<Database>(
  db: Kysely<Database>,
  names: readonly string[],
): Promise<SchemaState> {
  const known = [...names].sort();
  const table = await sql<{ exists: boolean }>`
    select to_regclass('kysely_migration') is not null as exists`.execute(db);
  if (table.rows[0]?.exists !== true) return { pending: known, unknown: [] };
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  const applied = new Set(rows.map((row) => row.name));
  return {
    pending: known.filter((name) => !applied.has(name)),
    unknown: [...applied].filter((name) => !known.includes(name)),
  };
}
