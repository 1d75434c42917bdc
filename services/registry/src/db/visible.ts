import { sql, type RawBuilder } from 'kysely';
import type { ReadablePrivate } from '../domain/access/reading.js';

/** The condition that a namespace, under the table alias `n`, is public or one of the private ones that the caller may read. */
export function isVisible(readable: ReadablePrivate): RawBuilder<boolean> {
  if (readable === 'all') return sql<boolean>`true`;
  const isPublic = sql<boolean>`n.visibility = 'public'`;
  if (readable.length === 0) return isPublic;
  return sql<boolean>`(${isPublic} or n.name = any(${[...readable]}::text[]))`;
}
