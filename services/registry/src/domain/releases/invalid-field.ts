import { RegistryError } from '../error.js';

/** One field of a request that is not as it must be, and why. */
export function invalidField(name: string, must: string, cause: unknown): RegistryError {
  return new RegistryError('request.invalid', `${name} ${must}`, {
    errors: [{ pointer: `/${name}`, code: 'field.invalid', detail: (cause as Error).message }],
    cause,
  });
}
