import { createHash } from 'node:crypto';
import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';

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
  ctx.set('ETag', etag);
  // What only some may see is kept by no cache, whatever the route says of it.
  ctx.set('Cache-Control', ctx.state.isPrivate === true ? PRIVATE : head.cacheControl);
  if (matchesETag(ctx.get('If-None-Match'), etag)) {
    ctx.status = 304;
    return undefined;
  }
  ctx.set('Accept-Ranges', 'bytes');
  ctx.type = head.type;
  const ifRange = ctx.get('If-Range');
  const isRanged = ctx.method === 'GET' && (ifRange === '' || ifRange === etag);
  const range = isRanged ? parseRange(ctx.get('Range'), head.sizeBytes) : undefined;
  ctx.status = range === undefined ? 200 : 206;
  if (range) ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${head.sizeBytes}`);
  return range ?? { start: 0, end: head.sizeBytes - 1 };
}

/** Answers a GET or HEAD with content that is in memory; its ETag is derived from its SHA-256. */
export function sendRepresentation(ctx: RequestContext, { body, type, cacheControl }: Representation): void {
  const etag = createHash('sha256').update(body).digest('hex').slice(0, 32);
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

function matchesETag(header: string, etag: string): boolean {
  return header.split(',').some((candidate) => {
    const tag = candidate.trim();
    return tag === '*' || tag === etag || tag === `W/${etag}`;
  });
}

/** One byte range; several, or a form we do not know, get the whole, as RFC 9110 allows. */
function parseRange(header: string, sizeBytes: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header);
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (start > end) {
    throw new RegistryError('range.not_satisfiable', `the content has ${sizeBytes} bytes`, {
      headers: { 'Content-Range': `bytes */${sizeBytes}` },
    });
  }
  return { start, end };
}
