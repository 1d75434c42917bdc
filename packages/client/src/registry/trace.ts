import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * Makes the `traceparent` of each request of one client: all of them parts of one trace, that of `parent` when it is well
 * formed, else a new one. Whether it is recorded is up to `parent`, else to the registry.
 */
export function createTraceparents(parent: string | undefined): () => string {
  const [, traceId = randomBytes(16).toString('hex'), flags = '00'] = TRACEPARENT.exec(parent ?? '') ?? [];
  return () => `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}`;
}
