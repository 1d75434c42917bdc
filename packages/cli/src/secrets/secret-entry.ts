import { randomBytes } from 'node:crypto';
import { isSecretName, isSecretScope, type SecretKey } from './secret-key.js';

/** What may be shown of a stored secret. */
export interface SecretEntry extends SecretKey {
  /** Another one each time that it is set. */
  readonly version: string;
  /** RFC 3339. */
  readonly setAt: string;
}

/** One that is set now. */
export function newEntry({ name, for: scope }: SecretKey, nowMs: number): SecretEntry {
  return {
    name,
    ...(scope === undefined ? {} : { for: scope }),
    version: randomBytes(8).toString('hex'),
    setAt: new Date(nowMs).toISOString(),
  };
}

/** An entry of a file that was parsed; undefined when it is none. */
export function readEntry(entry: unknown): SecretEntry | undefined {
  if (!isTable(entry)) return undefined;
  const { name, for: scope, version, setAt } = entry;
  if (typeof name !== 'string' || !isSecretName(name)) return undefined;
  if (typeof version !== 'string' || !/^[0-9a-f]{16}$/.test(version)) return undefined;
  if (typeof setAt !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(setAt)) return undefined;
  if (scope === undefined) return { name, version, setAt };
  return typeof scope === 'string' && isSecretScope(scope) ? { name, for: scope, version, setAt } : undefined;
}

/** The members of an entry, in the order that files have. */
export function membersOfEntry({ name, for: scope, version, setAt }: SecretEntry): object {
  return { name, ...(scope === undefined ? {} : { for: scope }), version, setAt };
}

/** An object of JSON. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
