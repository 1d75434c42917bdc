import { createRegistryClient, readProxies, type RegistryClient, type TokenProvider } from '@sheaf/client';

/** Tokens that are renewed when the registry takes one no more, however many requests find that out at once. */
export function renewing(
  read: () => Promise<string>,
  renew: (rejected: string) => Promise<string>,
): TokenProvider {
  let current: string | undefined;
  return {
    get: async () => (current ??= await read()),
    refresh: async (rejected) => (current = await renew(rejected)),
  };
}

/** A client of a registry that asks for a token, behind whatever proxy the environment names. */
export function openPrivateRegistry(
  url: string,
  token: TokenProvider,
  spkiPins?: readonly string[],
): RegistryClient {
  return createRegistryClient({
    url,
    token,
    proxies: readProxies(process.env),
    // `sha256/BASE64` of a public key in the chain: a certificate of anybody else's authority is refused.
    ...(spkiPins === undefined ? {} : { spkiPins }),
    retry: { retries: 5, maxDelayMs: 20_000 },
    onRetry: ({ attempt, delayMs, error }) => {
      console.error(`${error.message}; attempt ${attempt + 1} in ${delayMs} ms`);
    },
  });
}
