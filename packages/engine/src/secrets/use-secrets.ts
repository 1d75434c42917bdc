import { quote, type Permissions, type SecretText } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import type { Names } from '../core/scope.js';
import type { HeldSecrets } from './held-secrets.js';
import type { FoundSecret } from './source.js';

/** What says which secrets a step may have. */
export interface SecretScope {
  readonly permissions: Permissions;
  readonly secrets: HeldSecrets;
}

/** The value of a secret that was loaded. Throws ActionError `policy.denied`. */
export function getSecret(scope: SecretScope, name: string): string {
  assertMayUse(scope, name);
  const found = scope.secrets.known.get(name);
  if (found === undefined) throw new TypeError(`the secret ${name} was not loaded`);
  return found.value;
}

/** The value of a secret, asked for where it is not known yet. Throws ActionError `policy.denied`, `secret.…`. */
export async function loadSecret(scope: SecretScope, name: string): Promise<FoundSecret> {
  assertMayUse(scope, name);
  return scope.secrets.load(name);
}

/** Throws ActionError `policy.denied`. */
export function assertMayUse({ permissions }: Pick<SecretScope, 'permissions'>, name: string): void {
  if (permissions.secrets.includes(name)) return;
  throw new ActionError('policy.denied', `the run may not use the secret ${quote(name)}`, {
    hint: `add "${name}" to secrets under [permissions] of the workflow`,
    denied: { subject: 'secret', value: name, by: 'workflow' },
  });
}

/** A text with the values in it. Throws like {@link getSecret}. */
export function fillSecrets(scope: SecretScope, text: string | SecretText): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : getSecret(scope, part.secret))).join('');
}

/** Parameters that are no secrets: the others' values are names, and no process is told them. */
export function withoutSecrets({
  parameters,
  declared = {},
}: Pick<Names, 'parameters' | 'declared'>): Names['parameters'] {
  const isSecret = (name: string): boolean =>
    Object.hasOwn(declared, name) && declared[name]?.type === 'secret';
  if (!Object.keys(declared).some(isSecret)) return parameters;
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !isSecret(name)));
}
