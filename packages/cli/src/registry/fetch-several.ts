import { mapLimited } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { readReference } from '../project/read-reference.js';
import { openFetchProgress } from './fetch-progress.js';
import { fetchVerified, type Fetched, type FetchOptions } from './fetch.js';
import { locateReference } from './locate.js';
import { withSessions, type Session } from './session.js';
import { createTurns } from './turns.js';

/** How many downloads are under way at the same time. */
export const FETCH_CONCURRENCY = 4;

/** What became of one reference. */
export type SeveralResult<T> =
  | { readonly ok: true; readonly word: string; readonly value: T }
  | { readonly ok: false; readonly word: string; readonly error: unknown };

/**
 * Fetches and verifies several workflows, a few at a time, each from the registry that its reference means. One that
 * fails does not stop the others; what is asked is asked one after the other.
 *
 * @param deliver does what is left to do with a verified workflow
 */
export async function fetchSeveral<T>(
  context: Context,
  input: Input,
  options: FetchOptions,
  deliver: (session: Session, fetched: Fetched) => Promise<T>,
): Promise<readonly SeveralResult<T>[]> {
  const words = [...new Set(input.positionals)];
  const progress = openFetchProgress(context);
  const turns = createTurns();
  try {
    return await withSessions(context, (use) => {
      const fetchOne = async (word: string): Promise<T> => {
        const reference = await readReference(context, word);
        const choice = await locateReference({ context, input, use }, reference);
        return use(choice, async (session) =>
          deliver(session, await fetchVerified(context, session, reference, { ...options, progress, turns })),
        );
      };
      return mapLimited(words, FETCH_CONCURRENCY, async (word): Promise<SeveralResult<T>> => {
        try {
          return { ok: true, word, value: await fetchOne(word) };
        } catch (error) {
          if (context.signal.aborted) throw error;
          return { ok: false, word, error };
        }
      });
    });
  } finally {
    progress.close();
  }
}
