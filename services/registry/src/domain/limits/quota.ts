import type { LimitsConfig } from '../../config/limits.js';
import { addUsage, type UsageChange, type UsageRow } from '../../db/limit-queries.js';
import type { Database } from '../../db/schema.js';
import type { Transaction } from 'kysely';
import { RegistryError } from '../error.js';
import { effectiveLimits, type LimitSubject } from './limits.js';

/** What is about to be stored in one namespace with one token. */
export interface StoredSize {
  readonly namespaceId: number;
  /** Name of the namespace, for people to read. */
  readonly namespace: string;
  readonly tokenId: string;
  /** Of the compressed bundle. */
  readonly bytes: number;
}

/** How a namespace is called in the tables of limits and usage. */
export function namespaceSubject(namespaceId: number): string {
  return `ns:${namespaceId}`;
}

/** How a token is called there. */
export function tokenSubject(tokenId: string): string {
  return `token:${tokenId}`;
}

const UNITS = ['bytes', 'versions', 'workflows'] as const;

/**
 * Counts what the transaction stores and refuses what is beyond a limit, in the transaction itself: two publishes never both
 * take what is left for one.
 *
 * @param opened how many workflows of each namespace are new
 * @throws RegistryError `quota.exceeded`
 */
export async function assertWithinQuota(
  trx: Transaction<Database>,
  config: LimitsConfig,
  stored: readonly StoredSize[],
  opened: ReadonlyMap<number, number>,
): Promise<void> {
  const names = new Map(stored.map((s) => [namespaceSubject(s.namespaceId), s.namespace]));
  const rows = await addUsage(trx, sumUp(stored, opened));
  for (const row of rows) assertRow(config, row, names.get(row.subject));
}

function sumUp(stored: readonly StoredSize[], opened: ReadonlyMap<number, number>): readonly UsageChange[] {
  const sums = new Map<string, { bytes: number; versions: number; workflows: number }>();
  const add = (subject: string, bytes: number, versions: number, workflows: number) => {
    const sum = sums.get(subject) ?? { bytes: 0, versions: 0, workflows: 0 };
    sum.bytes += bytes;
    sum.versions += versions;
    sum.workflows += workflows;
    sums.set(subject, sum);
  };
  const unclaimed = new Map(opened);
  for (const { namespaceId, tokenId, bytes } of stored) {
    // Several tokens that open workflows of one namespace at the same moment: which of them is charged does not matter.
    const workflows = unclaimed.get(namespaceId) ?? 0;
    unclaimed.delete(namespaceId);
    add(namespaceSubject(namespaceId), bytes, 1, workflows);
    add(tokenSubject(tokenId), bytes, 1, workflows);
  }
  return [...sums].map(([subject, sum]) => ({ subject, ...sum }));
}

function assertRow(config: LimitsConfig, row: UsageRow, namespace: string | undefined): void {
  const kind: LimitSubject['kind'] = namespace === undefined ? 'token' : 'namespace';
  const limits = effectiveLimits(config, kind, {
    bytes: row.max_bytes,
    versions: row.max_versions,
    workflows: row.max_workflows,
  });
  const unit = UNITS.find((each) => row[each] > (limits[each] ?? Number.POSITIVE_INFINITY));
  if (unit === undefined) return;
  const who = namespace === undefined ? 'the token' : `namespace ${namespace}`;
  throw new RegistryError(
    'quota.exceeded',
    `with this, ${who} would have ${row[unit]} ${unit}, and may have ${limits[unit] ?? 0}`,
  );
}
