import { PUBLIC_REALM } from '../domain/log/realms.js';
import type { Reads } from '../domain/reads/reads.js';
import type { Touch } from '../domain/reads/touch.js';
import type { RegistryMiddleware } from './context.js';

/**
 * Drops what a write may have made stale before it is answered, so that whoever writes here and then reads here sees it.
 * Other processes are told by the database. A write that failed may have been confirmed all the same.
 */
export function dropTouched(reads: Pick<Reads, 'touch'>): RegistryMiddleware {
  return async (ctx, next) => {
    if (ctx.method === 'GET' || ctx.method === 'HEAD' || ctx.method === 'OPTIONS') {
      await next();
      return;
    }
    try {
      await next();
    } finally {
      for (const touch of [...(ctx.state.touched ?? []), ...namedIn(ctx)]) reads.touch(withLogs(touch));
    }
  };
}

/** A write makes a log grow: the public one, or that of a private namespace, which has its name. */
function withLogs(touch: Touch): readonly Touch[] {
  const { ns } = touch;
  return ns === undefined ? [touch] : [touch, { realm: PUBLIC_REALM }, { realm: ns }];
}

/** The workflow or the namespace that the matched path names. */
function namedIn(ctx: object): readonly Touch[] {
  const { params } = ctx as { readonly params?: Readonly<Record<string, string | undefined>> };
  const { namespace, name } = params ?? {};
  if (namespace === undefined) return [];
  return [name === undefined ? { ns: namespace } : { ns: namespace, name }];
}
