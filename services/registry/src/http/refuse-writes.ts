import { mirrorRefusal } from '../domain/log/mirror-logs.js';
import type { RegistryMiddleware } from './context.js';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses whatever would change a mirror. @throws RegistryError `registry.mirror` */
export function refuseWrites(origin: string): RegistryMiddleware {
  return async (ctx, next) => {
    if (!READS.has(ctx.method)) throw mirrorRefusal(origin);
    await next();
  };
}
