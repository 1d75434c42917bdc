import { RegistryError } from '../domain/error.js';

/** A body of which less than so much arrives between two looks is given up: slower than 4 KiB/s. */
const LOOK_EVERY_MS = 10_000;
const LEAST_BYTES = 40 * 1024;

/** Watches how quickly a body arrives. */
export interface BodyPace {
  readonly arrived: (bytes: number) => void;
  /** The body has ended, or nobody reads it any more. */
  readonly stop: () => void;
}

/** Calls `giveUp`, once, with `request.timeout` when a body drips: whoever sends it would hold a connection for nothing. */
export function watchPace(giveUp: (error: RegistryError) => void): BodyPace {
  let [received, receivedBefore] = [0, 0];
  const timer = setInterval(() => {
    if (received - receivedBefore < LEAST_BYTES) {
      clearInterval(timer);
      giveUp(new RegistryError('request.timeout', 'the body stalled', { headers: { Connection: 'close' } }));
    }
    receivedBefore = received;
  }, LOOK_EVERY_MS);
  return {
    arrived: (bytes) => {
      received += bytes;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
