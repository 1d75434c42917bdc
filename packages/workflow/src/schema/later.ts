/** Keys of the format that this version does not run, by the part of a definition they stand in. */
const LATER: Readonly<Record<string, ReadonlySet<string>>> = {
  definition: new Set(['max_parallel', 'workspace']),
  step: new Set(['artifacts', 'catch', 'workspace']),
};

/** Is this a key that a later version brings? */
export function isLaterKey(part: string, key: string): boolean {
  return LATER[part]?.has(key) === true;
}
