import { parseReference, isClientError, type Reference } from '@sheaf/client';
import type { Context } from '../frame/context.js';

/**
 * A word as a reference. What is none is explained by what lies here, and by what `sheaf.toml` names.
 *
 * @throws ClientError `reference.invalid`; CliError of the same code, as `explainBareWord` and `explainLocal`
 */
export async function readReference(context: Pick<Context, 'cwd' | 'env'>, word: string): Promise<Reference> {
  try {
    return parseReference(word);
  } catch (error) {
    if (!isClientError(error, 'reference.invalid')) throw error;
    const { explainWord } = await import('./bare-word.js');
    throw await explainWord(context, word, error);
  }
}
