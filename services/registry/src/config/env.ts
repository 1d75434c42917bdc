import { readFileSync } from 'node:fs';
import { StartError } from '../start-error.js';

/** The environment as the configuration sees it: every value text, nothing when unset. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The value of a variable; an empty one is an unset one. */
export function textOf(env: Env, name: string): string | undefined {
  const text = env[name];
  return text === '' ? undefined : text;
}

/**
 * A secret: the value of a variable, or the content of the file that the variable with `_FILE` at its end names.
 *
 * @throws StartError `usage.invalid`
 */
export function secretOf(
  env: Env,
  name: string,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): string | undefined {
  const [value, path] = [textOf(env, name), textOf(env, `${name}_FILE`)];
  if (path === undefined) return value;
  if (value !== undefined) throw usageError(`${name} and ${name}_FILE are both set`, 'set one of them');
  try {
    const text = readFile(path).replace(/\r?\n$/, '');
    return text === '' ? undefined : text;
  } catch (cause) {
    throw usageError(`${name}_FILE cannot be read`, 'check the path and its permissions', cause);
  }
}

export interface NumberRange {
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

/** A whole number. @throws StartError `usage.invalid` */
export function numberOf(env: Env, name: string, range: NumberRange): number {
  return parseNumber(name, textOf(env, name) ?? String(range.default), range);
}

/** @throws StartError `usage.invalid` */
export function parseNumber(
  name: string,
  text: string,
  { least, most }: Pick<NumberRange, 'least' | 'most'>,
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most)
    throw usageError(`${name} ${JSON.stringify(text)} is not valid`, `use a number from ${least} to ${most}`);
  return value;
}

/** One of a few words. @throws StartError `usage.invalid` */
export function wordOf<Word extends string>(
  env: Env,
  name: string,
  words: readonly Word[],
  otherwise: Word,
): Word {
  const text = textOf(env, name) ?? otherwise;
  const word = words.find((candidate) => candidate === text);
  if (word === undefined)
    throw usageError(`${name} ${JSON.stringify(text)} is unknown`, `use one of ${words.join(', ')}`);
  return word;
}

/** `on` or `off`. @throws StartError `usage.invalid` */
export function switchOf(env: Env, name: string, otherwise: boolean): boolean {
  return wordOf(env, name, ['on', 'off'], otherwise ? 'on' : 'off') === 'on';
}

/** An absolute http or https URL without credentials, query and fragment. @throws StartError `usage.invalid` */
export function urlOf(env: Env, name: string): URL | undefined {
  const text = textOf(env, name);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '')
    throw usageError(
      `${name} is not an http or https URL`,
      'use a URL without credentials, query and fragment, such as https://example.com/path',
    );
  return url;
}

export function usageError(message: string, hint: string, cause?: unknown): StartError {
  return new StartError('usage.invalid', message, hint, cause);
}
