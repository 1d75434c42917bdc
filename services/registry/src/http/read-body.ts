import { createByteCollector } from './byte-collector.js';
import { confirmCaller } from './confirm-caller.js';
import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';

/**
 * The whole request body.
 *
 * @throws RegistryError `request.too_large` as soon as it is known to be longer than `limitBytes`, `request.invalid` when it ends early,
 *   and what `confirmCaller` throws
 */
export async function readBody(ctx: RequestContext, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new RegistryError('request.too_large', `the body is larger than ${limitBytes} bytes`, {
      headers: { Connection: 'close' },
    });
  if (Number(ctx.get('Content-Length')) > limitBytes) throw tooLarge();
  const collector = createByteCollector(limitBytes);
  try {
    for await (const chunk of ctx.req) {
      if (!collector.push(chunk as Buffer)) throw tooLarge();
    }
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError('request.invalid', 'the body ended early', { cause: error });
  }
  await confirmCaller(ctx);
  return collector.take();
}
