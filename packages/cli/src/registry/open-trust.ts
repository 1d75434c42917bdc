import { openTrustStore, type TrustStore } from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { trustDirOf } from './log-key.js';

/** Opens the trust store of this machine. */
export function openTrust(context: Pick<Context, 'paths'>): Promise<TrustStore> {
  return openTrustStore(trustDirOf(context));
}
