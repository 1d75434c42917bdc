import type { Db } from '../../db/connection.js';
import { isPlaced, type LogSubject } from '../../db/placement-queries.js';
import { RegistryError } from '../error.js';
import type { Logs } from './logs.js';

export interface SettleDeps {
  readonly db: Db;
  readonly logs: Logs;
}

/**
 * Waits until the log of a realm has tried to place what was committed before the call, and copied what it placed. With a
 * subject, also makes sure that this one has its place: a leaf that could not be appended goes to the end of the queue,
 * and one that others have overtaken is withdrawn. Whoever tells a caller that something happened names it.
 *
 * @throws RegistryError `log.frozen`; `service.log_lagging`: what was asked for is not confirmed; asking again is safe
 */
export async function settleLog(
  { db, logs }: SettleDeps,
  realm: string,
  subject?: LogSubject,
): Promise<void> {
  await confirmed(logs.get(realm).sequencer.settle());
  if (subject !== undefined && !(await isPlaced(db, subject))) {
    throw new RegistryError('service.log_lagging', 'the log has not confirmed the change yet');
  }
}

/**
 * Waits for a log to settle.
 *
 * @throws RegistryError `log.frozen`; `service.log_lagging`: what was asked for is not confirmed; asking again is safe
 */
export async function confirmed(settled: Promise<void>): Promise<void> {
  try {
    await settled;
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause;
    throw new RegistryError('service.log_lagging', 'the log could not confirm the change yet', { cause });
  }
}

/**
 * Refuses what the log could not confirm, before anything of it is stored.
 *
 * @throws RegistryError `log.frozen`; ObjectStoreError `object.unavailable`
 */
export async function assertLogOpen({ logs }: Pick<SettleDeps, 'logs'>, realm: string): Promise<void> {
  await logs.get(realm).guard.assertOpen();
}
