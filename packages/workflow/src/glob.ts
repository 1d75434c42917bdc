import { WorkflowError } from './errors.js';
import { quote } from './text.js';

/** A compiled glob: does this path, relative and with `/`, match? */
export type Glob = (path: string) => boolean;

const MAX_GLOB_LENGTH = 200;
const HINT =
  'use a relative path with * (within a folder), ? (one character) and ** (any folders, as a whole segment)';

/**
 * Compiles a glob: `*` and `?` stay within a segment, `**` is a whole segment and matches any number of them, also none;
 * dot files match like others. There are no braces, classes or negation. Time is bounded by glob × path length.
 * Throws WorkflowError `glob.invalid`.
 */
export function compileGlob(glob: string): Glob {
  const problem = findGlobProblem(glob);
  if (problem !== undefined) {
    throw new WorkflowError('glob.invalid', `glob ${quote(glob)} ${problem}`, { hint: HINT });
  }
  const segments = glob.split('/');
  return (path) => matchSegments(segments, path.split('/'));
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

/** Greedy matching with one point to come back to, the last `**`: never exponential. */
function matchSegments(glob: readonly string[], path: readonly string[]): boolean {
  return matchWildcard(glob.length, path.length, {
    isStar: (g) => glob[g] === '**',
    matches: (g, p) => matchSegment(glob[g] ?? '', path[p] ?? ''),
  });
}

function matchSegment(glob: string, segment: string): boolean {
  const pattern = Array.from(glob);
  const text = Array.from(segment);
  return matchWildcard(pattern.length, text.length, {
    isStar: (g) => pattern[g] === '*',
    matches: (g, t) => pattern[g] === '?' || pattern[g] === text[t],
  });
}

function matchWildcard(
  patternLength: number,
  textLength: number,
  test: {
    readonly isStar: (pattern: number) => boolean;
    readonly matches: (pattern: number, text: number) => boolean;
  },
): boolean {
  let pattern = 0;
  let text = 0;
  let star = -1;
  let resumeAt = 0;
  while (text < textLength) {
    if (pattern < patternLength && test.isStar(pattern)) {
      star = pattern++;
      resumeAt = text;
    } else if (pattern < patternLength && test.matches(pattern, text)) {
      pattern++;
      text++;
    } else if (star >= 0) {
      pattern = star + 1;
      text = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern < patternLength && test.isStar(pattern)) pattern++;
  return pattern === patternLength;
}
