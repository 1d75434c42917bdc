import type { Bundle } from '@sheaf/bundle';
import type { AppDeps } from '../app-deps.js';
import type { BundleSource } from '../domain/reads/bundles.js';
import type { RequestContext } from '../http/context.js';
import { chargeUnpacking } from '../http/rate-limit.js';

/** The bundle, unpacked: at the cost of its size for whoever asks, unless it is at hand. @throws as `Bundles.open`; `rate.limited` */
export function openBundle(
  { reads, rates }: Pick<AppDeps, 'reads' | 'rates'>,
  ctx: RequestContext,
  source: BundleSource,
): Promise<Bundle> {
  if (!reads.bundles.isOpen(source)) chargeUnpacking(rates, ctx, source.tarSizeBytes);
  return reads.bundles.open(source);
}
