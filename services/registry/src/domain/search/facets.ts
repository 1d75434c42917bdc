import type { SearchFacets } from '@sheaf/client/contract';

/** Counts the facets of candidates. Keeps what it has read before: the same workflows are candidates again and again. */
export interface FacetCounter {
  /** A line for each candidate, values between tabs, each with the letter of its facet before it. */
  count(lines: string): SearchFacets;
}

/** A value in any of the lines that are kept. */
interface Value {
  readonly text: string;
  /** Of the counting in progress. */
  count: number;
}

const MAX_VALUES = 20;
/** Of lines that are kept: of some ten thousand workflows, in about 5 MB. */
const MAX_KEPT_CHARACTERS = 1_500_000;

/** The facet of each first letter. */
const KINDS: ReadonlyMap<string, keyof SearchFacets> = new Map([
  ['t', 'tags'],
  ['o', 'owners'],
  ['l', 'licenses'],
  ['p', 'permissions'],
  ['s', 'states'],
]);

export function createFacetCounter(maxKeptCharacters = MAX_KEPT_CHARACTERS): FacetCounter {
  const values = new Map<string, Value>();
  const kept = new Map<string, readonly Value[]>();
  let keptCharacters = 0;

  const read = (line: string): readonly Value[] => {
    const own = copyOf(line);
    const found = own.split('\t').flatMap((text) => (text === '' ? [] : [valueOf(values, text)]));
    kept.set(own, found);
    keptCharacters += own.length;
    return found;
  };
  return {
    count: (lines) => {
      // Only between two countings: in one of them a value is one object.
      if (keptCharacters > maxKeptCharacters) {
        values.clear();
        kept.clear();
        keptCharacters = 0;
      }
      const counted: Value[] = [];
      for (const line of lines.split('\n')) {
        for (const value of kept.get(line) ?? read(line)) {
          if (value.count === 0) counted.push(value);
          value.count += 1;
        }
      }
      const facets = facetsOf(counted);
      for (const value of counted) value.count = 0;
      return facets;
    },
  };
}

function valueOf(values: Map<string, Value>, text: string): Value {
  const known = values.get(text);
  if (known) return known;
  const value = { text: copyOf(text), count: 0 };
  values.set(value.text, value);
  return value;
}

/** A part of a text would keep all of it in memory. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

function facetsOf(counted: readonly Value[]): SearchFacets {
  const best: Record<keyof SearchFacets, Value[]> = {
    tags: [],
    owners: [],
    licenses: [],
    permissions: [],
    states: [],
  };
  for (const value of counted) {
    const kind = KINDS.get(value.text.charAt(0));
    if (kind !== undefined) insert(best[kind], value);
  }
  const toFacet = ({ text, count }: Value) => ({ value: text.slice(1), workflows: count });
  return {
    tags: best.tags.map(toFacet),
    owners: best.owners.map(toFacet),
    licenses: best.licenses.map(toFacet),
    permissions: best.permissions.map(toFacet),
    states: best.states.map(toFacet),
  };
}

/** Puts a value in its place among the most frequent. Most occur once, and are settled by a look at the last. */
function insert(best: Value[], value: Value): void {
  const last = best.at(-1);
  if (best.length === MAX_VALUES && last && !isBefore(value, last)) return;
  let at = best.length;
  for (let before = best[at - 1]; before && isBefore(value, before); before = best[at - 1]) at -= 1;
  best.splice(at, 0, value);
  if (best.length > MAX_VALUES) best.pop();
}

function isBefore(a: Value, b: Value): boolean {
  return a.count > b.count || (a.count === b.count && a.text < b.text);
}
