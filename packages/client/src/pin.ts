import { printable } from '@sheaf/workflow';
import { ClientError } from './errors.js';

/** What is believed about one registry: the key of its log, and the newest checkpoint seen. */
export interface Pin {
  /** Normalised URL. */
  readonly url: string;
  /** The name that its publishers sign for, such as `wf.example.com`. */
  readonly origin: string;
  /** C2SP verifier key of its public log. */
  readonly logKey: string;
  /** RFC 3339, UTC. */
  readonly pinnedAt: string;
  /** The signed note; null before the first verification online. */
  readonly checkpoint: string | null;
}

/** The origin line of a registry's public log. */
export function publicLogOrigin(origin: string): string {
  return `${origin}/log/public`;
}

/** The error when a registry's log key is not the one that was accepted. */
export function keyChanged(pin: Pin, shown: string): ClientError {
  return new ClientError(
    'log.key_changed',
    `the log key of ${pin.url} is not the one accepted on ${pin.pinnedAt}`,
    {
      hint: `accepted ${pin.logKey}, now ${printable(shown, 300)}: ask the operator another way before you accept it`,
    },
  );
}
