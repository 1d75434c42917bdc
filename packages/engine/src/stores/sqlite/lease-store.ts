import type { ProcessIdentity } from '../../core/events.js';
import type { SqlDatabase, SqlRow } from './database.js';

/** What attempts of all processes of this machine take of it. */
export interface Share {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Shares of the machine, given in the order in which they were asked for, whichever process asked. */
export interface LeaseStore {
  /** Asks for a share; gives the id to ask with whether it is there, and to give it back with. */
  ask(owner: ProcessIdentity, share: Share): number;
  /**
   * True once the share is there: nobody waits who asked before, and what is given away leaves room for it. What the dead held is
   * free. `whole` is the machine.
   */
  isGiven(id: number, whole: Share, isAlive: (owner: ProcessIdentity) => boolean): boolean;
  giveBack(id: number): void;
}

export function leaseStore(database: SqlDatabase): LeaseStore {
  const sql = {
    ask: database.prepare(
      `INSERT INTO leases (owner_pid, owner_start, cpus, memory, given) VALUES (?, ?, ?, ?, 0)`,
    ),
    last: database.prepare(`SELECT max(id) AS id FROM leases WHERE owner_pid = ? AND owner_start = ?`),
    all: database.prepare(`SELECT * FROM leases ORDER BY id`),
    give: database.prepare(`UPDATE leases SET given = 1 WHERE id = ?`),
    drop: database.prepare(`DELETE FROM leases WHERE id = ?`),
  };
  const ownerOf = (row: SqlRow): ProcessIdentity => ({
    pid: Number(row['owner_pid']),
    start: String(row['owner_start']),
  });
  return {
    ask: ({ pid, start }, { cpus, memoryBytes }) =>
      database.transaction(() => {
        sql.ask.run(pid, start, cpus, memoryBytes);
        return Number(sql.last.get(pid, start)?.['id']);
      }),
    isGiven: (id, whole, isAlive) =>
      database.transaction(() => {
        const left = { ...whole };
        for (const row of sql.all.all()) {
          const isOwn = Number(row['id']) === id;
          if (!isOwn && !isAlive(ownerOf(row))) {
            sql.drop.run(Number(row['id']));
            continue;
          }
          const cpus = Number(row['cpus']);
          const memoryBytes = Number(row['memory']);
          const isFit = cpus <= left.cpus && memoryBytes <= left.memoryBytes;
          if (isOwn) {
            if (isFit) sql.give.run(id);
            return isFit;
          }
          // What was asked for before is counted whether it was given or not: else a large share would wait for ever.
          left.cpus -= cpus;
          left.memoryBytes -= memoryBytes;
        }
        return false;
      }),
    giveBack: (id) => {
      sql.drop.run(id);
    },
  };
}
