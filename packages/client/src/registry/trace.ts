/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * Makes the `traceparent` of each request of one client: all of them parts of one trace, that of `parent` when it is well
 * formed, else a new one. Whether it is recorded is up to `parent`, else to the registry.
 *
 * @param random a number in [0, 1): ids must be told apart, and are no secrets
 */
export function createTraceparents(parent: string | undefined, random: () => number): () => string {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const [, traceId = hex(32), flags = '00'] = TRACEPARENT.exec(parent ?? '') ?? [];
  return () => `00-${traceId}-${hex(16)}-${flags}`;
}
