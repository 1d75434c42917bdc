const MAX_BYTES = 512 * 1024;
const TIMEOUT_MS = 5_000;

/** What a library passes to fetch, as far as it matters here. */
interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * A `fetch` for talking to the identity provider: it follows no redirect, takes at most 512 KiB, and five seconds.
 *
 * @throws what `fetch` throws; an Error for a body that is too large
 */
export async function cappedFetch(url: string, { method, headers, body }: Init = {}): Promise<Response> {
  const response = await fetch(url, {
    method: method ?? 'GET',
    ...(headers && { headers: { ...headers } }),
    ...((typeof body === 'string' || body instanceof URLSearchParams) && { body }),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const stream = response.body as AsyncIterable<Uint8Array> | null;
  for await (const chunk of stream ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) throw new Error(`the identity provider sent more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { status } = response;
  const isEmpty = status === 204 || status === 205 || status === 304;
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers: response.headers });
}
