import { WorkflowError } from './errors.js';
import { compileProgram, runProgram, wordsOf } from './glob-program.js';
import { quote } from './text.js';

/** A compiled glob: does this path, relative and with `/`, match? */
export type Glob = (path: string) => boolean;

/** Most globs in one list of a definition. */
export const MAX_GLOBS = 64;
const MAX_GLOB_LENGTH = 200;
/** Below 200 ms of work: 40 globs of up to 31 characters for 10,000 paths of 80. */
const MAX_GLOB_WORK = 1 << 25;
const HINT =
  'use a relative path with * (within a folder), ? (one character) and ** (any folders, as a whole segment)';

/**
 * Compiles a glob: `*` and `?` stay within a segment, `**` is a whole segment and matches any number of them, also none;
 * dot files match like others. There are no braces, classes or negation. Time is linear in the path, whatever the glob.
 * Throws WorkflowError `glob.invalid`.
 */
export function compileGlob(glob: string): Glob {
  const problem = findGlobProblem(glob);
  if (problem !== undefined) {
    throw new WorkflowError('glob.invalid', `glob ${quote(glob)} ${problem}`, { hint: HINT });
  }
  const program = compileProgram(glob);
  return (path) => runProgram(program, path, { steps: 0 });
}

/**
 * Whether so many globs may be matched with so many paths: each glob counts once, and once more for each 32 characters
 * of it, for every character of every path, and 2^25 is the most. What matches plays no part, so that all who read one
 * bundle agree about it.
 */
export function isWithinGlobBudget(globs: readonly string[], paths: readonly string[]): boolean {
  const words = globs.reduce((sum, glob) => sum + wordsOf(glob), 0);
  const characters = paths.reduce((sum, path) => sum + path.length + 1, 0);
  return words * characters <= MAX_GLOB_WORK;
}

function findGlobProblem(glob: string): string | undefined {
  if (glob === '' || glob.length > MAX_GLOB_LENGTH) return `must have 1 to ${MAX_GLOB_LENGTH} characters`;
  if (/[[\]{}()!\\]|[\p{Cc}\p{Cf}]/u.test(glob)) return 'has a character that is not supported';
  for (const segment of glob.split('/')) {
    if (segment === '') return 'must be relative, without an empty segment';
    if (segment === '.' || segment === '..') return 'must not hold . or .. as a segment';
    if (segment.includes('**') && segment !== '**') return 'must have ** as a whole segment';
  }
  return undefined;
}
