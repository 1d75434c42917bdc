import { quote, type ActionManifest, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import type { ActionOutputs } from '../actions/action.js';
import { findSecretName, mapSecrets, type JsonWithSecrets } from '../core/secret-inputs.js';
import { fillSecrets, type SecretScope } from './use-secrets.js';

/**
 * What an action is given, with secrets only where its manifest says so: the name for an input of type secret, which asks for the value
 * itself; the value in one that may hold a secret. Throws ActionError `policy.denied`.
 */
export function giveInputs(
  scope: SecretScope,
  manifest: ActionManifest,
  inputs: ActionOutputs,
  secretInputs: Readonly<Record<string, JsonWithSecrets>>,
): ActionOutputs {
  const given = Object.create(null) as Record<string, JsonValue>;
  Object.assign(given, inputs);
  for (const [key, value] of Object.entries(secretInputs)) {
    const input = Object.hasOwn(manifest.inputs, key) ? manifest.inputs[key] : undefined;
    const name = findSecretName(value);
    if (input?.type === 'secret' && name !== undefined) given[key] = name;
    else if (input?.secret === true) given[key] = mapSecrets(value, (text) => fillSecrets(scope, text));
    else {
      throw new ActionError(
        'policy.denied',
        `the input ${quote(key)} of ${manifest.name} may hold no secret`,
      );
    }
  }
  return given;
}
