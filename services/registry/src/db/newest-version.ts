import { sql, type RawBuilder } from 'kysely';

/**
 * The newest version of a workflow of one state that the log has confirmed and no revocation refuses, as a part of `from` with
 * `id` and `sort_key`. One look at the index `versions_usable`, for each of its columns has one value: whoever wants any of
 * several states looks for each, for a look through all of them costs as much as there are versions.
 *
 * @param below a sort key that it stays below
 */
export function newestOf(
  workflowId: RawBuilder<number>,
  state: 'active' | 'deprecated',
  kind: 'stable' | 'prerelease',
  below?: RawBuilder<string>,
): RawBuilder<unknown> {
  return sql`(select v.id, v.sort_key from versions v
    where v.workflow_id = ${workflowId} and v.log_index is not null and v.revoked_index is null
      and v.state = ${sql.lit(state)} and v.is_prerelease = ${sql.lit(kind === 'prerelease')}
      ${below === undefined ? sql`` : sql`and v.sort_key < ${below} collate "C"`}
    order by v.sort_key desc limit 1) as newest`;
}
