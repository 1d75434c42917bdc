import { isClientError } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import { printable } from '../terminal/escape.js';
import { hangText } from '../terminal/text.js';

/** A flag whose values the registry knows, and the command line does not: a newer registry has more of them. */
export interface ChosenFlag {
  readonly flag: string;
  /** Where the registry says that its value is wrong; the number of the value, if it has one, is its group. */
  readonly pointer: RegExp;
  readonly given: readonly string[];
}

/** What a narrow terminal shows of evidence in one line. */
const COLUMNS = 76;

/**
 * Makes of the registry's list of what it would have taken an error about the flag that was given; any other error is
 * returned as it is.
 */
export function explainChoice(error: unknown, { flag, pointer, given }: ChosenFlag): unknown {
  if (!isClientError(error, 'request.invalid')) return error;
  for (const { pointer: place, detail } of error.problem?.errors ?? []) {
    const at = pointer.exec(place ?? '');
    const listed = /\bmust be one of (.+)$/.exec(detail)?.[1];
    if (at === null || listed === undefined) continue;
    const choices = listed.split(', ').map((choice) => printable(choice));
    const value = printable((given[Number(at[1] ?? 0)] ?? '').slice(0, 80));
    const near = findNear(value, choices);
    return new CliError('usage.invalid_value', `--${flag} ${JSON.stringify(value)} is unknown`, {
      cause: error,
      evidence: hangText('', choices.join(' '), COLUMNS),
      hint: near === undefined ? 'use one of those listed' : `did you mean --${flag} ${near}`,
      data: { choices },
    });
  }
  return error;
}
