import { sql, type RawBuilder } from 'kysely';
import { thresholdOf, type SigningKeyRow } from './key-queries.js';

/** A signing key as a part of another statement's answer; bytes are in hexadecimal. */
export interface KeyJson extends Omit<SigningKeyRow, 'public_key'> {
  readonly namespace_id: number;
  readonly public_key: string;
}

/** A signing key, and the namespace that it may sign for. */
export type NamespaceKey = SigningKeyRow & { readonly namespace_id: number };

export function fromKeyJson({ public_key, ...key }: KeyJson): NamespaceKey {
  return { ...key, public_key: Buffer.from(public_key, 'hex') };
}

/** The keys that the log has confirmed for a namespace, as an array in the order of the log; null for none. */
export function keysJson(namespaceId: RawBuilder<number>): RawBuilder<readonly KeyJson[] | null> {
  return sql`(
    select json_agg(json_build_object('namespace_id', k.namespace_id, 'key_id', k.key_id,
      'public_key', encode(k.public_key, 'hex'), 'log_index', k.log_index,
      'is_revoked', exists (select from key_revocations r where r.key_id = k.id),
      'threshold', (${thresholdOf(namespaceId)})) order by k.log_index)
    from keys k where k.namespace_id = ${namespaceId} and k.log_index is not null)`;
}

/**
 * Those of the keys that the log has confirmed, of several namespaces at once, as an array; of ephemeral ones those whose
 * time is not over. Null for none.
 *
 * @param at when what they have signed gets its place, where that is known: the log may be ahead of the clock
 */
export function signersJson(
  namespaceIds: readonly number[],
  keyIds: readonly string[],
  at?: Date,
): RawBuilder<readonly KeyJson[] | null> {
  const ids = [...new Set(keyIds)];
  return sql`(
    select json_agg(json_build_object('namespace_id', k.namespace_id, 'key_id', k.key_id,
      'public_key', encode(k.public_key, 'hex'), 'log_index', k.log_index, 'is_revoked', k.is_revoked,
      'threshold', n.threshold))
    from (
      select given.id, (${thresholdOf(sql`given.id`)}) as threshold
      from unnest(${[...new Set(namespaceIds)]}::bigint[]) as given(id)) n
    join lateral (
      select k.namespace_id, k.key_id, k.public_key, k.log_index,
        exists (select from key_revocations r where r.key_id = k.id) as is_revoked
      from keys k
      where k.namespace_id = n.id and k.log_index is not null and k.key_id = any(${ids}::text[])
      union all
      select e.namespace_id, e.key_id, e.public_key, e.log_index, false
      from ephemeral_keys e
      where e.namespace_id = n.id and e.log_index is not null and e.key_id = any(${ids}::text[])
        and e.expires_at > greatest(clock_timestamp(), ${at ?? null}::timestamptz)) k on true)`;
}
