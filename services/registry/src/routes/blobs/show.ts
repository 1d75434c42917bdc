import { routes } from '@sheaf/client/contract';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import type { AppDeps } from '../../app-deps.js';
import { findVersionOfDigest } from '../../db/workflow-queries.js';
import { readablePrivate } from '../../domain/access/reading.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { answerBundle } from '../answer-bundle.js';
import { markPrivate } from '../readable.js';

/**
 * `GET /v1/blobs/sha256/{hex}`: the bundle with this tar digest, as the download of the version answers it. Only what was
 * published where the caller may read is shown.
 */
export function showBlob(deps: AppDeps): Handler {
  return async (ctx) => {
    const hex = ctx.params['hex'] ?? '';
    const notFound = () => new RegistryError('blob.not_found', 'there is no bundle with this digest');
    if (!/^[0-9a-f]{64}$/.test(hex)) throw notFound();
    const readable = readablePrivate(ctx.state.principal);
    const found = await findVersionOfDigest(deps.db, Buffer.from(hex, 'hex'), readable);
    // The same headers for one that is not there: a difference would tell that it is.
    if (found?.visibility !== 'public') markPrivate(ctx);
    if (!found) throw notFound();
    await answerBundle(deps, ctx, routes.blob(hex), {
      namespace: parseNamespace(found.namespace),
      name: parseWorkflowName(found.name),
      version: parseVersion(found.version),
    });
  };
}
