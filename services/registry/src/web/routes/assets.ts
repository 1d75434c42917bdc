import type { AppDeps } from '../../app-deps.js';
import { readyDocument } from '../../domain/reads/document.js';
import { RegistryError } from '../../domain/error.js';
import { IMMUTABLE } from '../../http/respond.js';
import { sendReady } from '../../http/respond-ready.js';
import type { PageRoute } from './page-route.js';

/** `GET /-/{file}`: what pages load beside their HTML. */
export function assetRoute(deps: Pick<AppDeps, 'assets' | 'reads' | 'objects' | 'rates'>): PageRoute {
  const path = '/-/:file';
  return {
    method: 'get',
    path,
    handler: async (ctx) => {
      const asset = deps.assets.files.get(ctx.path);
      if (!asset) throw new RegistryError('route.not_found', 'there is no such file of a page');
      const ready = () =>
        readyDocument(asset.bytes, { route: path, type: asset.type, cacheControl: IMMUTABLE });
      await sendReady(deps, ctx, await deps.reads.open.get(ctx.path, [], ready));
    },
  };
}
