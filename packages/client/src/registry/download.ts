import { observer } from '../callbacks.js';
import type { KeptPart } from '../downloads/partial.js';
import { ClientError, isClientError } from '../errors.js';
import { limitMs, type Http, type HttpRequest, type OpenResponse } from './exchange.js';
import { open } from './http.js';
import { withRetries, type RetryDeps, type RetryNotice } from './retry.js';

export interface DownloadRequest {
  readonly path: string;
  readonly accept: string;
  /** Whether the token goes along. */
  readonly authenticate: boolean;
  /** What the registry said; more is refused, less is asked for again. */
  readonly sizeBytes: number;
  readonly onProgress?: ((receivedBytes: number, sizeBytes: number) => void) | undefined;
  /** What an earlier process received, and where what arrives is kept. */
  readonly kept?: KeptPart | undefined;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What has arrived so far, and the tag that proves that the rest belongs to it. */
interface Partial {
  readonly buffer: Uint8Array;
  sizeBytes: number;
  tag: string | undefined;
  /** The registry did not go on where a transfer was cut: nothing but the whole is asked for any more. */
  isWholeOnly: boolean;
}

/**
 * Downloads exactly `sizeBytes` bytes. A transfer that was cut goes on where it ended (Range with If-Range, RFC 9110
 * §13.1.5). Each attempt has a deadline, so that a trickle ends as a silence does. The bytes are not trusted:
 * verification hashes them.
 *
 * @throws ClientError as {@link open}; `blob.size` when the registry sends another amount
 */
export async function download(http: Http, retry: RetryDeps, request: DownloadRequest): Promise<Uint8Array> {
  const partial = startPartial(request);
  const { signal, onRetry } = request;
  await withRetries(retry, { idempotent: true, signal, onRetry }, async () => {
    const response = await openResumed(http, partial, {
      method: 'GET',
      path: request.path,
      accept: request.accept,
      authenticate: request.authenticate,
      foreignRedirects: true,
      timeLimitMs: limitMs(http, request.sizeBytes),
      signal,
    });
    startAt(partial, response);
    await request.kept?.begin(partial.tag, partial.sizeBytes);
    await receive(partial, response, request);
  });
  return partial.buffer;
}

function startPartial({ sizeBytes, kept }: DownloadRequest): Partial {
  const buffer = new Uint8Array(sizeBytes);
  const received = kept?.received ?? new Uint8Array();
  // Of a whole there is no rest to ask for.
  const isUsable = received.length < sizeBytes;
  if (isUsable) buffer.set(received);
  return {
    buffer,
    sizeBytes: isUsable ? received.length : 0,
    tag: isUsable ? kept?.tag : undefined,
    isWholeOnly: false,
  };
}

/** Asks for what is missing; a registry that answers with a failure is asked for the whole instead. */
async function openResumed(
  http: Http,
  partial: Partial,
  request: Omit<HttpRequest, 'headers'>,
): Promise<OpenResponse> {
  const headers = rangeHeaders(partial);
  try {
    return await open(http, { ...request, headers });
  } catch (error) {
    if (headers['range'] === undefined || !isAnswer(error)) throw error;
    forget(partial);
    // An answer such as "busy" says to wait, and the next attempt does.
    if (error.retry !== undefined) throw error;
    return open(http, { ...request, headers: {} });
  }
}

/** Whether the registry answered at all, in whatever form. */
function isAnswer(error: unknown): error is ClientError {
  return isClientError(error) && (error.problem !== undefined || error.code.startsWith('response.'));
}

function forget(partial: Partial): void {
  partial.sizeBytes = 0;
  partial.isWholeOnly = true;
}

function rangeHeaders(partial: Partial): Record<string, string> {
  if (partial.sizeBytes === 0 || partial.tag === undefined || partial.isWholeOnly) return {};
  return { range: `bytes=${partial.sizeBytes}-`, 'if-range': partial.tag };
}

/** Keeps what is there only when the answer continues exactly it. */
function startAt(partial: Partial, response: OpenResponse): void {
  const range = `bytes ${partial.sizeBytes}-${partial.buffer.length - 1}/${partial.buffer.length}`;
  const tag = response.headers['etag'];
  if (response.status === 206 && response.headers['content-range'] === range && tag === partial.tag) return;
  partial.sizeBytes = 0;
  partial.tag = tag?.startsWith('"') === true ? tag : undefined;
  if (response.status === 206) {
    forget(partial);
    response.discard();
    throw new ClientError('response.invalid', 'the registry continued a download at another place', {
      retry: { maybeReceived: true },
    });
  }
}

async function receive(partial: Partial, response: OpenResponse, request: DownloadRequest): Promise<void> {
  const { sizeBytes } = request;
  const onProgress = observer('onProgress', request.onProgress);
  let cut: unknown;
  try {
    for await (const chunk of response.chunks) {
      if (partial.sizeBytes + chunk.length > sizeBytes) throw tooLong(sizeBytes);
      partial.buffer.set(chunk, partial.sizeBytes);
      partial.sizeBytes += chunk.length;
      await request.kept?.append(chunk);
      onProgress(partial.sizeBytes, sizeBytes);
    }
  } catch (error) {
    // Cut or ended early, the bytes are not those that were signed for: one error for both, once retrying is over.
    if (!isClientError(error) || error.code !== 'network.unreachable') throw error;
    cut = error;
  }
  if (partial.sizeBytes < sizeBytes) {
    throw new ClientError('blob.size', `the bundle ended after ${partial.sizeBytes} of ${sizeBytes} bytes`, {
      hint: 'try again; if it stays, report it to the operator of the registry',
      retry: { maybeReceived: true },
      cause: cut,
    });
  }
}

function tooLong(sizeBytes: number): ClientError {
  return new ClientError(
    'blob.size',
    `the bundle is longer than the ${sizeBytes} bytes that the registry named`,
    {
      hint: 'try again without a proxy or mirror, then report it to the operator of the registry',
    },
  );
}
