import type { RegistryMiddleware } from './context.js';
import { recipientOf, type RecipientDeps } from './recipient.js';
import { takeOver } from './respond-ready.js';
import { sendBytes } from './send-blob.js';

/** What is smaller fits into the buffers of a connection, and keeps nothing here. */
const COUNTED_BYTES = 16 * 1024;

/**
 * Sends the larger bodies of reads as the reader takes them, and counts them among those that wait: whoever asks for
 * many and takes none is cut off when there are too many. Answers to writes are small, and told whatever comes; streams
 * pace themselves.
 */
export function countLargeBodies(deps: RecipientDeps): RegistryMiddleware {
  return async (ctx, next) => {
    await next();
    const body: unknown = ctx.body;
    if (ctx.method !== 'GET' || ctx.respond === false || !isWhole(body)) return;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes.length <= COUNTED_BYTES) return;
    await sendBytes(recipientOf(deps, ctx.res), bytes, () => {
      ctx.length = bytes.length;
      takeOver(ctx);
    });
  };
}

function isWhole(body: unknown): body is string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body);
}
