import type { SecretText } from '@sheaf/workflow';
import type { StartCommand } from '../core/command.js';
import { TextWithSecrets, type JsonWithSecrets } from '../core/secret-inputs.js';

/** The names of the secrets that an attempt is given, each once. */
export function namedSecrets({ env, secretInputs = {} }: StartCommand): readonly string[] {
  const names = new Set<string>();
  for (const text of Object.values(env)) if (typeof text !== 'string') addNames(text, names);
  for (const value of Object.values(secretInputs)) addInner(value, names);
  return [...names];
}

function addNames(text: SecretText, names: Set<string>): void {
  for (const part of text) if (typeof part !== 'string') names.add(part.secret);
}

function addInner(value: JsonWithSecrets, names: Set<string>): void {
  if (value instanceof TextWithSecrets) addNames(value.text, names);
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) addInner(inner, names);
}
