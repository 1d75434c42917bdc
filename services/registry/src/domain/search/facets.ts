import type { SearchFacets } from '@sheaf/client/contract';

const MAX_VALUES = 20;

/** The facet of each first letter. */
const KINDS = {
  t: 'tags',
  o: 'owners',
  l: 'licenses',
  p: 'permissions',
  s: 'states',
} as const satisfies Record<string, keyof SearchFacets>;

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
  const facets: Record<keyof SearchFacets, { value: string; workflows: number }[]> = {
    tags: [],
    owners: [],
    licenses: [],
    permissions: [],
    states: [],
  };
  for (const [value, workflows] of counts) {
    const kind = value.charAt(0) as keyof typeof KINDS;
    facets[KINDS[kind]].push({ value: value.slice(1), workflows });
  }
  for (const values of Object.values(facets)) {
    values.sort((a, b) => b.workflows - a.workflows || (a.value < b.value ? -1 : 1));
    values.splice(MAX_VALUES);
  }
  return facets;
}
