import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import { watchPace } from './body-pace.js';
import { createByteCollector } from './byte-collector.js';
import { confirmCaller } from './confirm-caller.js';
import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';

/**
 * The whole request body.
 *
 * @throws RegistryError `request.too_large` as soon as it is known to be longer than `limitBytes`, `request.invalid` when it ends early,
 *   `request.timeout` when it drips, and what `confirmCaller` throws
 */
export async function readBody(ctx: RequestContext, limitBytes: number): Promise<Buffer> {
  if (Number(ctx.get('Content-Length')) > limitBytes) throw tooLarge(limitBytes);
  const body = await collect(ctx.req, limitBytes);
  await confirmCaller(ctx);
  return body;
}

/** Not by iterating: a loop that waits for the next bytes cannot be left when they take too long. */
function collect(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const collector = createByteCollector(limitBytes);
    const refuse = (error: RegistryError) => {
      pace.stop();
      request.off('data', take);
      // What still comes is not kept.
      request.resume();
      reject(error);
    };
    const pace = watchPace(refuse);
    const take = (chunk: Buffer) => {
      pace.arrived(chunk.length);
      if (!collector.push(chunk)) refuse(tooLarge(limitBytes));
    };
    finished(request, { writable: false }, (cause) => {
      pace.stop();
      if (cause) reject(new RegistryError('request.invalid', 'the body ended early', { cause }));
      else resolve(collector.take());
    });
    request.on('data', take);
  });
}

function tooLarge(limitBytes: number): RegistryError {
  return new RegistryError('request.too_large', `the body is larger than ${limitBytes} bytes`, {
    headers: { Connection: 'close' },
  });
}
