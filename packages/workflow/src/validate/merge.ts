import type { Finding } from '../source/tree.js';

/**
 * One finding for each cause: a name that does not exist is told where it is used first, and the other uses are places of that
 * finding. The findings keep their order.
 */
export function mergeAlike(findings: readonly Finding[]): readonly Finding[] {
  const first = new Map<string, number>();
  const merged: Finding[] = [];
  for (const finding of findings) {
    const { about } = finding;
    const at = about === undefined ? undefined : first.get(about);
    const before = at === undefined ? undefined : merged[at];
    if (at === undefined || before === undefined) {
      if (about !== undefined) first.set(about, merged.length);
      merged.push(finding);
      continue;
    }
    const { path, within } = finding;
    const place = { path, ...(within === undefined ? {} : { within }), label: 'and here' };
    merged[at] = { ...before, related: [...(before.related ?? []), place] };
  }
  return merged;
}
