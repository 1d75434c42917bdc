import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Handler } from '../../http/context.js';
import { answerBundle } from '../answer-bundle.js';
import { readableVersion } from '../readable.js';

/** `GET …/{version}/download`: the compressed bundle. Its ETag is the digest of the tar inside. */
export function downloadVersion(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    await answerBundle(deps, ctx, routes.download(ref.namespace, ref.name, ref.version), ref);
  };
}
