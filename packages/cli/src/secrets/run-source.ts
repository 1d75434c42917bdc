import type { SecretSource } from '@sheaf/engine';
import type { Context } from '../frame/context.js';

/** Where the secrets of runs come from. */
export function secretsOf({ env }: Pick<Context, 'env'>): SecretSource {
  const findVariable = (name: string): string | undefined =>
    Object.hasOwn(env, name) && env[name] !== '' ? env[name] : undefined;
  return {
    atHand: (names) => names.flatMap((name) => findVariable(name) ?? []),
    find: (name) => {
      const value = findVariable(name);
      return Promise.resolve(value === undefined ? undefined : { value, source: 'environment' });
    },
  };
}
