import { CliError } from './errors.js';
import { findNear } from './suggest.js';

/** What a shell offers for a word, beside closed lists: files of this machine, or names that sheaf has seen before. */
export type CompletionKind =
  | 'file'
  | 'folder'
  | 'reference'
  | 'name'
  | 'namespace'
  | 'run'
  | 'registry'
  | 'key'
  | 'secret'
  | 'parameter'
  | 'verb'
  | 'topic';

/** A flag. Without `value` it is a switch; with it, it takes one value, named in the help by that word. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  /** All values that it takes: another one is refused with the nearest of them, and shells offer them. */
  readonly values?: readonly string[];
  /** What shells offer for its value; nothing unless given. */
  readonly completes?: CompletionKind;
  /** May stand without its value; with it, only as `--flag=value`. */
  readonly optional?: boolean;
  /** May be given several times. */
  readonly repeat?: boolean;
  /** Stands behind the usual flags in the help. */
  readonly rare?: boolean;
  readonly summary: string;
}

/** How many words a command takes, and what the help calls them. */
export interface Positionals {
  /** `add|list|remove`, in lower case, is a closed list, which shells offer. */
  readonly names: readonly string[];
  /** What shells offer for each of them, one entry a name; an empty list for nothing, and for a closed list. */
  readonly completes?: readonly (CompletionKind | readonly CompletionKind[])[];
  /** Whether the last of them may be repeated. */
  readonly more?: boolean;
  /** How many of them must be there. */
  readonly required: number;
}

/** The words after the verb, read. */
export interface Input {
  readonly positionals: readonly string[];
  has(flag: string): boolean;
  get(flag: string): string | undefined;
  all(flag: string): readonly string[];
}

/** A command as errors name it: `key list`, and what its help shows. */
interface Described {
  readonly name: string;
  readonly examples: readonly string[];
}

/** Of a value that is refused, so many characters are shown. */
const MAX_SHOWN = 60;

/**
 * Reads the words after a verb, strictly: an unknown flag, a missing value, a word too many is an error.
 * `--flag value`, `--flag=value`, `-f value`, `-fvalue`; `--` ends the flags.
 *
 * @throws CliError `usage.…`
 */
export function parseArgs(
  words: readonly string[],
  flags: readonly Flag[],
  positionals: Positionals,
  command: string | Described,
): Input {
  const { name: verb, examples } = typeof command === 'string' ? { name: command, examples: [] } : command;
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') {
      rest.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    const { flag, inline } = findFlag(word, flags, verb);
    if (flag.optional === true && inline === undefined) {
      values.set(flag.name, ['']);
      continue;
    }
    if (flag.value === undefined) {
      if (inline !== undefined) throw usage('usage.unexpected_value', `--${flag.name} takes no value`, verb);
      values.set(flag.name, ['']);
      continue;
    }
    const value = inline ?? words[++i];
    if (value === undefined)
      throw usage('usage.missing_value', `--${flag.name} needs a value: ${flag.value}`, verb);
    if (flag.values?.includes(value) === false) throw notOneOf(flag, value, flag.values, verb);
    const earlier = values.get(flag.name) ?? [];
    if (earlier.length > 0 && flag.repeat !== true)
      throw usage('usage.repeated_flag', `--${flag.name} is given twice`, verb);
    values.set(flag.name, [...earlier, value]);
  }
  checkPositionals(rest, positionals, { name: verb, examples }, values.has('help'));
  return {
    positionals: rest,
    has: (flag) => values.has(flag),
    get: (flag) => values.get(flag)?.[0],
    all: (flag) => values.get(flag) ?? [],
  };
}

function notOneOf(
  { name, optional }: Flag,
  value: string,
  values: readonly string[],
  verb: string,
): CliError {
  const near = findNear(value, values);
  const known =
    values.length === 1 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
  return usage(
    'usage.invalid_value',
    `--${name} takes ${known}, not ${JSON.stringify(value.slice(0, MAX_SHOWN))}`,
    verb,
    near === undefined ? undefined : `did you mean --${name}${optional === true ? '=' : ' '}${near}`,
  );
}

function findFlag(
  word: string,
  flags: readonly Flag[],
  verb: string,
): { readonly flag: Flag; readonly inline?: string } {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
    const flag = flags.find((each) => each.name === name);
    if (flag !== undefined) return equals === -1 ? { flag } : { flag, inline: word.slice(equals + 1) };
    const near = findNear(
      name,
      flags.map((each) => each.name),
    );
    throw usage(
      'usage.unknown_flag',
      `sheaf ${verb} has no flag --${name}`,
      verb,
      near === undefined ? undefined : `did you mean --${near}`,
    );
  }
  const flag = flags.find((each) => each.short === word[1]);
  if (flag === undefined)
    throw usage('usage.unknown_flag', `sheaf ${verb} has no flag ${word.slice(0, 2)}`, verb);
  if (word.length === 2) return { flag };
  return { flag, inline: word[2] === '=' ? word.slice(3) : word.slice(2) };
}

function checkPositionals(
  rest: readonly string[],
  positionals: Positionals,
  { name: verb, examples }: Described,
  help: boolean,
): void {
  if (help) return;
  const form = [
    `sheaf ${[verb, ...describeWords(positionals)].join(' ')}`,
    ...examples.slice(0, 1).map((example) => `for example ${example}`),
  ];
  if (rest.length < positionals.required) {
    throw usage(
      'usage.missing_argument',
      `sheaf ${verb} needs ${positionals.names.slice(rest.length, positionals.required).join(' and ')}`,
      verb,
      form,
    );
  }
  const extra = positionals.more === true ? undefined : rest[positionals.names.length];
  if (extra !== undefined)
    throw usage('usage.unexpected_argument', `sheaf ${verb} does not take \`${extra}\``, verb, form);
}

function usage(code: string, message: string, verb: string, hint: string | readonly string[] = []): CliError {
  return new CliError(code, message, {
    hint: [...(typeof hint === 'string' ? [hint] : hint), `sheaf ${verb} --help`],
  });
}

/** `REF`, `[DIR]`, `[WORD …]`. */
export function describeWords({ names, required, more = false }: Positionals): readonly string[] {
  return names.map((name, index) => {
    const word = more && index === names.length - 1 ? `${name} …` : name;
    return index < required ? word : `[${word}]`;
  });
}
