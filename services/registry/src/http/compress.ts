import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { prefersGzip } from './compress-negotiate.js';
import type { RegistryMiddleware, RequestContext } from './context.js';

const pack = promisify(gzip);

/** Below this compression saves no packet. */
const MIN_BYTES = 1024;
/** What is text. Bundles are dense already. */
const TEXT = /^(?:text\/|application\/(?:[a-z0-9.+-]+\+)?(?:json|xml)(?:;|$))/;

type Asked = Pick<RequestContext, 'get' | 'state'>;

/**
 * Whether an answer that is made for one request is sent with gzip: whoever asked for it gets it. Not for a part, which is
 * one of the bytes as they are; and not for a browser's session, in whose name a page of another site could ask for what
 * it chose and learn from the length what stands beside it.
 */
export function willPack(ctx: Asked, { sizeBytes, type }: { sizeBytes: number; type: string }): boolean {
  return (
    sizeBytes >= MIN_BYTES &&
    TEXT.test(type) &&
    prefersGzip(ctx.get('Accept-Encoding')) &&
    ctx.get('Range') === '' &&
    (ctx.state.principal === undefined || ctx.get('Authorization') !== '')
  );
}

/**
 * Compresses what reads answer and nobody holds compressed: bodies without an entity tag, and those whose tag was made for
 * it (`state.isPacked`).
 */
export function compressBodies(): RegistryMiddleware {
  return async (ctx, next) => {
    await next();
    const body: unknown = ctx.body;
    if (ctx.respond === false || ctx.status !== 200 || !isRead(ctx.method) || !isWhole(body)) return;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const type = ctx.response.get('Content-Type');
    if (!ctx.res.hasHeader('ETag')) {
      ctx.vary('Accept-Encoding');
      ctx.state.isPacked = willPack(ctx, { sizeBytes: bytes.length, type });
    }
    if (ctx.state.isPacked !== true) return;
    ctx.body = await pack(bytes, { level: constants.Z_DEFAULT_COMPRESSION });
    ctx.set('Content-Type', type);
    ctx.set('Content-Encoding', 'gzip');
  };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isWhole(body: unknown): body is string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body);
}
