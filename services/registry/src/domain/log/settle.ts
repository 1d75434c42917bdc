import { RegistryError } from '../error.js';
import type { Logs } from './logs.js';

export interface SettleDeps {
  readonly logs: Logs;
}

/**
 * Waits until the log of a realm has confirmed what was committed before the call.
 *
 * @throws RegistryError `log.frozen`; `service.log_lagging`: what was asked for is stored and will be confirmed; asking again is safe
 */
export async function settleLog({ logs }: SettleDeps, realm: string): Promise<void> {
  try {
    await logs.get(realm).sequencer.settle();
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause;
    throw new RegistryError('service.log_lagging', 'the log could not confirm the change yet', { cause });
  }
}

/**
 * Refuses what the log could not confirm, before anything of it is stored.
 *
 * @throws RegistryError `log.frozen`; ObjectStoreError `object.unavailable`
 */
export async function assertLogOpen({ logs }: SettleDeps, realm: string): Promise<void> {
  await logs.get(realm).guard.assertOpen();
}
