import { openCheckpoint, parseLogVerifier, type Checkpoint } from '@sheaf/bundle';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.js';
import { openLogCopies } from '../domain/log/log-copies.js';
import type { ObjectStore } from '../objects/port.js';
import type { Findings } from './finding.js';

/** The newest copy of a checkpoint in the store; read before the database, for it never runs ahead of a commit. */
export interface SeenCopy {
  readonly realm: string;
  readonly copy: Checkpoint | undefined;
  /** Why it could not be read. */
  readonly problem?: string;
}

export async function readCopy(
  objects: ObjectStore,
  {
    realm,
    origin,
    verifierKey,
  }: { readonly realm: string; readonly origin: string; readonly verifierKey: string },
): Promise<SeenCopy> {
  const verifier = parseLogVerifier(verifierKey);
  const copies = openLogCopies({ objects, origin, verifier, folder: `checkpoints/${realm}` });
  try {
    return { realm, copy: await copies.read() };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'log.frozen') throw error;
    return { realm, copy: undefined, problem: (error as Error).message };
  }
}

/** The copy is signed, the database holds what it says, and it is as new as the database believes. */
export async function checkCopy(
  trx: Transaction<Database>,
  { realm, copy, problem }: SeenCopy,
  findings: Findings,
): Promise<void> {
  const where = `copy of the checkpoint of ${realm}`;
  if (problem !== undefined) findings.add('copy', 'foreign', where, problem);
  const { rows } = await sql<{ size: number; copied: number; note: string | null; verifier_key: string }>`
    select s.size, coalesce(c.size, 0) as copied, s.verifier_key,
      (select note from log_checkpoints k where k.realm = s.realm and k.size = ${copy?.size ?? 0}) as note
    from log_state s left join log_copies c on c.realm = s.realm where s.realm = ${realm}`.execute(trx);
  const [state] = rows;
  if (state === undefined) return;
  if (state.copied > state.size)
    findings.add(
      'copy',
      'ahead',
      where,
      `${state.copied} leaves are said to be copied, and there are ${state.size}`,
    );
  if (copy === undefined) {
    if (problem === undefined && state.copied > 0)
      findings.add('copy', 'missing', where, 'the store holds none');
    return;
  }
  if (copy.size > state.size)
    findings.add(
      'copy',
      'behind',
      where,
      `it has ${copy.size} leaves, and the database ${state.size}: the database is too old`,
    );
  else if (state.note === null || !hasRoot(state.note, state.verifier_key, copy.root))
    findings.add('copy', 'differs', where, `the database did not sign what it says of ${copy.size} leaves`);
}

function hasRoot(note: string, verifierKey: string, root: Uint8Array): boolean {
  try {
    return Buffer.compare(openCheckpoint(note, parseLogVerifier(verifierKey)).root, root) === 0;
  } catch {
    // Told with the checkpoints.
    return true;
  }
}
