import { createHash } from 'node:crypto';
import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';
import { willPack } from './compress.js';
import { decide } from './respond-conditions.js';
import { conditionsOf } from './respond-variant.js';

/** What is known of a representation without its content. */
export interface RepresentationHead {
  readonly sizeBytes: number;
  readonly type: string;
  /** Strong entity tag, without quotes. */
  readonly etag: string;
  readonly cacheControl: string;
}

export interface Representation {
  readonly body: Buffer;
  readonly type: string;
  readonly cacheControl: string;
}

export const IMMUTABLE = 'public, max-age=31536000, immutable';
export const REVALIDATE = 'public, no-cache';
export const PRIVATE = 'private, no-store';

/**
 * Sets status and headers for a GET or HEAD with a strong ETag: 304 when the caller has it, then undefined; otherwise
 * the part to send, which is all of it unless `Range` asks for less (RFC 9110 §14).
 */
export function prepareRepresentation(
  ctx: RequestContext,
  head: RepresentationHead,
): { start: number; end: number } | undefined {
  const etag = `"${head.etag}"`;
  const outcome = decide(conditionsOf(ctx.req), etag, head.sizeBytes);
  if (outcome.status === 416)
    throw new RegistryError('range.not_satisfiable', `the content has ${head.sizeBytes} bytes`, {
      headers: { 'Content-Range': `bytes */${head.sizeBytes}` },
    });
  ctx.set('ETag', etag);
  // What only some may see is kept by no cache, whatever the route says of it.
  ctx.set('Cache-Control', ctx.state.isPrivate === true ? PRIVATE : head.cacheControl);
  ctx.status = outcome.status;
  if (outcome.status === 304) return undefined;
  ctx.set('Accept-Ranges', 'bytes');
  ctx.type = head.type;
  const { start, end } = outcome;
  if (outcome.status === 206) ctx.set('Content-Range', `bytes ${start}-${end}/${head.sizeBytes}`);
  return { start, end };
}

/**
 * Answers a GET or HEAD with content that is in memory; its ETag is derived from its SHA-256, and another one when it will
 * be compressed: strong tags name bytes.
 */
export function sendRepresentation(ctx: RequestContext, { body, type, cacheControl }: Representation): void {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
  ctx.vary('Accept-Encoding');
  const isPacked = willPack(ctx, { sizeBytes: body.length, type });
  ctx.state.isPacked = isPacked;
  const etag = isPacked ? `${hash}-gzip` : hash;
  const part = prepareRepresentation(ctx, { sizeBytes: body.length, type, etag, cacheControl });
  if (part === undefined) return;
  ctx.body = body.subarray(part.start, part.end + 1);
  ctx.type = type;
}

/** Answers with JSON, with an ETag for what may be asked for again. */
export function sendJson(ctx: RequestContext, value: unknown, cacheControl: string = REVALIDATE): void {
  sendRepresentation(ctx, {
    body: Buffer.from(JSON.stringify(value)),
    type: 'application/json',
    cacheControl,
  });
}

/** Answers a write with JSON. */
export function sendResult(ctx: RequestContext, status: number, value: unknown): void {
  ctx.status = status;
  ctx.set('Cache-Control', PRIVATE);
  ctx.body = JSON.stringify(value);
  ctx.type = 'application/json';
}
