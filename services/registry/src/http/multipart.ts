import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { createByteCollector } from './byte-collector.js';
import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';

/** A body of which nothing arrives for so long is given up. */
const STALL_TIMEOUT_MS = 20_000;

/** One expected part of a `multipart/form-data` body. */
export interface PartSpec {
  readonly name: string;
  readonly limitBytes: number;
}

/**
 * Reads a multipart body that has exactly the given parts in the given order, each within its limit.
 * Parts are kept in memory: the caller bounds how many requests do this at once.
 *
 * @throws RegistryError `request.unsupported_media_type`, `request.invalid`, `request.too_large`
 */
export function readParts(ctx: RequestContext, specs: readonly PartSpec[]): Promise<readonly Buffer[]> {
  const contentType = ctx.get('Content-Type');
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new RegistryError('request.unsupported_media_type', 'this endpoint takes multipart/form-data');
  }
  const invalid = (detail: string, cause?: unknown) =>
    new RegistryError('request.invalid', detail, { cause });
  const expected = specs.map((s) => s.name).join(' then ');
  return new Promise((resolve, reject) => {
    let parser: ReturnType<typeof createParser>;
    const parts: Promise<Buffer>[] = [];
    const fail = (error: Error) => {
      ctx.req.unpipe(parser);
      ctx.req.resume();
      reject(error);
    };
    try {
      parser = createParser(contentType, specs);
    } catch (cause) {
      throw invalid('the multipart boundary is missing or malformed', cause);
    }
    parser.on('file', (field, stream) => {
      const spec = specs[parts.length];
      if (spec?.name !== field) {
        stream.resume();
        fail(invalid(`the parts must be ${expected}`));
        return;
      }
      const part = collect(stream, spec);
      parts.push(part);
      part.catch(fail);
    });
    parser.on('field', () => {
      fail(invalid(`the parts must be ${expected}, each with a file name`));
    });
    parser.on('finish', () => {
      if (parts.length === specs.length) Promise.all(parts).then(resolve, fail);
      else fail(invalid(`the parts must be ${expected}`));
    });
    parser.on('error', (cause: unknown) => {
      fail(invalid('the multipart body is malformed', cause));
    });
    ctx.req.once('aborted', () => {
      fail(invalid('the body ended early'));
    });
    const stall = setTimeout(() => {
      fail(new RegistryError('request.timeout', 'the body stalled', { headers: { Connection: 'close' } }));
    }, STALL_TIMEOUT_MS);
    ctx.req.on('data', () => stall.refresh());
    ctx.req.once('close', () => {
      clearTimeout(stall);
    });
    ctx.req.pipe(parser);
  });
}

function createParser(contentType: string, specs: readonly PartSpec[]) {
  return new Busboy({
    headers: { 'content-type': contentType },
    limits: {
      fieldNameSize: 100,
      fieldSize: 1024,
      fields: 1,
      files: specs.length + 1,
      parts: specs.length + 1,
      headerPairs: 20,
      headerSize: 8 * 1024,
      fileSize: Math.max(...specs.map((s) => s.limitBytes)) + 1,
    },
  });
}

async function collect(stream: BusboyFileStream, spec: PartSpec): Promise<Buffer> {
  const collector = createByteCollector(spec.limitBytes);
  try {
    for await (const chunk of stream) {
      if (collector.push(chunk as Buffer)) continue;
      throw new RegistryError(
        'request.too_large',
        `part ${spec.name} is larger than ${spec.limitBytes} bytes`,
        {
          headers: { Connection: 'close' },
        },
      );
    }
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError('request.invalid', `part ${spec.name} ended early`, { cause: error });
  }
  return collector.take();
}
