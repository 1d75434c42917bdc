import { createHash } from 'node:crypto';
import type { Statement } from './search-database.js';
import { matches, type Parameter } from './search-matches.js';
import {
  MAX_CANDIDATES,
  MAX_FEW,
  MAX_NAMED,
  ORDERS,
  type SearchShape,
  type SearchValues,
} from './search-shape.js';

export interface PreparedSearch {
  readonly statement: Statement;
  readonly valuesOf: (values: SearchValues) => readonly unknown[];
}

const TYPES: Readonly<Record<keyof SearchValues, string>> = {
  names: 'tsquery',
  head: 'tsquery',
  headNames: 'tsquery',
  anywhere: 'tsquery',
  others: 'tsquery',
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
};

/** How many candidates a statement looks at, where it is not as many as any may. */
const LIMITS: Partial<Record<SearchShape['kind'], number>> = { few: MAX_FEW, named: MAX_NAMED };

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
  const isFew = shape.kind === 'few';
  const limit = LIMITS[shape.kind] ?? MAX_CANDIDATES;
  const conditions = [
    ...(isFew ? ['is_match'] : []),
    ...(shape.isContinued
      ? [`(key, workflow_id) ${beyond} (${parameter('afterKey')}::${type}, ${parameter('afterId')})`]
      : []),
  ];
  const match = isFew ? ' filter (where is_match)' : '';
  const hasFacets = !shape.isContinued && shape.kind !== 'named';
  // A row is read again from where it was: nothing moves or goes away under the snapshot of a statement.
  const template = `
with found as materialized (
  select * from (${matches(shape, parameter).join('\n  union all\n  ')}) x
  limit ${limit}
), page as (
  select place, workflow_id, is_exact, key from found ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
  order by key ${direction}, workflow_id ${direction} limit ${parameter('limit')}
)
select count(*)${match}::int4 as total, count(*) < ${limit} as is_all,
  (select string_agg(case when p.is_exact then '[true,"' else '[false,"' end || p.key::text || '",' || p.workflow_id::text
      || ',' || e.downloads::text || '],' || e.card, ',' order by p.key ${direction}, p.workflow_id ${direction})
    from page p join search_entries e on e.ctid = p.place) as hits,
  ${hasFacets ? `string_agg(facets, E'\\n')${match}` : 'null'} as facets
from found`;
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
