import { createHash } from 'node:crypto';
import type { SearchDatabase, Statement } from './search-database.js';
import type { SearchShape, SearchValues } from './search-shape.js';
import { prepareSearch } from './search-statements.js';

/** One workflow of a page, as its entry describes it. */
export interface FoundEntry {
  readonly isExact: boolean;
  /** Where the next page begins after it. */
  readonly key: string;
  readonly id: number;
  readonly downloads: number;
  readonly card: EntryCard;
}

/** What an entry says of its workflow; rendered when it became visible. */
export interface EntryCard {
  readonly id: string;
  readonly version: string;
  readonly title?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly license?: string;
  readonly state: 'active' | 'deprecated';
  readonly permissionKinds: readonly string[];
  readonly publishedAt: string;
}

export interface Found {
  /** Of the candidates; all that match when it is below `MAX_CANDIDATES`. */
  readonly total: number;
  /** Whether nothing was left out because there is too much. */
  readonly isAll: boolean;
  /** The page. */
  readonly entries: readonly FoundEntry[];
  /** A line for each candidate; its values stand between tabs, the first character saying of which facet. */
  readonly facets: string | null;
}

interface FoundRow {
  readonly total: number;
  readonly is_all: boolean;
  readonly hits: string | null;
  readonly facets: string | null;
}

/** One round trip. */
export async function findEntries(
  searchDb: SearchDatabase,
  shape: SearchShape,
  values: SearchValues,
): Promise<Found> {
  const { statement, valuesOf } = prepareSearch(shape);
  const [row] = await searchDb.query<FoundRow>(statement, valuesOf(values));
  if (!row) throw new Error('a search answers one row');
  const flat = JSON.parse(`[${row.hits ?? ''}]`) as unknown[];
  const entries: FoundEntry[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [isExact, key, id, downloads] = flat[i] as [boolean, string, number, number];
    entries.push({ isExact, key, id, downloads, card: flat[i + 1] as EntryCard });
  }
  return { total: row.total, isAll: row.is_all, entries, facets: row.facets };
}

/** An entry that is perhaps what was meant. */
export interface NearEntry {
  readonly name: string;
  readonly quality: number;
  readonly downloads: number;
  /** Read only of what is shown. */
  readonly card: () => EntryCard;
}

/** So many are looked at more closely. */
const MAX_NEAR = 200;

/** A line for each: neither names nor JSON hold the characters between them. */
const LINES = `string_agg(concat_ws(E'\\t', name, quality, downloads, card), E'\\n') as lines`;
const COLUMNS = 'select name, quality, downloads, card from search_entries';
const BY_TERMS = statementOf(`
  select ${LINES} from (select * from (
    (${COLUMNS} where shelf = 9 and terms @@ $2::tsquery limit 50)
    union all ${[0, 1, 2, 3].map((shelf) => `${COLUMNS} where shelf = ${shelf} and terms @@ $1::tsquery`).join(' union all ')}
  ) x limit ${MAX_NEAR}) y`);
const BY_LETTERS = statementOf(`
  select ${LINES} from (${COLUMNS} where name % $1::text and shelf in (0, 1)
    order by similarity(name, $1::text) desc, quality desc limit 20) x`);

/** Entries that match a query of terms, of what the caller may see. */
export function nearByTerms(searchDb: SearchDatabase, query: string, privateQuery: string | null) {
  return near(searchDb, BY_TERMS, [query, privateQuery]);
}

/**
 * Entries whose names share at least 15 of 100 runs of three letters with the text, the most alike first: of the best 8,000
 * public ones, so that it costs no more in a larger catalogue.
 */
export function nearByLetters(searchDb: SearchDatabase, text: string) {
  return near(searchDb, BY_LETTERS, [text]);
}

async function near(
  searchDb: SearchDatabase,
  statement: Statement,
  values: readonly unknown[],
): Promise<readonly NearEntry[]> {
  const [row] = await searchDb.query<{ lines: string | null }>(statement, values);
  return (row?.lines ?? '').split('\n').flatMap((line) => {
    const [name, quality, downloads, card] = line.split('\t');
    if (name === undefined || card === undefined) return [];
    return [
      {
        name,
        quality: Number(quality),
        downloads: Number(downloads),
        card: () => JSON.parse(card) as EntryCard,
      },
    ];
  });
}

function statementOf(text: string): Statement {
  return { name: `search_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text };
}
