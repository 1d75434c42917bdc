import { Type, type Static } from '@sinclair/typebox';
import { VersionStateSchema } from './schemas.js';

/** What search and the list of tags take and answer. */

const NAME = '[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?';
const workflowId = Type.String({ pattern: `^${NAME}/${NAME}$` });
const tag = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$' });
/** Older clients may not know all. */
const word = Type.String({ pattern: '^[a-z][a-z0-9._-]{0,63}$' });
const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});

/** Plain text in pieces, in order; `true` marks what the query matched. Together they are the whole text, never markup. */
export const MarkedTextSchema = Type.Array(Type.Tuple([Type.String(), Type.Boolean()]));
/** A text in pieces, of which some are what was searched for. */
export type MarkedText = Static<typeof MarkedTextSchema>;

/** The JSON Schema of {@link SearchHit}. */
export const SearchHitSchema = Type.Object({
  id: workflowId,
  version: Type.String({
    description: 'SemVer 2 without build metadata',
    pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$',
    maxLength: 64,
  }),
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  tags: Type.Array(tag),
  license: Type.Optional(Type.String()),
  state: VersionStateSchema,
  /** Kinds of permission that the version declares, such as `network`. */
  permissionKinds: Type.Array(word),
  publishedAt: time,
  /** Counted in batches: minutes behind. */
  downloads: Type.Integer({ minimum: 0 }),
  /** The text names this workflow; such hits come first. */
  exactName: Type.Optional(Type.Literal(true)),
  /** Texts in which the query matched; a text that is left out has no match. */
  highlights: Type.Optional(
    Type.Object({
      id: Type.Optional(MarkedTextSchema),
      title: Type.Optional(MarkedTextSchema),
      description: Type.Optional(MarkedTextSchema),
      /** The tags that matched. */
      tags: Type.Optional(Type.Array(tag)),
    }),
  ),
});
/** A workflow that was found. */
export type SearchHit = Static<typeof SearchHitSchema>;

const facet = Type.Array(Type.Object({ value: Type.String(), workflows: Type.Integer({ minimum: 1 }) }));

/** Values among the matches that were looked at, most frequent first, at most 20 of each. */
export const SearchFacetsSchema = Type.Object({
  tags: facet,
  owners: facet,
  licenses: facet,
  permissions: facet,
  states: facet,
});
/** How many hits each filter would leave. */
export type SearchFacets = Static<typeof SearchFacetsSchema>;

/** The JSON Schema of {@link SearchResult}. */
export const SearchResultSchema = Type.Object({
  /** How many workflows match; at most 1,000 are looked at. */
  total: Type.Integer({ minimum: 0 }),
  /** False when more than `total` match. */
  totalIsExact: Type.Boolean(),
  hits: Type.Array(SearchHitSchema),
  /** What is spelled or described nearly like the text, only when nothing matched. */
  near: Type.Array(SearchHitSchema),
  /** On the first page only. */
  facets: Type.Optional(SearchFacetsSchema),
  nextCursor: Type.Optional(Type.String()),
});
/** A page of hits, and near names when there are none. */
export type SearchResult = Static<typeof SearchResultSchema>;

/** The orders in which hits can be asked for. */
export const SEARCH_SORTS = ['relevance', 'downloads', 'recent', 'name'] as const;
/** An order of hits. */
export type SearchSort = (typeof SEARCH_SORTS)[number];

/** States that search shows; what is yanked or quarantined is never found. */
export const SEARCH_STATES = ['active', 'deprecated'] as const;
/** Which states of a release are searched. */
export type SearchState = (typeof SEARCH_STATES)[number];

/** The JSON Schema of {@link TagList}. */
export const TagListSchema = Type.Object({
  /** Most used first, then by name. */
  tags: Type.Array(Type.Object({ tag, workflows: Type.Integer({ minimum: 1 }) })),
  nextCursor: Type.Optional(Type.String()),
});
/** Tags and how many workflows have each. */
export type TagList = Static<typeof TagListSchema>;
