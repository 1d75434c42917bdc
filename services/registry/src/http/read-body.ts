import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';

/**
 * The whole request body.
 *
 * @throws RegistryError `request.too_large` as soon as it is known to be longer than `limitBytes`, `request.invalid` when it ends early
 */
export async function readBody(ctx: RequestContext, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new RegistryError('request.too_large', `the body is larger than ${limitBytes} bytes`, {
      headers: { Connection: 'close' },
    });
  if (Number(ctx.get('Content-Length')) > limitBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of ctx.req) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size > limitBytes) throw tooLarge();
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError('request.invalid', 'the body ended early', { cause: error });
  }
  return Buffer.concat(chunks, size);
}
