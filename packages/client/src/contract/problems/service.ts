import { kind, type ProblemKind } from './kind.js';

/** Requests that no area has read yet, and the service itself. */
export const SERVICE_PROBLEMS = {
  'request.invalid': kind(
    400,
    'The request is malformed',
    'Correct what the detail names, and each finding that `errors` lists where it is there.',
  ),
  'request.too_large': kind(
    413,
    'The request is too large',
    'Send less; the limits stand in the well-known document.',
  ),
  'request.headers_too_large': kind(
    431,
    'The headers of the request are too large',
    'Send a shorter URL, and fewer or shorter headers, such as cookies: together they are at most 16 KiB.',
  ),
  'request.timeout': kind(408, 'The request took too long', 'Send it again over a better connection.', true),
  'request.unsupported_media_type': kind(
    415,
    'The media type is not supported',
    'Send the type that the API documents for this endpoint.',
  ),
  'route.not_found': kind(404, 'There is no such endpoint', 'Check the path and the API version.'),
  'route.method_not_allowed': kind(
    405,
    'The method is not allowed here',
    'Use a method that the `Allow` header lists.',
  ),
  'range.not_satisfiable': kind(
    416,
    'The range lies outside the content',
    'Ask for bytes below the size in `Content-Range`.',
  ),
  'rate.limited': kind(429, 'Too many requests', 'Wait as long as `Retry-After` says.', true),
  'service.busy': kind(
    503,
    'The registry is busy',
    'Try again after `Retry-After`; nothing was stored.',
    true,
  ),
  'service.database_down': kind(
    503,
    'The database is out of reach',
    'Try again after `Retry-After`; reads of cached data still work.',
    true,
  ),
  'service.storage_down': kind(
    503,
    'The object store is out of reach',
    'Try again after `Retry-After`.',
    true,
  ),
  'service.log_lagging': kind(
    503,
    'The log did not confirm in time',
    'The request was accepted: send it again to get the same answer. It is safe.',
    true,
  ),
  'service.schema_behind': kind(
    503,
    'The schema of the database is behind',
    'The operator runs `sheaf-registry migrate`.',
    true,
  ),
  'service.stopping': kind(
    503,
    'The process is stopping',
    'Send the request again: another process takes it.',
    true,
  ),
  'registry.mirror': kind(
    403,
    'This is a mirror',
    'Publish to the registry that it mirrors, whose origin the detail names; what is published there comes with the next import.',
  ),
  'metrics.refused': kind(
    403,
    'Metrics are not open to you',
    'Ask from the machine itself and without a proxy, or send the token of `SHEAF_METRICS_TOKEN`.',
  ),
  'internal.error': kind(
    500,
    'Something went wrong in the registry',
    'Try again; if it stays, report the request id.',
    true,
  ),
} as const satisfies Record<string, ProblemKind>;
