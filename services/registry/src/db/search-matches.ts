import type { SearchSort } from '@sheaf/client/contract';
import { MAX_CANDIDATES, ORDERS, type SearchShape, type SearchValues } from './search-shape.js';

/** Public shelves, best first. */
const PUBLIC_SHELVES = [0, 1, 2, 3];
const PRIVATE_SHELF = 9;
/** What is private leaves room for what is public. */
const MAX_PRIVATE = 300;

/** How much a match is worth by where every word was found. */
const WORTH = { exact: 1000, name: 8, head: 3, anywhere: 1 } as const;

/** A value in the text of a statement. */
export type Parameter = (name: keyof SearchValues) => string;

/** Parts that together find the candidates, best first: the statement stops in the one that fills it. */
export function matches(shape: SearchShape, parameter: Parameter): readonly string[] {
  switch (shape.kind) {
    case 'few':
    case 'text':
      return allMatches(shape, parameter);
    case 'named':
      return [exactMatch(shape, parameter), ...namedMatches(shape, parameter)];
    case 'mixed':
      return mixedMatches(shape, parameter);
    case 'filter':
      return onShelves(shape, parameter, ['filter', 'privateFilter'], 'false', keyOf(shape, '1'), 'true');
    case 'browse':
      return [
        browsed(shape, parameter),
        ...privatePart(shape, parameter, 'privateFilter', 'false', keyOf(shape, '1'), 'true'),
      ];
  }
}

/** Every word of a name is one of what describes it: what is found by words holds what is found by its name. */
function allMatches(shape: SearchShape, parameter: Parameter): readonly string[] {
  const isExact = isExactOf(parameter);
  const worth = `case when ${isExact} then ${WORTH.exact}
    when head @@ ${parameter('headNames')} then ${namedOf(parameter)}
    when head @@ ${parameter('head')} then ${WORTH.head} else ${WORTH.anywhere} end`;
  const query = parameter(shape.kind === 'few' ? 'others' : 'anywhere');
  const isMatch = shape.kind === 'few' ? `terms @@ ${parameter('anywhere')} as is_match,` : '';
  return PUBLIC_SHELVES.map(
    (
      shelf,
    ) => `select ctid as place, workflow_id, facets, ${isMatch} ${isExact} as is_exact, ${keyOf(shape, worth)} as key
    from search_entries where shelf = ${shelf} and terms @@ ${query}`,
  );
}

function isExactOf(parameter: Parameter): string {
  const namespace = parameter('exactNamespace');
  return `(name = ${parameter('exactName')} and (${namespace} is null or namespace = ${namespace}))`;
}

function namedOf(parameter: Parameter): string {
  return `${WORTH.name} * (0.5 + 0.5 * least(1, ${parameter('words')} / name_words))
    * case when replace(name, '-', '') = replace(${parameter('text')}, '-', '') then 3
      when starts_with(name, ${parameter('text')}) then 1.2 else 1 end`;
}

/** The public workflow that the text names, however many match. */
function exactMatch(shape: SearchShape, parameter: Parameter): string {
  const filter = parameter('filter');
  return exact(shape, parameter, `shelf <> ${PRIVATE_SHELF} and (${filter} is null or terms @@ ${filter})`);
}

function exact(shape: SearchShape, parameter: Parameter, condition: string): string {
  return `select ctid as place, workflow_id, facets, true as is_exact, ${keyOf(shape, String(WORTH.exact))} as key
    from search_entries where ${isExactOf(parameter)} and ${condition}`;
}

function namedMatches(shape: SearchShape, parameter: Parameter): readonly string[] {
  const key = keyOf(shape, namedOf(parameter));
  return onShelves(shape, parameter, ['names', 'privateNames'], 'false', key, `not ${isExactOf(parameter)}`);
}

function mixedMatches(shape: SearchShape, parameter: Parameter): readonly string[] {
  const otherwise = `case when head @@ ${parameter('head')} then ${WORTH.head} else ${WORTH.anywhere} end`;
  return [
    exactMatch(shape, parameter),
    ...(shape.hasPrivate
      ? [exact(shape, parameter, `shelf = ${PRIVATE_SHELF} and terms @@ ${parameter('privateFilter')}`)]
      : []),
    ...namedMatches(shape, parameter),
    ...onShelves(
      shape,
      parameter,
      ['anywhere', 'privateAnywhere'],
      'false',
      keyOf(shape, otherwise),
      // Null where there is no word to look for in names.
      `not ${isExactOf(parameter)} and (head @@ ${parameter('headNames')}) is not true`,
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
  return `select ctid as place, workflow_id, facets, ${isExact} as is_exact, ${key} as key from search_entries
    where shelf = ${shelf} and terms @@ ${query} and ${condition}`;
}

/** Straight from the index of the order, so that pages go on beyond what one query looks at. */
function browsed(shape: SearchShape, parameter: Parameter): string {
  const { key, direction } = ORDERS[shape.sort];
  const order = shape.sort === 'name' ? 'name, namespace' : `${key} ${direction}, workflow_id ${direction}`;
  return `(select ctid as place, workflow_id, facets, false as is_exact, ${keyOf(shape, '1')} as key from search_entries
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
