import { sql, type Transaction } from 'kysely';
import type { Db } from '../db/connection.js';
import type { Database } from '../db/schema.js';
import { readSnapshot } from '../db/snapshot.js';
import type { ObjectStore } from '../objects/port.js';
import { checkBlobs } from './check-blobs.js';
import { checkCopy, readCopy, type SeenCopy } from './check-copy.js';
import { checkLog } from './check-log.js';
import { checkDerived } from './derived.js';
import { collectFindings, type Finding } from './finding.js';

export interface CheckDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
}

export interface CheckOptions {
  /** Reads every blob and verifies what is in it. */
  readonly isDeep: boolean;
  readonly signal: AbortSignal;
  /** Told of each finding at once: there may be any number. */
  readonly onFinding: (finding: Finding) => void;
  /** Told of each part that begins. */
  readonly onPart?: (part: string) => void;
}

export interface CheckResult {
  readonly findings: number;
  readonly realms: number;
  readonly leaves: number;
  readonly blobs: number;
}

/**
 * Verifies that everything which the registry keeps fits together. It changes nothing, and the service goes on meanwhile: all
 * that is read of the database is of one moment. Memory grows with namespaces and keys, not with leaves or versions.
 */
export async function checkRegistry(deps: CheckDeps, options: CheckOptions): Promise<CheckResult> {
  // Before the database: a copy is written after its commit, so one that is read first is never ahead.
  const copies = await readCopies(deps, options.signal);
  return readSnapshot(deps.db, (trx) => checkSnapshot(trx, { ...deps, copies }, options));
}

/** The same, of what a transaction sees. */
export async function checkSnapshot(
  trx: Transaction<Database>,
  { objects, copies }: { readonly objects: ObjectStore; readonly copies: readonly SeenCopy[] },
  { isDeep, signal, onPart, onFinding }: CheckOptions,
): Promise<CheckResult> {
  const findings = collectFindings(onFinding);
  const { rows: realms } = await sql<{ realm: string; size: number }>`
    select realm, size from log_state order by realm`.execute(trx);
  const { rows: identity } = await sql<{ origin: string; is_mirror: boolean }>`
    select origin, exists (select from mirror) as is_mirror from registry`.execute(trx);
  const isMirror = identity[0]?.is_mirror === true;
  for (const { realm } of realms) {
    onPart?.(`log of ${realm}`);
    await checkLog({ trx, realm, findings, isMirror, signal });
  }
  for (const copy of copies) await checkCopy(trx, copy, findings);
  onPart?.('states, channels, search and queue');
  await checkDerived(trx, findings, signal);
  onPart?.(isDeep ? 'blobs and what is in them' : 'blobs');
  const origin = identity[0]?.origin ?? '';
  const { blobs } = await checkBlobs({ trx, objects, origin, isDeep, findings, signal });
  const leaves = realms.reduce((sum, { size }) => sum + size, 0);
  return { findings: findings.count, realms: realms.length, leaves, blobs };
}

/** The copies in the store, of every realm; a mirror has none. */
export async function readCopies(
  { db, objects }: CheckDeps,
  signal: AbortSignal,
): Promise<readonly SeenCopy[]> {
  const logs = await db
    .selectFrom('log_state')
    .select(['realm', 'origin', 'verifier_key as verifierKey'])
    .where(sql<boolean>`not exists (select from mirror)`)
    .orderBy('realm')
    .execute();
  const copies: SeenCopy[] = [];
  for (const log of logs) {
    signal.throwIfAborted();
    copies.push(await readCopy(objects, log));
  }
  return copies;
}
