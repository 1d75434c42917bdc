/** A server that runs, and what of it is measured. */
export interface Server {
  readonly name: string;
  readonly url: string;
  readonly version: string;
  /** What an acknowledged write survives, by its configuration. */
  readonly durability: string;
  /** Of the service itself: its own process and all that came of it, without a database. */
  servicePids(): readonly number[];
  /** Of the database that belongs to it. */
  databasePids(): readonly number[];
  stop(): Promise<void>;
}

/** Why a server cannot be measured here: its rows say so. */
export class MissingPeer extends Error {
  override readonly name = 'MissingPeer';
}
