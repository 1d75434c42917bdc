import type { IncomingMessage } from 'node:http';
import type { ReadyAnswer, Variant } from '../domain/reads/document.js';
import { prefersGzip } from './compress-negotiate.js';
import type { Conditions } from './respond-conditions.js';

/** The bytes of a document in the encoding that is best for the caller; undefined for a blob, which has but one. */
export function variantFor(answer: ReadyAnswer, acceptEncoding: string | undefined): Variant | undefined {
  if (answer.kind === 'blob') return undefined;
  const { gzip } = answer;
  return gzip !== undefined && prefersGzip(acceptEncoding) ? gzip : answer.identity;
}

export function conditionsOf({ method, headers }: IncomingMessage): Conditions {
  const ifRange = headers['if-range'];
  return {
    method: method ?? '',
    ifNoneMatch: headers['if-none-match'],
    range: headers.range,
    ifRange: typeof ifRange === 'string' ? ifRange : undefined,
  };
}
