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
      reads.touch([...(ctx.state.touched ?? []), ...namedIn(ctx)]);
    }
  };
}

/** The workflow or the namespace that the matched path names. */
function namedIn(ctx: object): readonly Touch[] {
  const { params } = ctx as { readonly params?: Readonly<Record<string, string | undefined>> };
  const { namespace, name } = params ?? {};
  if (namespace === undefined) return [];
  return [name === undefined ? { ns: namespace } : { ns: namespace, name }];
}
