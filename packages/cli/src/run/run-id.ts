import type { RunRecords } from '@sheaf/engine';
import { CliError } from '../frame/errors.js';

/** Fewer characters are refused, so that a slip of the finger means no run. */
const LEAST = 3;

/**
 * The run that somebody means: by its id, or by a beginning of it that no other has.
 *
 * @throws CliError `run.ambiguous`; EngineError `run.not_found`
 */
export function getRunId(engine: Pick<RunRecords, 'findRunIds' | 'getSummary'>, word: string): string {
  const found = word.length >= LEAST ? engine.findRunIds(word) : [];
  const [only, ...more] = found;
  if (only === undefined || only === word) return engine.getSummary(word).runId;
  if (more.length === 0) return only;
  throw new CliError(
    'run.ambiguous',
    `${found.length === 10 ? 'ten runs or more' : `${found.length} runs`} begin with ${word}`,
    {
      evidence: found,
      hint: 'give more of the id: sheaf status',
    },
  );
}
