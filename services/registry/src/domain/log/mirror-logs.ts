import { logVerifierOf } from '@sheaf/bundle';
import { RegistryError } from '../error.js';
import type { ForkGuard } from './fork-guard.js';
import type { Logs } from './logs.js';
import { createOwnHistory } from './own-history.js';
import { createPlacedVersions } from './placed-versions.js';
import { logOriginOf } from './realms.js';

/** Whose logs a mirror serves. */
export interface MirroredLogs {
  /** Host that statements are signed for. */
  readonly origin: string;
  /** Of the key that signs the logs, 32 bytes. */
  readonly logKey: Uint8Array;
}

/** The logs of a mirror: they were signed elsewhere and are whole, so nothing waits, and nothing is ever appended. */
export function createMirrorLogs({ origin, logKey }: MirroredLogs): Logs {
  const refuse = () => Promise.reject(mirrorRefusal(origin));
  const guard: ForkGuard = {
    own: createOwnHistory(),
    look: () => Promise.resolve({ copy: undefined, own: undefined }),
    check: refuse,
    assertOpen: refuse,
    assertOurs: refuse,
    cover: refuse,
    catchUp: () => Promise.resolve(),
  };
  return {
    get: (realm) => ({
      realm,
      origin: logOriginOf(origin, realm),
      verifierKey: logVerifierOf(logOriginOf(origin, realm), logKey).text,
      sequencer: {
        settle: () => Promise.resolve(),
        drain: () => ({ appended: Promise.resolve(), settled: Promise.resolve() }),
        append: refuse,
        placed: createPlacedVersions(),
      },
      guard,
    }),
    create: refuse,
    sweep: () => Promise.resolve(),
  };
}

/** What a mirror answers to whoever would change something. */
export function mirrorRefusal(origin: string): RegistryError {
  return new RegistryError('registry.mirror', `this is a mirror for reading: publish to ${origin} itself`);
}
