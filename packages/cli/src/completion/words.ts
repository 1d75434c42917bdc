import { parseReference } from '@sheaf/client';

/** What shells complete from a file: one word a line. */
export type CandidateKind = 'reference' | 'namespace' | 'run' | 'registry' | 'key' | 'secret' | 'parameter';

const MAX_WORDS = 10_000;

/** No character in it means anything to a shell, and it cannot be taken for a flag. */
const PLAIN = /^[a-z0-9][a-z0-9._-]{0,127}$/i;
/** A parameter behind what its workflow is called on the command line: `deploy/since`, `acme/deploy/since`. */
const PLAIN_PARAMETER = /^[a-z0-9][a-z0-9:/.+-]{0,300}\/[a-z][a-z0-9_-]{0,63}$/i;
const PLAIN_REFERENCE = /^[a-z0-9][a-z0-9:/@.+-]{0,300}$/i;

/**
 * The words of a candidate file after some more: sorted out, the newest first, each once, at most 10,000. Undefined
 * when the file can stay as it is.
 */
export function keepNewest(
  kind: CandidateKind,
  before: readonly string[],
  words: readonly string[],
): readonly string[] | undefined {
  const fresh = [...new Set(words)].filter((word) => isSafe(kind, word));
  const known = new Set(before.slice(0, MAX_WORDS));
  if (fresh.every((word) => known.has(word)) && before.length <= MAX_WORDS) return undefined;
  const added = new Set(fresh);
  return [...fresh, ...before.filter((word) => !added.has(word) && isSafe(kind, word))].slice(0, MAX_WORDS);
}

function isSafe(kind: CandidateKind, word: string): boolean {
  if (kind === 'parameter') return PLAIN_PARAMETER.test(word);
  if (kind !== 'reference') return PLAIN.test(word);
  if (!PLAIN_REFERENCE.test(word)) return false;
  try {
    parseReference(word);
    return true;
  } catch {
    return false;
  }
}
