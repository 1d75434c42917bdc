import {
  evaluateSecretText,
  evaluateTemplates,
  WorkflowError,
  type JsonValue,
  type Scope,
  type SecretText,
} from '@sheaf/workflow';

/** A text in which secrets stand by name. */
export class TextWithSecrets {
  constructor(readonly text: SecretText) {}
}

/** JSON in which some texts have secrets in them. */
export type JsonWithSecrets =
  JsonValue | TextWithSecrets | readonly JsonWithSecrets[] | { readonly [key: string]: JsonWithSecrets };

/** The value of JSON with templates, where it may hold secrets. Throws WorkflowError `expression.…`. */
export function evaluateWithSecrets(value: JsonValue, scope: Scope): JsonWithSecrets {
  try {
    return evaluateTemplates(value, scope);
  } catch (error) {
    if (!(error instanceof WorkflowError && error.code === 'expression.secret')) throw error;
    if (typeof value === 'string') return new TextWithSecrets(evaluateSecretText(value, scope));
    if (typeof value !== 'object' || value === null) throw error;
    if (Array.isArray(value))
      return (value as readonly JsonValue[]).map((item) => evaluateWithSecrets(item, scope));
    const table = Object.create(null) as Record<string, JsonWithSecrets>;
    for (const [key, item] of Object.entries(value)) table[key] = evaluateWithSecrets(item, scope);
    return table;
  }
}

/** Whether there is a secret in a value, at any depth. */
export function hasSecrets(value: JsonWithSecrets): value is Exclude<JsonWithSecrets, JsonValue> {
  if (value instanceof TextWithSecrets) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasSecrets);
}

/** The name of a secret that a value is, and nothing else. */
export function findSecretName(value: JsonWithSecrets): string | undefined {
  if (!(value instanceof TextWithSecrets) || value.text.length !== 1) return undefined;
  const [part] = value.text;
  return typeof part === 'object' ? part.secret : undefined;
}

/** A value with what a function makes of its texts. */
export function mapSecrets(value: JsonWithSecrets, fill: (text: SecretText) => string): JsonValue {
  if (value instanceof TextWithSecrets) return fill(value.text);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return (value as readonly JsonWithSecrets[]).map((item) => mapSecrets(item, fill));
  const table = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of Object.entries(value)) table[key] = mapSecrets(item, fill);
  return table;
}
