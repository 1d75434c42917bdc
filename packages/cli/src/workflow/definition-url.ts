import { CliError } from '../frame/errors.js';

/** The part of `fetch` that is used. */
export type Fetch = (
  url: URL,
  options: { readonly redirect: 'manual'; readonly signal: AbortSignal },
) => Promise<Answer>;

/** The part of an answer that is used. */
interface Answer {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly body: (AsyncIterable<Uint8Array> & { readonly cancel: () => Promise<void> }) | null;
}

/** Largest definition, in bytes. */
const MAX_BYTES = 1_048_576;
const MAX_REDIRECTS = 3;
const TIMEOUT_MS = 30_000;

/**
 * Reads a definition from an address: https only, also where it is sent on to; at most 1 MiB, 3 redirects and 30 seconds.
 * Nothing proves who wrote it, so that it is shown and never run.
 *
 * @throws CliError `usage.address`, `network.address`, `definition.too_large`
 */
export async function fetchDefinition(word: string, fetch: Fetch = globalThis.fetch): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let url = parseAddress(word);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await send(url, fetch, signal);
    const to = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && to !== null) {
      await response.body?.cancel();
      url = parseAddress(to, url);
      continue;
    }
    if (response.status !== 200) {
      throw failed(url, `answered ${response.status}`);
    }
    return await readText(url, response);
  }
  throw failed(url, `was sent on more than ${MAX_REDIRECTS} times`);
}

function parseAddress(word: string, base?: URL): URL {
  const url = URL.canParse(word, base?.href) ? new URL(word, base) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  throw new CliError('usage.address', `${JSON.stringify(word)} is no address that begins with https://`, {
    hint: 'name a file, or an address of https without a password in it',
  });
}

async function send(url: URL, fetch: Fetch, signal: AbortSignal): ReturnType<Fetch> {
  try {
    return await fetch(url, { redirect: 'manual', signal });
  } catch (error) {
    throw failed(
      url,
      signal.aborted ? `did not answer in ${TIMEOUT_MS / 1000} s` : 'cannot be reached',
      error,
    );
  }
}

async function readText(url: URL, { body }: Awaited<ReturnType<Fetch>>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
      text += decoder.decode(chunk, { stream: true });
    }
    if (bytes <= MAX_BYTES) return text + decoder.decode();
  } catch (error) {
    throw failed(url, 'gave no text in utf-8, or not all of it', error);
  }
  throw new CliError('definition.too_large', `${url.href} has more than ${MAX_BYTES} bytes`, {
    hint: 'name the address of a definition',
  });
}

function failed(url: URL, what: string, cause?: unknown): CliError {
  return new CliError('network.address', `${url.href} ${what}`, {
    hint: 'check the address; sheaf validate - reads a definition from a pipe',
    ...(cause === undefined ? {} : { cause }),
  });
}
