import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { watchPace } from './body-pace.js';
import { createByteCollector } from './byte-collector.js';
import { confirmCaller } from './confirm-caller.js';
import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';

/** One expected part of a `multipart/form-data` body. */
export interface PartSpec {
  readonly name: string;
  readonly limitBytes: number;
}

export interface PartLimits {
  /** How often the parts may come. */
  readonly rounds?: number;
  /** Of the whole body. */
  readonly totalBytes?: number;
  /** Told of bytes as they arrive; what it throws ends the reading. */
  readonly arrived?: (bytes: number) => void;
}

/**
 * Reads a multipart body that has exactly the given parts in the given order, each within its limit; with `rounds` the same
 * parts again up to so many times, within a limit for all of them. Parts are kept in memory: the caller bounds how many requests do this at once.
 *
 * @throws RegistryError `request.unsupported_media_type`, `request.invalid`, `request.too_large`, and what `confirmCaller` throws
 */
export async function readParts(
  ctx: RequestContext,
  specs: readonly PartSpec[],
  limits: PartLimits = {},
): Promise<readonly Buffer[]> {
  const parts = await collectParts(ctx, specs, limits);
  await confirmCaller(ctx);
  return parts;
}

function collectParts(
  ctx: RequestContext,
  specs: readonly PartSpec[],
  { rounds = 1, totalBytes = Number.POSITIVE_INFINITY, arrived }: PartLimits,
): Promise<readonly Buffer[]> {
  const contentType = ctx.get('Content-Type');
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new RegistryError('request.unsupported_media_type', 'this endpoint takes multipart/form-data');
  }
  const invalid = (detail: string, cause?: unknown) =>
    new RegistryError('request.invalid', detail, { cause });
  const order = specs.map((s) => s.name).join(' then ');
  const expected = rounds === 1 ? order : `${order}, up to ${rounds} times`;
  return new Promise((resolve, reject) => {
    let parser: ReturnType<typeof createParser>;
    let received = 0;
    const parts: Promise<Buffer>[] = [];
    let isOver = false;
    const fail = (error: Error) => {
      isOver = true;
      pace.stop();
      ctx.req.unpipe(parser);
      ctx.req.resume();
      reject(error);
    };
    const pace = watchPace(fail);
    try {
      parser = createParser(contentType, specs, rounds);
    } catch (cause) {
      pace.stop();
      throw invalid('the multipart boundary is missing or malformed', cause);
    }
    parser.on('file', (field, stream) => {
      const spec = specs[parts.length % specs.length];
      if (spec?.name !== field || parts.length >= specs.length * rounds) {
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
      if (parts.length > 0 && parts.length % specs.length === 0) Promise.all(parts).then(resolve, fail);
      else fail(invalid(`the parts must be ${expected}`));
    });
    parser.on('error', (cause: unknown) => {
      fail(invalid('the multipart body is malformed', cause));
    });
    ctx.req.once('aborted', () => {
      fail(invalid('the body ended early'));
    });
    ctx.req.on('data', (chunk: Buffer) => {
      if (isOver) return;
      received += chunk.length;
      pace.arrived(chunk.length);
      if (received > totalBytes) fail(tooLarge('the body', totalBytes));
      else
        try {
          arrived?.(chunk.length);
        } catch (error) {
          fail(error instanceof Error ? error : new Error('the body was refused', { cause: error }));
        }
    });
    ctx.req.once('end', pace.stop);
    ctx.req.once('close', pace.stop);
    ctx.req.pipe(parser);
  });
}

function createParser(contentType: string, specs: readonly PartSpec[], rounds: number) {
  return new Busboy({
    headers: { 'content-type': contentType },
    limits: {
      fieldNameSize: 100,
      fieldSize: 1024,
      fields: 1,
      files: specs.length * rounds + 1,
      parts: specs.length * rounds + 1,
      headerPairs: 20,
      headerSize: 8 * 1024,
      fileSize: Math.max(...specs.map((s) => s.limitBytes)) + 1,
    },
  });
}

/** By events: an iterator costs more than a part of usual size does. */
function collect(stream: BusboyFileStream, spec: PartSpec): Promise<Buffer> {
  const collector = createByteCollector(spec.limitBytes);
  return new Promise((resolve, reject) => {
    const endedEarly = (cause?: unknown) => {
      reject(new RegistryError('request.invalid', `part ${spec.name} ended early`, { cause }));
    };
    stream.on('data', (chunk: Buffer) => {
      if (collector.push(chunk)) return;
      reject(tooLarge(`part ${spec.name}`, spec.limitBytes));
      // Nothing more of it is taken in.
      stream.destroy();
    });
    stream.once('end', () => {
      resolve(collector.take());
    });
    stream.once('error', endedEarly);
    stream.once('close', () => {
      if (!stream.readableEnded) endedEarly();
    });
  });
}

function tooLarge(what: string, limitBytes: number): RegistryError {
  return new RegistryError('request.too_large', `${what} is larger than ${limitBytes} bytes`, {
    headers: { Connection: 'close' },
  });
}
