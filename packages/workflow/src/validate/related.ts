import type { Path, RelatedFinding } from '../source/tree.js';
import { tick } from '../text.js';

/** The place where something is declared, for a finding about a name that is almost the same. */
export function definitionOf(path: Path): RelatedFinding {
  return { path, at: 'key', label: `${tick(String(path.at(-1)))} is defined here` };
}
