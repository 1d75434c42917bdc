import { quote, type Plan } from '@sheaf/workflow';
import { EngineError } from '../errors.js';

/** Asks the machine for the value of a secret; undefined when it has none of that name. */
export type FindSecret = (name: string) => Promise<string | undefined>;

/** Shorter ones cannot be hidden in output: they are in every text. */
export const MIN_SECRET_BYTES = 4;
export const MAX_SECRET_BYTES = 64 * 1024;

/**
 * The values of all secrets that a plan asks for, before anything runs; what it calls may use no others. That early, since what is hidden
 * in the output of one step may have been given to another, or by an earlier process. One that is missing is missed only by the step
 * that needs it. Throws EngineError `secret.invalid`.
 */
export async function loadSecrets(plan: Plan, find: FindSecret): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  for (const name of new Set(plan.permissions.secrets)) {
    const value = await find(name);
    if (value === undefined || value === '') continue;
    const problem = findProblem(value);
    if (problem !== undefined) {
      throw new EngineError('secret.invalid', `the secret ${quote(name)} ${problem}`, {
        hint: 'give it another value',
      });
    }
    secrets.set(name, value);
  }
  return secrets;
}

/** What is wrong with a value, in words that follow its name; never the value itself. */
export function findProblem(value: string): string | undefined {
  const sizeBytes = Buffer.byteLength(value);
  if (sizeBytes < MIN_SECRET_BYTES)
    return `is shorter than ${MIN_SECRET_BYTES} bytes, too short to be hidden in output`;
  if (sizeBytes > MAX_SECRET_BYTES) return `is longer than ${MAX_SECRET_BYTES} bytes`;
  return value.includes('\0') ? 'holds a NUL, which no process can be given' : undefined;
}
