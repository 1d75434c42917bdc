import { createHash } from 'node:crypto';
import type { SearchSort } from '@sheaf/client/contract';
import type { Statement } from './search-database.js';

/** At most so many matches are looked at, so that a query for a common word costs no more than one for a rare one. */
export const MAX_CANDIDATES = 1000;

/** Public shelves, best first. */
const PUBLIC_SHELVES = [0, 1, 2, 3];
const PRIVATE_SHELF = 9;
/** What is private leaves room for what is public. */
const MAX_PRIVATE = 300;

/** How much a match is worth by where every word was found. */
const WORTH = { exact: 1000, name: 8, head: 3, anywhere: 1 } as const;

/** Which statement a search needs; there are few, so each is prepared once on each connection. */
export interface SearchShape {
  /** `text` looks for words, `filter` for tags and the like alone, `browse` for everything. */
  readonly kind: 'text' | 'filter' | 'browse';
  readonly sort: SearchSort;
  /** Whether the caller sees anything private. */
  readonly hasPrivate: boolean;
  /** Whether it is a page after the first. */
  readonly isContinued: boolean;
}

/** What a statement takes; each takes only some. */
export interface SearchValues {
  readonly names: string | null;
  readonly head: string | null;
  /** As `names`, without any filter: what a match is compared with. */
  readonly headNames: string | null;
  readonly anywhere: string | null;
  readonly exactName: string;
  readonly exactNamespace: string | null;
  readonly filter: string | null;
  /** As `names`, `anywhere` and `filter`, of what of the private catalogue the caller may see. */
  readonly privateNames: string | null;
  readonly privateAnywhere: string | null;
  readonly privateFilter: string | null;
  readonly text: string;
  readonly words: number;
  readonly limit: number;
  /** Where the page begins: after this key and id. */
  readonly afterKey: string | null;
  readonly afterId: string | null;
  readonly wantsFacets: boolean;
}

export interface PreparedSearch {
  readonly statement: Statement;
  readonly valuesOf: (values: SearchValues) => readonly unknown[];
}

const TYPES: Readonly<Record<keyof SearchValues, string>> = {
  names: 'tsquery',
  head: 'tsquery',
  headNames: 'tsquery',
  anywhere: 'tsquery',
  exactName: 'text',
  exactNamespace: 'text',
  filter: 'tsquery',
  privateNames: 'tsquery',
  privateAnywhere: 'tsquery',
  privateFilter: 'tsquery',
  text: 'text',
  words: 'float8',
  limit: 'int4',
  afterKey: 'text',
  afterId: 'int8',
  wantsFacets: 'bool',
};

type Parameter = (name: keyof SearchValues) => string;

/** What pages are ordered by, as a column of the entry; highest first, but for names. */
const ORDERS = {
  relevance: { key: 'quality', type: 'float8', direction: 'desc', beyond: '<' },
  downloads: { key: 'downloads', type: 'int8', direction: 'desc', beyond: '<' },
  recent: { key: 'published_at', type: 'timestamptz', direction: 'desc', beyond: '<' },
  name: { key: `(name || ' ' || namespace)`, type: 'text', direction: 'asc', beyond: '>' },
} as const satisfies Record<SearchSort, object>;

const prepared = new Map<string, PreparedSearch>();

/** The statement for a shape, made once. */
export function prepareSearch(shape: SearchShape): PreparedSearch {
  const key = `${shape.kind} ${shape.sort} ${String(shape.hasPrivate)} ${String(shape.isContinued)}`;
  const known = prepared.get(key);
  if (known) return known;
  const made = build(shape);
  prepared.set(key, made);
  return made;
}

function build(shape: SearchShape): PreparedSearch {
  // Numbered at the end: a parameter that the statement does not use would have no type.
  const parameter: Parameter = (name) => `{${name}}`;
  const { type, direction, beyond } = ORDERS[shape.sort];
  const after = shape.isContinued
    ? `where (key, workflow_id) ${beyond} (${parameter('afterKey')}::${type}, ${parameter('afterId')})`
    : '';
  const template = `
with found as (
  select * from (${matches(shape, parameter).join('\n  union all\n  ')}) x
  limit ${MAX_CANDIDATES}
), matched as materialized (
  select workflow_id, facets, is_exact, key from found
), page as (
  select workflow_id, is_exact, key from matched ${after}
  order by key ${direction}, workflow_id ${direction} limit ${parameter('limit')}
)
select (select count(*)::int4 from matched) as total,
  (select string_agg(json_build_array(p.is_exact, p.key::text, p.workflow_id, e.downloads)::text || ',' || e.card, ','
      order by p.key ${direction}, p.workflow_id ${direction})
    from page p join search_entries e on e.workflow_id = p.workflow_id) as hits,
  case when ${parameter('wantsFacets')} then (select string_agg(facets, E'\\n') from matched) end as facets`;
  const names: (keyof SearchValues)[] = [];
  const text = template.replace(/\{(\w+)\}/g, (_, word: string) => {
    const name = word as keyof SearchValues;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}::${TYPES[name]}`;
  });
  return {
    statement: { name: `search_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text },
    valuesOf: (values) => names.map((name) => values[name]),
  };
}

