import { CliError } from '../frame/errors.js';
import { shellWord } from '../terminal/shell.js';

/** Which secret: its name, and for whom it is kept where that is not everybody. */
export interface SecretKey {
  readonly name: string;
  /** A workflow, `acme/notes`, or a namespace, `acme`. */
  readonly for?: string;
}

/** The same for the same secret. */
export function keyText({ name, for: scope }: SecretKey): string {
  // No name has a slash in it.
  return scope === undefined ? name : `${scope}/${name}`;
}

/** A secret as it is typed. */
export function typedKey({ name, for: scope }: SecretKey): string {
  return scope === undefined ? name : `${name} --for ${shellWord(scope)}`;
}

/** Secrets of a name that a workflow may get: its own before its namespace's before everybody's. */
export function keysFor(name: string, workflow: string): readonly SecretKey[] {
  const [namespace = ''] = workflow.split('/', 1);
  return [{ name, for: workflow }, { name, for: namespace }, { name }];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const PART = '[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?';
const SCOPE = new RegExp(`^${PART}(?:/${PART})?$`);

export function isSecretName(text: string): boolean {
  return NAME.test(text);
}

export function isSecretScope(text: string): boolean {
  return SCOPE.test(text);
}

/** What was typed. @throws CliError `usage.secret_name`, `usage.secret_scope` */
export function readSecretKey(name: string, scope: string | undefined): SecretKey {
  if (!isSecretName(name)) {
    // It may be the secret itself, which is not repeated.
    throw new CliError('usage.secret_name', 'that is not the name of a secret', {
      hint: [
        'a name has letters, digits and _, like GITHUB_TOKEN',
        'the value comes from standard input or is asked for, and never stands in a command',
      ],
    });
  }
  if (scope === undefined) return { name };
  if (isSecretScope(scope)) return { name, for: scope };
  throw new CliError('usage.secret_scope', '--for takes a workflow or a namespace', {
    hint: ['--for acme/notes', '--for acme'],
  });
}
