import { RegistryError } from '../error.js';
import type { Sequencer } from './sequencer.js';

export interface SettleDeps {
  readonly sequencer: Sequencer;
}

/**
 * Waits until the log has confirmed what was committed before the call.
 *
 * @throws RegistryError `service.log_lagging`: what was asked for is stored and will be confirmed; asking again is safe
 */
export async function settleLog({ sequencer }: SettleDeps): Promise<void> {
  try {
    await sequencer.settle();
  } catch (cause) {
    throw new RegistryError('service.log_lagging', 'the log could not confirm the change yet', { cause });
  }
}
