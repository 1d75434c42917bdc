import type { ReadyAnswer, Variant } from '../domain/reads/document.js';

/** What an answer may do in a browser: nothing at all. Pages say otherwise for themselves. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Headers that scripts of other origins may see, beside those that are always shown. */
export const EXPOSED_HEADERS = [
  'ETag',
  'Content-Range',
  'Accept-Ranges',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'X-Request-Id',
].join(', ');

/** Headers that do not depend on who asks, as name, value, name, value. */
export type HeaderList = readonly string[];

/** The entity tag of an answer in an encoding, with its quotes. */
export function etagOf(answer: ReadyAnswer, variant: Variant | undefined): string {
  return answer.kind === 'blob' ? `"${answer.blob.digest}"` : (variant ?? answer.identity).etag;
}

/** Headers of any answer about this representation, 304 included (RFC 9110 §15.4.5). */
export function validatorHeaders(
  answer: ReadyAnswer,
  variant: Variant | undefined,
  cacheControl: string,
): HeaderList {
  return ['ETag', etagOf(answer, variant), 'Cache-Control', cacheControl];
}

/** Headers of an answer that has the representation, or a part of it. */
export function contentHeaders(answer: ReadyAnswer, variant: Variant | undefined): HeaderList {
  const form = ['Accept-Ranges', 'bytes', 'Content-Type', answer.type];
  if (answer.kind === 'blob') return form;
  const encoding = variant !== undefined && variant === answer.gzip ? ['Content-Encoding', 'gzip'] : [];
  return [...form, ...encoding, ...Object.entries(answer.headers).flat()];
}
