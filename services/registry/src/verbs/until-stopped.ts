import type { RunningRegistry } from '../compose.js';
import { aborted } from './aborted.js';

/**
 * Waits until the service is told to stop, or cannot have its database any more, and stops it.
 *
 * @throws what it lost the database for: whatever started this process starts another one
 */
export async function untilStopped(
  stopped: AbortSignal,
  registry: Pick<RunningRegistry, 'lost' | 'stop'>,
): Promise<void> {
  const loss = await Promise.race([aborted(stopped), registry.lost]);
  if (!loss) return registry.stop();
  // Without the database some of it cannot be stopped as it should: why is known.
  await registry.stop().catch(() => undefined);
  throw loss;
}
