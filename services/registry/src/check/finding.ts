/** An invariant that does not hold. */
export interface Finding {
  /** Which one: dotted, by area; never renamed. */
  readonly code: string;
  /** What it is about: a row, a leaf, an object. */
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
}

/** What to do, by the part that is broken. */
const REMEDIES: Readonly<Record<string, string>> = {
  log: 'stop the registry and put back a database that holds the signed log: what was signed cannot be signed differently',
  row: 'the row was changed outside the service; put back a backup of the database, or the row as the leaf has it',
  derived: 'stop the registry, correct what is computed from the leaf and the versions, and check again',
  blob: 'put the object back from a backup of the store, a mirror or an export',
  copy: 'check that the store belongs to this database; see Backups and restores in docs/OPERATIONS.md',
  quota:
    'limits are held against a wrong sum: while nobody publishes, set the row of quota_usage to what is there; nothing else depends on it',
  queue: 'look for the error that the log of the service names; the leaf stays until it can be placed',
};

export type Area = 'log' | 'row' | 'derived' | 'blob' | 'copy' | 'quota' | 'queue';

/** Collects what is found; told as it is found, so that nothing grows. */
export interface Findings {
  add(area: Area, code: string, where: string, problem: string): void;
  readonly count: number;
}

export function collectFindings(tell: (finding: Finding) => void): Findings {
  let count = 0;
  return {
    add: (area, code, where, problem) => {
      count += 1;
      tell({
        code: `${area}.${code}`,
        where: oneLine(where),
        problem: oneLine(problem),
        remedy: REMEDIES[area] ?? '',
      });
    },
    get count() {
      return count;
    },
  };
}

const MAX_TEXT = 500;

/** What comes from the database may be anything: no control or direction character of it reaches a terminal. */
function oneLine(text: string): string {
  return text.slice(0, MAX_TEXT).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}
