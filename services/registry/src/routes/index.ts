import type { AppDeps } from '../app-deps.js';
import type { Handler } from '../http/context.js';
import { showBlob } from './blobs/show.js';
import { createKey } from './keys/create.js';
import { showCheckpoint } from './log/checkpoint.js';
import { showTile } from './log/tile.js';
import { createNamespaceRoute } from './namespaces/create.js';
import { showKeyHistory } from './namespaces/keys.js';
import { listReleases } from './namespaces/releases.js';
import { showNamespace } from './namespaces/show.js';
import { showHealth, showReadiness } from './system/health.js';
import { showWellKnown } from './system/well-known.js';
import { listTagsRoute } from './tags/list.js';
import { createTokenRoute } from './tokens/create.js';
import { listTokensRoute } from './tokens/list.js';
import { revokeTokenRoute } from './tokens/revoke.js';
import { downloadVersion } from './versions/download.js';
import { showEnvelope } from './versions/envelope.js';
import { showProof } from './versions/proof.js';
import { showReceipt } from './versions/receipt.js';
import { showVersion } from './versions/show.js';
import { showStanding } from './versions/standing.js';
import { deleteState, putState } from './versions/state.js';
import { showWhoami } from './whoami/show.js';
import { publish } from './workflows/publish.js';
import { searchWorkflows } from './workflows/search.js';
import { showWorkflow } from './workflows/show.js';

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly handler: Handler;
}

/** Every endpoint of the service. A GET answers HEAD as well. */
export function createRoutes(deps: AppDeps): readonly Route[] {
  const version = '/v1/workflows/:namespace/:name/:version';
  return [
    { method: 'post', path: '/v1/workflows', handler: publish(deps) },
    { method: 'get', path: '/v1/workflows', handler: searchWorkflows(deps) },
    { method: 'get', path: '/v1/workflows/:namespace/:name', handler: showWorkflow(deps) },
    { method: 'get', path: version, handler: showVersion(deps) },
    { method: 'get', path: `${version}/download`, handler: downloadVersion(deps) },
    { method: 'get', path: `${version}/receipt`, handler: showReceipt(deps) },
    { method: 'get', path: `${version}/envelope`, handler: showEnvelope(deps) },
    { method: 'get', path: `${version}/proof`, handler: showProof(deps) },
    { method: 'get', path: `${version}/standing`, handler: showStanding(deps) },
    { method: 'put', path: `${version}/deprecate`, handler: putState(deps, 'deprecate') },
    { method: 'delete', path: `${version}/deprecate`, handler: deleteState(deps, 'undeprecate') },
    { method: 'put', path: `${version}/yank`, handler: putState(deps, 'yank') },
    { method: 'delete', path: `${version}/yank`, handler: deleteState(deps, 'unyank') },
    { method: 'put', path: `${version}/quarantine`, handler: putState(deps, 'quarantine') },
    { method: 'delete', path: `${version}/quarantine`, handler: deleteState(deps, 'unquarantine') },
    { method: 'get', path: '/v1/blobs/sha256/:hex', handler: showBlob(deps) },
    { method: 'get', path: '/v1/tags', handler: listTagsRoute(deps) },
    { method: 'post', path: '/v1/namespaces', handler: createNamespaceRoute(deps) },
    { method: 'get', path: '/v1/namespaces/:namespace', handler: showNamespace(deps) },
    { method: 'get', path: '/v1/namespaces/:namespace/keys', handler: showKeyHistory(deps) },
    { method: 'get', path: '/v1/namespaces/:namespace/releases', handler: listReleases(deps) },
    { method: 'post', path: '/v1/keys', handler: createKey(deps) },
    { method: 'get', path: '/v1/whoami', handler: showWhoami() },
    { method: 'post', path: '/v1/tokens', handler: createTokenRoute(deps) },
    { method: 'get', path: '/v1/tokens', handler: listTokensRoute(deps) },
    { method: 'delete', path: '/v1/tokens/:id', handler: revokeTokenRoute(deps) },
    { method: 'get', path: '/log/:realm/checkpoint', handler: showCheckpoint(deps) },
    { method: 'get', path: '/log/:realm/tile/*tile', handler: showTile(deps) },
    { method: 'get', path: '/.well-known/sheaf-registry', handler: showWellKnown(deps) },
    { method: 'get', path: '/healthz', handler: showHealth() },
    { method: 'get', path: '/readyz', handler: showReadiness(deps) },
  ];
}
