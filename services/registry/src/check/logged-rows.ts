import { sql, type RawBuilder } from 'kysely';

/** A row that says which leaf of the log it is about. */
export interface LoggedRow {
  readonly index: number;
  readonly kind:
    | 'namespace'
    | 'key'
    | 'revocation'
    | 'policy'
    | 'ephemeral'
    | 'version'
    | 'state'
    | 'channel'
    | 'audit'
    | 'event';
  /** As the row has it, in the words of its leaf. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Every row of a realm that names a leaf, in the order of the leaves. */
export function loggedRows(realm: string): RawBuilder<LoggedRow> {
  const of = (kind: LoggedRow['kind'], index: string, fields: string, from: string, where = 'true') =>
    sql`select ${sql.raw(index)} as index, ${sql.lit(kind)}::text as kind, json_build_object(${sql.raw(fields)}) as fields
      from ${sql.raw(from)} where ${sql.raw(index)} is not null and ${sql.raw(where)} and n.realm = ${realm}`;
  const version = `workflows w join namespaces n on n.id = w.namespace_id join versions v on v.workflow_id = w.id`;
  const names = `'ns', n.name, 'name', w.name, 'version', v.version`;
  const hash = (column: string) => `encode(sha256(${column}), 'hex')`;
  return sql<LoggedRow>`
    select * from (
      ${of('namespace', 'n.log_index', `'ns', n.name`, 'namespaces n')}
      union all ${of(
        'key',
        'k.log_index',
        `'ns', n.name, 'keyid', k.key_id, 'key', encode(k.public_key, 'base64'), 'recovery', k.is_recovery, 'event', ${hash('k.event')}`,
        'keys k join namespaces n on n.id = k.namespace_id',
      )}
      union all ${of(
        'revocation',
        'r.log_index',
        `'ns', n.name, 'keyid', k.key_id, 'reason', r.reason, 'fromIndex', r.from_index, 'event', ${hash('r.event')}`,
        'key_revocations r join keys k on k.id = r.key_id join namespaces n on n.id = k.namespace_id',
      )}
      union all ${of(
        'policy',
        'p.log_index',
        `'ns', n.name, 'threshold', p.threshold, 'event', ${hash('p.event')}`,
        'namespace_policies p join namespaces n on n.id = p.namespace_id',
      )}
      union all ${of(
        'ephemeral',
        'e.log_index',
        `'ns', n.name, 'keyid', e.key_id, 'key', encode(e.public_key, 'base64')`,
        'ephemeral_keys e join namespaces n on n.id = e.namespace_id',
      )}
      union all ${of(
        'version',
        'v.log_index',
        `${names}, 'tar', encode(v.tar_sha256, 'hex'), 'tarSize', v.tar_size, 'blob', encode(v.blob_sha256, 'hex'),
         'blobSize', v.blob_size, 'envelope', ${hash('v.envelope')}, 'keyids', v.key_ids,
         't', extract(epoch from v.published_at)::bigint, 'checkpointSize', v.checkpoint_size`,
        version,
      )}
      union all ${of(
        'state',
        'v.state_index',
        `${names}, 'state', v.state, 'reason', v.reason, 'replacement', v.replacement`,
        version,
      )}
      union all ${of(
        'channel',
        'm.log_index',
        `'ns', n.name, 'name', w.name, 'channel', m.channel, 'version', v.version`,
        `channel_moves m join workflows w on w.id = m.workflow_id join namespaces n on n.id = w.namespace_id
         left join versions v on v.id = m.version_id`,
      )}
      union all ${of(
        'audit',
        'a.log_index',
        `'ns', a.namespace, 'name', a.workflow, 'version', a.version`,
        'audit a join namespaces n on n.name = a.namespace',
      )}
      union all
      select e.log_index, 'event', json_build_object('ns', e.namespace, 'topic', e.topic, 'name', e.workflow, 'version', e.version)
      from events e where e.realm = ${realm}
    ) as logged order by index, kind`;
}
