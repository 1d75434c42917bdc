import type { SearchFacets } from '@sheaf/client/contract';

const MAX_VALUES = 20;

/** The facet of each first letter. */
const KINDS: ReadonlyMap<string, keyof SearchFacets> = new Map([
  ['t', 'tags'],
  ['o', 'owners'],
  ['l', 'licenses'],
  ['p', 'permissions'],
  ['s', 'states'],
]);

interface Count {
  readonly value: string;
  readonly workflows: number;
}

/** Counts the values of all candidates: a line each, values between tabs, each with the letter of its facet before it. */
export function countFacets(lines: string): SearchFacets {
  const counts = new Map<string, number>();
  let start = 0;
  for (let i = 0; i <= lines.length; i += 1) {
    const code = i === lines.length ? 10 : lines.charCodeAt(i);
    if (code !== 9 && code !== 10) continue;
    const value = lines.slice(start, i);
    if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
    start = i + 1;
  }
  const facets: Record<keyof SearchFacets, Count[]> = {
    tags: [],
    owners: [],
    licenses: [],
    permissions: [],
    states: [],
  };
  for (const [text, workflows] of counts) {
    const kind = KINDS.get(text.charAt(0));
    if (kind !== undefined) insert(facets[kind], { value: text.slice(1), workflows });
  }
  return facets;
}

/** Puts a value in its place among the most frequent. Most occur once, and are settled by a look at the last. */
function insert(best: Count[], count: Count): void {
  const last = best.at(-1);
  if (best.length === MAX_VALUES && last && !isBefore(count, last)) return;
  let at = best.length;
  for (let before = best[at - 1]; before && isBefore(count, before); before = best[at - 1]) at -= 1;
  best.splice(at, 0, count);
  if (best.length > MAX_VALUES) best.pop();
}

function isBefore(a: Count, b: Count): boolean {
  return a.workflows > b.workflows || (a.workflows === b.workflows && a.value < b.value);
}
