import { RegistryError } from '../error.js';

/** Signing on would fork a log: nothing is appended to it until its operator has put the right database back. */
export class LogFrozenError extends RegistryError {
  /** What the operator does. */
  override readonly hint: string;

  constructor(detail: string, hint: string, cause?: unknown) {
    super('log.frozen', detail, { cause });
    this.hint = hint;
  }
}

export interface Claimed {
  readonly origin: string;
  readonly size: number;
}

/** The database holds fewer entries than were signed. */
export function behindCopy({ origin, size }: Claimed, copiedSize: number): LogFrozenError {
  return new LogFrozenError(
    `log ${origin} was signed with ${copiedSize} entries, but its database holds ${size}: it is older than the log`,
    `put back a database that holds all ${copiedSize} entries, by point-in-time recovery or from the newest copy; the log then goes on by itself. ${LOST}`,
  );
}

/** The database holds other entries than those that were signed. */
export function otherThanCopy({ origin }: Claimed, copiedSize: number): LogFrozenError {
  return new LogFrozenError(
    `log ${origin} was signed with ${copiedSize} entries that are not those of its database: two databases have written it`,
    `stop the registry of the other database, and put back the one whose checkpoint of size ${copiedSize} is the copy in the blob store; the log then goes on by itself. ${LOST}`,
  );
}

/** What lies where the copy belongs was not signed by this log. */
export function foreignCopy(origin: string, folder: string, cause?: unknown): LogFrozenError {
  return new LogFrozenError(
    `the copy of the newest checkpoint of log ${origin} is not signed by its key`,
    `check that the blob store and the log's key belong to this database; if the object was damaged and the database is surely the newest, remove ${folder}/ from the blob store`,
    cause,
  );
}

const LOST =
  'If they are lost for good, this log has ended: keep serving it for reading, and start another registry with an origin, a data directory and a database of its own';
