import { quote, type Permissions, type SecretText } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import type { Names } from '../core/scope.js';

/** What says which secrets a step may have: what its workflow asks for, and what it was given by name. */
export interface SecretScope {
  readonly permissions: Permissions;
  readonly names: Pick<Names, 'parameters' | 'declared'>;
  /** Values by name. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** The value of a secret. Throws ActionError `policy.denied`, `secret.missing`. */
export function getSecret({ permissions, names, secrets }: SecretScope, name: string): string {
  if (!permissions.secrets.includes(name) && !isGiven(names, name)) {
    throw new ActionError('policy.denied', `the run may not use the secret ${quote(name)}`, {
      hint: `add "${name}" to secrets under [permissions] of the workflow`,
    });
  }
  const value = secrets.get(name);
  if (value !== undefined) return value;
  throw new ActionError('secret.missing', `there is no secret ${quote(name)} on this machine`, {
    hint: `set the variable ${name} for the command that runs it`,
  });
}

/** A text with the values in it. Throws like {@link getSecret}. */
export function fillSecrets(scope: SecretScope, text: string | SecretText): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : getSecret(scope, part.secret))).join('');
}

/** Parameters that are no secrets: the others' values are names, and no process is told them. */
export function withoutSecrets({ parameters, declared = {} }: SecretScope['names']): Names['parameters'] {
  const isSecret = (name: string): boolean =>
    Object.hasOwn(declared, name) && declared[name]?.type === 'secret';
  if (!Object.keys(declared).some(isSecret)) return parameters;
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !isSecret(name)));
}

function isGiven({ parameters, declared = {} }: SecretScope['names'], name: string): boolean {
  return Object.entries(declared).some(
    ([parameter, { type }]) => type === 'secret' && parameters[parameter] === name,
  );
}
