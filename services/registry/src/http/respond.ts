import { createHash } from 'node:crypto';
import type { RequestContext } from './context.js';
import { RegistryError } from '../domain/error.js';

export interface Representation {
  readonly body: Buffer;
  readonly type: string;
  /** Strong entity tag without quotes; by default the SHA-256 of the body. */
  readonly etag?: string;
  readonly cacheControl: string;
}

export const IMMUTABLE = 'public, max-age=31536000, immutable';
export const REVALIDATE = 'public, no-cache';
export const PRIVATE = 'no-store';

/** Answers a GET or HEAD with a strong ETag: 304 when the caller has it, a part when `Range` asks for one (RFC 9110 §14). */
export function sendRepresentation(ctx: RequestContext, representation: Representation): void {
  const { body, type, cacheControl } = representation;
  const etag = `"${representation.etag ?? createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  ctx.set('ETag', etag);
  ctx.set('Cache-Control', cacheControl);
  if (matchesETag(ctx.get('If-None-Match'), etag)) {
    ctx.status = 304;
    return;
  }
  ctx.set('Accept-Ranges', 'bytes');
  const ifRange = ctx.get('If-Range');
  const range =
    ctx.method === 'GET' && (ifRange === '' || ifRange === etag)
      ? parseRange(ctx.get('Range'), body.length)
      : undefined;
  if (range === undefined) {
    ctx.status = 200;
    ctx.body = body;
  } else {
    ctx.status = 206;
    ctx.set('Content-Range', `bytes ${range.start}-${range.end}/${body.length}`);
    ctx.body = body.subarray(range.start, range.end + 1);
  }
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
