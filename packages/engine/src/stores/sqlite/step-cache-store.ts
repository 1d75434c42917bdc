import type { StepOutcome } from '../../core/events.js';
import type { SqlDatabase } from './database.js';

/** What a step did, under the digest of all that it depends on. */
export interface CacheEntry {
  readonly key: string;
  /** Which step of which workflow it is. */
  readonly about: string;
  /** Digests of what it depends on, by what that is. */
  readonly parts: Readonly<Record<string, string>>;
  readonly runId: string;
  readonly outcome: StepOutcome;
  /** Paths of artifacts that it made, by their names. */
  readonly files: Readonly<Record<string, string>>;
}

export interface StepCacheStore {
  find(key: string): Omit<CacheEntry, 'about' | 'parts'> | undefined;
  /** What the step depended on the last time. */
  findLast(about: string): CacheEntry['parts'] | undefined;
  put(entry: CacheEntry): void;
  /** Takes the oldest out, but for so many of the newest; gives their keys. */
  prune(keep: number): readonly string[];
}

export function stepCacheStore(database: SqlDatabase): StepCacheStore {
  const sql = {
    find: database.prepare(`SELECT run_id, outcome, files FROM step_cache WHERE key = ?`),
    last: database.prepare(`SELECT parts FROM step_cache WHERE about = ? ORDER BY id DESC LIMIT 1`),
    put: database.prepare(
      `INSERT OR REPLACE INTO step_cache (key, about, parts, run_id, outcome, files) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    old: database.prepare(`SELECT id, key FROM step_cache ORDER BY id DESC LIMIT 100 OFFSET ?`),
    drop: database.prepare(`DELETE FROM step_cache WHERE id = ?`),
  };
  return {
    find: (key) => {
      const row = sql.find.get(key);
      if (row === undefined) return undefined;
      return {
        key,
        runId: String(row['run_id']),
        outcome: JSON.parse(String(row['outcome'])) as StepOutcome,
        files: JSON.parse(String(row['files'])) as CacheEntry['files'],
      };
    },
    findLast: (about) => {
      const row = sql.last.get(about);
      return row === undefined ? undefined : (JSON.parse(String(row['parts'])) as CacheEntry['parts']);
    },
    put: ({ key, about, parts, runId, outcome, files }) => {
      const texts = [parts, outcome, files].map((value) => JSON.stringify(value));
      const [partsText = '', outcomeText = '', filesText = ''] = texts;
      sql.put.run(key, about, partsText, runId, outcomeText, filesText);
    },
    prune: (keep) => {
      const rows = sql.old.all(keep);
      for (const row of rows) sql.drop.run(Number(row['id']));
      return rows.map((row) => String(row['key']));
    },
  };
}
