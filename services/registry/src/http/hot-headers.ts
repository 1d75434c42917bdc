import type { ReadyAnswer, Variant } from '../domain/reads/document.js';
import {
  contentHeaders,
  DATA_POLICY,
  EXPOSED_HEADERS,
  validatorHeaders,
  type HeaderList,
} from './respond-headers.js';

/** What every answer to somebody without a token has. */
export const COMMON_HEADERS: HeaderList = [
  'X-Content-Type-Options',
  'nosniff',
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  EXPOSED_HEADERS,
];

interface Prepared {
  readonly withContent: HeaderList;
  readonly notModified: HeaderList;
}

const prepared = new WeakMap<ReadyAnswer | Variant, Prepared>();

/** All headers of an answer that do not depend on the request, made once for each answer and encoding. */
export function preparedHeaders(answer: ReadyAnswer, variant: Variant | undefined): Prepared {
  const key = variant ?? answer;
  const known = prepared.get(key);
  if (known) return known;
  const policy =
    answer.kind === 'document' && Object.hasOwn(answer.headers, 'Content-Security-Policy')
      ? []
      : ['Content-Security-Policy', DATA_POLICY];
  const vary = answer.kind === 'document' ? ['Vary', answer.vary] : [];
  const notModified = [
    ...COMMON_HEADERS,
    ...policy,
    ...vary,
    ...validatorHeaders(answer, variant, answer.cacheControl),
  ];
  const made = { notModified, withContent: [...notModified, ...contentHeaders(answer, variant)] };
  prepared.set(key, made);
  return made;
}
