import type { SearchHit } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import { findPopular } from '../../db/popular-queries.js';

const DAYS = 7;
const DAY_MS = 86_400_000;

/** Public workflows that search shows, most fetched in the last seven days first, by UTC days. */
export async function popularWorkflows(
  { db, now }: { readonly db: Db; readonly now: () => number },
  limit: number,
): Promise<readonly SearchHit[]> {
  const since = new Date(now() - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const rows = await findPopular(db, { since, limit });
  return rows.map(({ card, downloads }) => ({
    ...card,
    tags: [...card.tags],
    permissionKinds: [...card.permissionKinds],
    downloads,
  }));
}
