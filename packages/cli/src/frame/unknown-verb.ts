import { VERBS } from '../verbs.js';
import { CliError } from './errors.js';
import { findNear } from './suggest.js';

/** What a word that is no verb is answered with. */
export function unknownVerb(word: string): CliError {
  if (word.startsWith('-')) {
    return new CliError('usage.unknown_flag', `flags stand after the verb: ${word}`, {
      hint: `sheaf VERB ${word}`,
    });
  }
  const near = findNear(
    word,
    VERBS.map((verb) => verb.name),
  );
  return new CliError('usage.unknown_verb', `sheaf has no verb \`${word}\``, {
    hint: near === undefined ? 'sheaf help' : `did you mean sheaf ${near}`,
  });
}