/** Parts that together find the candidates, best first: the statement stops in the one that fills it. */
function matches(shape: SearchShape, parameter: Parameter): readonly string[] {
  switch (shape.kind) {
    case 'text':
      return textMatches(shape, parameter);
    case 'filter':
      return onShelves(shape, parameter, ['filter', 'privateFilter'], 'false', keyOf(shape, '1'), 'true');
    case 'browse':
      return [
        browsed(shape, parameter),
        ...privatePart(shape, parameter, 'privateFilter', 'false', keyOf(shape, '1'), 'true'),
      ];
  }
}

function textMatches(shape: SearchShape, parameter: Parameter): readonly string[] {
  const name = parameter('exactName');
  const namespace = parameter('exactNamespace');
  const isExact = `(name = ${name} and (${namespace} is null or namespace = ${namespace}))`;
  const exact = (condition: string) => `
    select workflow_id, facets, true as is_exact, ${keyOf(shape, String(WORTH.exact))} as key from search_entries
    where ${isExact} and ${condition}`;
  const filter = parameter('filter');
  const named = `${WORTH.name} * (0.5 + 0.5 * least(1, ${parameter('words')} / name_words))
    * case when replace(name, '-', '') = replace(${parameter('text')}, '-', '') then 3
      when starts_with(name, ${parameter('text')}) then 1.2 else 1 end`;
  const otherwise = `case when head @@ ${parameter('head')} then ${WORTH.head} else ${WORTH.anywhere} end`;
  return [
    exact(`shelf <> ${PRIVATE_SHELF} and (${filter} is null or terms @@ ${filter})`),
    ...(shape.hasPrivate
      ? [exact(`shelf = ${PRIVATE_SHELF} and terms @@ ${parameter('privateFilter')}`)]
      : []),
    ...onShelves(shape, parameter, ['names', 'privateNames'], 'false', keyOf(shape, named), `not ${isExact}`),
    ...onShelves(
      shape,
      parameter,
      ['anywhere', 'privateAnywhere'],
      'false',
      keyOf(shape, otherwise),
      // Null where there is no word to look for in names.
      `not ${isExact} and (head @@ ${parameter('headNames')}) is not true`,
    ),
  ];
}

type QueryName = 'names' | 'anywhere' | 'filter';

function onShelves(
  shape: SearchShape,
  parameter: Parameter,
  [publicQuery, privateQuery]: readonly [QueryName, 'privateNames' | 'privateAnywhere' | 'privateFilter'],
  isExact: string,
  key: string,
  condition: string,
): readonly string[] {
  return [
    ...privatePart(shape, parameter, privateQuery, isExact, key, condition),
    ...PUBLIC_SHELVES.map((shelf) => onShelf(shelf, parameter(publicQuery), isExact, key, condition)),
  ];
}

function privatePart(
  shape: SearchShape,
  parameter: Parameter,
  query: 'privateNames' | 'privateAnywhere' | 'privateFilter',
  isExact: string,
  key: string,
  condition: string,
): readonly string[] {
  if (!shape.hasPrivate) return [];
  return [`(${onShelf(PRIVATE_SHELF, parameter(query), isExact, key, condition)} limit ${MAX_PRIVATE})`];
}

function onShelf(shelf: number, query: string, isExact: string, key: string, condition: string): string {
  return `select workflow_id, facets, ${isExact} as is_exact, ${key} as key from search_entries
    where shelf = ${shelf} and terms @@ ${query} and ${condition}`;
}

/** Straight from the index of the order, so that pages go on beyond what one query looks at. */
function browsed(shape: SearchShape, parameter: Parameter): string {
  const { key, direction } = ORDERS[shape.sort];
  const order = shape.sort === 'name' ? 'name, namespace' : `${key} ${direction}, workflow_id ${direction}`;
  return `(select workflow_id, facets, false as is_exact, ${keyOf(shape, '1')} as key from search_entries
    where shelf <> ${PRIVATE_SHELF} ${shape.isContinued ? `and ${browsedAfter(shape.sort, parameter)}` : ''}
    order by ${order} limit ${MAX_CANDIDATES})`;
}

function browsedAfter(sort: SearchSort, parameter: Parameter): string {
  const after = parameter('afterKey');
  if (sort === 'name')
    return `(name, namespace) > (split_part(${after}, ' ', 1), split_part(${after}, ' ', 2))`;
  const { key, type, beyond } = ORDERS[sort];
  return `(${key}, workflow_id) ${beyond} (${after}::${type === 'float8' ? 'real' : type}, ${parameter('afterId')})`;
}

/** What a match is ordered by. */
function keyOf(shape: SearchShape, worth: string): string {
  if (shape.sort === 'relevance') return `(${worth}) * quality::float8`;
  return ORDERS[shape.sort].key;
}
