import type { LimitsConfig } from '../../config/limits.js';
import type { UsageRow } from '../../db/limit-queries.js';
import { RegistryError } from '../error.js';
import { effectiveLimits } from './limits.js';
import { namespaceSubject } from './subjects.js';

const UNITS = ['bytes', 'versions', 'workflows'] as const;

/**
 * Refuses what goes beyond a limit. To be asked in the transaction that has counted it: its rows are locked, so two
 * publishes never both take what is left for one.
 *
 * @param namespaces names by id, of those that something is stored in
 * @throws RegistryError `quota.exceeded`
 */
export function assertWithinQuota(
  config: LimitsConfig,
  usage: readonly UsageRow[],
  namespaces: ReadonlyMap<number, string>,
): void {
  const names = new Map([...namespaces].map(([id, name]) => [namespaceSubject(id), name]));
  for (const row of usage) assertRow(config, row, names.get(row.subject));
}

function assertRow(config: LimitsConfig, row: UsageRow, namespace: string | undefined): void {
  const limits = effectiveLimits(config, namespace === undefined ? 'token' : 'namespace', {
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
