import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { listSignedReleases, type SignedBy } from '../../domain/releases/signed-releases.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { sendJson } from '../../http/respond.js';
import { readableNamespace } from '../readable.js';

const KNOWN = new Set(['keyid', 'fromIndex']);

/** `GET /v1/namespaces/{namespace}/releases?keyid&fromIndex`: what a key signed and no revocation refuses. */
export function listReleases(deps: AppDeps): Handler {
  return async (ctx) => {
    const name = await readableNamespace(deps, ctx);
    sendJson(ctx, await listSignedReleases(deps.db, name, parseQuery(ctx)));
  };
}

function parseQuery(ctx: RequestContext): SignedBy {
  const query = new URLSearchParams(ctx.querystring);
  for (const name of query.keys())
    if (!KNOWN.has(name)) throw invalid(name.slice(0, 40), 'is not a parameter here');
  const keyid = query.get('keyid') ?? '';
  if (!/^[0-9a-f]{64}$/.test(keyid)) throw invalid('keyid', 'must be the id of a key');
  const fromIndex = query.get('fromIndex') ?? '0';
  if (!/^\d{1,15}$/.test(fromIndex)) throw invalid('fromIndex', 'must be an index of the log');
  return { keyid, fromIndex: Number(fromIndex) };
}

function invalid(name: string, detail: string): RegistryError {
  return new RegistryError('request.invalid', `${name} ${detail}`, {
    errors: [{ pointer: `?${name}`, code: 'parameter.invalid', detail: `${name} ${detail}` }],
  });
}
