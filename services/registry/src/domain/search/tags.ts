import type { TagList } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import { listTags, type TagRow } from '../../db/tag-queries.js';
import type { ReadablePrivate } from '../access/reading.js';
import { RegistryError } from '../error.js';
import type { Gate } from '../gate.js';

export interface TagDeps {
  readonly db: Db;
  readonly searches: Gate;
}

/** One page of tags. @throws RegistryError `request.invalid` for a cursor that is not one, `service.busy` */
export async function tags(
  { db, searches }: TagDeps,
  readable: ReadablePrivate,
  { cursor, limit }: { readonly cursor: string | undefined; readonly limit: number },
): Promise<TagList> {
  const after = cursor === undefined ? undefined : decodeTagCursor(cursor);
  const rows = await searches.run(1, () => listTags(db, readable, { after, limit: limit + 1 }));
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { tags: [...page], ...(last && { nextCursor: encodeTagCursor(last) }) };
}

export function encodeTagCursor({ workflows, tag }: TagRow): string {
  return Buffer.from(`${workflows} ${tag}`).toString('base64url');
}

/** @throws RegistryError `request.invalid` */
export function decodeTagCursor(cursor: string): TagRow {
  const [, workflows, tag] =
    /^(\d{1,15}) ([a-z0-9-]{1,32})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (workflows !== undefined && tag !== undefined) return { workflows: Number(workflows), tag };
  const detail = 'cursor is not one of this list: begin without it';
  throw new RegistryError('request.invalid', detail, {
    errors: [{ pointer: '?cursor', code: 'parameter.invalid', detail }],
  });
}
