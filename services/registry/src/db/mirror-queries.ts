import { parseLogVerifier } from '@sheaf/bundle';
import { sql } from 'kysely';
import type { Db } from './connection.js';

/** Of what the database is a mirror: the origin, and the key that signs its logs. Undefined for a registry of its own. */
export async function findMirror(
  db: Db,
): Promise<{ readonly origin: string; readonly logKey: Uint8Array } | undefined> {
  const { rows } = await sql<{ origin: string; verifier_key: string }>`
    select m.origin, s.verifier_key from mirror m join log_state s on s.realm = 'public'`.execute(db);
  const [row] = rows;
  return row && { origin: row.origin, logKey: parseLogVerifier(row.verifier_key).publicKey };
}
