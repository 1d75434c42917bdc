import type { VersionSummary } from '@sheaf/client/contract';
import { plural } from '../terminal/text.js';

const DAY_MS = 86_400_000;

/** What is known of how often versions were fetched. */
export type Fetched = Pick<VersionSummary, 'downloads' | 'downloadsByDay'>;

/**
 * `3 times this week, 41 times in all`: today and the six days before it, in UTC, as the registry counts them.
 * Undefined where the registry does not say.
 */
export function describeFetched(versions: readonly Fetched[], nowMs: number): string | undefined {
  const known = versions.flatMap(({ downloads }) => (downloads === undefined ? [] : [downloads]));
  if (known.length === 0) return undefined;
  const total = plural(sum(known), 'time');
  if (sum(known) > 0 && versions.every(({ downloadsByDay }) => downloadsByDay === undefined))
    return `${total} so far`;
  const week = versions.flatMap(({ downloadsByDay = {} }) =>
    Object.entries(downloadsByDay).flatMap(([day, count]) => {
      const ageDays = (nowMs - Date.parse(day)) / DAY_MS;
      // A clock that is behind that of the registry sees days to come.
      return ageDays < 7 ? [count] : [];
    }),
  );
  return `${plural(sum(week), 'time')} this week, ${total} in all`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, each) => all + each, 0);
}
