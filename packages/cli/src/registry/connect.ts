import { createRegistryClient, type RegistryClient, type RegistryClientOptions } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import type { RegistryChoice } from './choose.js';

/**
 * Opens a client for a registry: every request of the command line to a registry goes through one of these, so that
 * what the user has configured for connections holds for all of them.
 */
export function connect(
  { env }: Pick<Context, 'env' | 'paths'>,
  { url }: Pick<RegistryChoice, 'url'>,
  more: Omit<RegistryClientOptions, 'url'> = {},
): Promise<RegistryClient> {
  return Promise.resolve(createRegistryClient({ traceparent: env['TRACEPARENT'], ...more, url }));
}
