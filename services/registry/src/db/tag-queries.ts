import { sql } from 'kysely';
import type { ReadablePrivate } from '../domain/access/reading.js';
import type { Db } from './connection.js';

export interface TagRow {
  readonly tag: string;
  readonly workflows: number;
}

/**
 * Tags of what search shows the caller, most used first, then by name; from behind `after` on. The public ones are counted
 * as they change; whoever sees more has them added up.
 */
export async function listTags(
  db: Db,
  readable: ReadablePrivate,
  { after, limit }: { readonly after: TagRow | undefined; readonly limit: number },
): Promise<readonly TagRow[]> {
  const isMine =
    readable === 'all'
      ? sql`true`
      : readable.length === 0
        ? sql`realm = 'public'`
        : sql`realm = any(${['public', ...readable]}::text[])`;
  const counted =
    readable.length === 0
      ? sql`select tag, workflows from search_tags where ${isMine} and workflows > 0`
      : sql`select tag, sum(workflows)::int8 as workflows from search_tags where ${isMine} and workflows > 0 group by tag`;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(workflows < ${after.workflows} or (workflows = ${after.workflows} and tag > ${after.tag}))`;
  const { rows } = await sql<TagRow>`
    select tag, workflows from (${counted}) t where ${beyond}
    order by workflows desc, tag limit ${limit}`.execute(db);
  return rows;
}
