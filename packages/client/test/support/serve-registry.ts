import {
  encodeReceipt,
  encodeStanding,
  hexOfDigest,
  parseTilePath,
  type Receipt,
  type Standing,
} from '@sheaf/bundle';
import { documentOf, type Published, type TestRegistry } from '../../src/testing/test-registry.js';
import { problem, sendJson, type Answer } from './server.js';

/** What a registry may do wrong; each replaces an honest answer. */
export interface Lies {
  document?: (honest: ReturnType<typeof documentOf>) => unknown;
  receipt?: (published: Published) => Receipt;
  blob?: (published: Published) => Uint8Array;
  checkpoint?: () => string;
  standing?: (published: Published) => Promise<Standing>;
  publish?: () => { status: number; receipt: Receipt };
}

/** Serves what was published, as a registry does, unless told to lie. Newest version first. */
export function serveRegistry(
  registry: TestRegistry,
  published: readonly Published[],
  lies: Lies = {},
): Answer {
  return (request, response) => {
    const [path = ''] = request.path.split('?');
    const [, version] = /^\/v1\/workflows\/acme\/deploy\/([^/]+)\/receipt$/.exec(path) ?? [];
    const found = published.find((p) => p.version === version);
    const blob = published.find((p) => path === `/v1/blobs/sha256/${hexOfDigest(p.packed.bundle.digest)}`);
    const [, standingOf] = /^\/v1\/workflows\/acme\/deploy\/([^/]+)\/standing$/.exec(path) ?? [];
    const stands = published.find((p) => p.version === standingOf);
    if (stands !== undefined) {
      void (lies.standing?.(stands) ?? registry.standing()).then((standing) =>
        response
          .writeHead(200, { 'content-type': 'application/vnd.sheaf.standing.v1+json' })
          .end(encodeStanding(standing)),
      );
    } else if (request.method === 'POST' && path === '/v1/workflows' && lies.publish !== undefined) {
      const { status, receipt } = lies.publish();
      sendReceipt(response, receipt, status);
    } else if (path === '/v1/workflows/acme/deploy') {
      const document = documentOf(published);
      sendJson(response, lies.document?.(document) ?? document);
    } else if (found !== undefined) {
      sendReceipt(response, lies.receipt?.(found) ?? found.receipt);
    } else if (blob !== undefined) {
      const bytes = lies.blob?.(blob) ?? blob.packed.blob;
      response
        .writeHead(200, { etag: `"${blob.packed.bundle.digest}"`, 'content-length': bytes.length })
        .end(bytes);
    } else if (path === '/log/public/checkpoint') {
      response
        .writeHead(200, { 'content-type': 'text/plain' })
        .end(lies.checkpoint?.() ?? registry.log.checkpoint());
    } else if (path.startsWith('/log/public/tile/')) {
      const { level, index, width } = parseTilePath(path.slice('/log/public/'.length));
      void registry.log.fetchTile(level, index, width).then(
        (tile) => response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tile),
        () => {
          sendJson(response, problem('tile.not_found', 404), 404);
        },
      );
    } else {
      sendJson(response, problem('route.not_found', 404), 404);
    }
  };
}

function sendReceipt(response: Parameters<Answer>[1], receipt: Receipt, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'application/vnd.sheaf.receipt.v1+json' })
    .end(encodeReceipt(receipt));
}
