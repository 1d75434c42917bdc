import { ACCESS_PROBLEMS } from './problems/access.js';
import { CATALOGUE_PROBLEMS } from './problems/catalogue.js';
import type { ProblemKind } from './problems/kind.js';
import { SERVICE_PROBLEMS } from './problems/service.js';
import { TRUST_PROBLEMS } from './problems/trust.js';

export type { ProblemKind } from './problems/kind.js';

/**
 * Every problem that a registry may answer, by its stable code: the one table from which status, title and
 * `docs/ERRORS.md` come. Codes are never renamed and never used for something else; the word before the dot is in one
 * area only.
 */
export const PROBLEMS = {
  ...SERVICE_PROBLEMS,
  ...ACCESS_PROBLEMS,
  ...CATALOGUE_PROBLEMS,
  ...TRUST_PROBLEMS,
} as const satisfies Record<string, ProblemKind>;

/** Every code that a registry answers problems with. */
export type ProblemCode = keyof typeof PROBLEMS;

/** The table as a plain record, for a code that came over the wire. */
export function findProblemKind(code: string): ProblemKind | undefined {
  return Object.hasOwn(PROBLEMS, code) ? (PROBLEMS as Record<string, ProblemKind>)[code] : undefined;
}
