/**
 * What a hint advises, told apart for programs that have words, flags or buttons of their own for it. `text` is the part
 * of the hint that says so in terms of this package.
 */
export type Remedy = { readonly text: string } & (
  | { readonly kind: 'name-registry' }
  | { readonly kind: 'name-authority' }
  /** `release` as `namespace/name@version`. */
  | { readonly kind: 'allow-young'; readonly release: string }
  /** Without an address, only the registry's origin is known. */
  | { readonly kind: 'pin-log-key'; readonly url: string | undefined }
  | { readonly kind: 'fetch'; readonly references: readonly string[] }
);

/** Makes the registry another one. */
export const NAME_REGISTRY: Remedy = { kind: 'name-registry', text: 'give the address of another as url' };

/** Makes a certificate count. */
export const NAME_AUTHORITY: Remedy = { kind: 'name-authority', text: 'give the certificate of that as ca' };

/** Lets a release be younger than the policy says. */
export function takeYoung(release: string): Remedy {
  return { kind: 'allow-young', release, text: `allowYoung for ${release}` };
}

/** Accepts the log key of a registry. */
export function pinLogKey(url?: string): Remedy {
  return { kind: 'pin-log-key', url, text: 'pin it in the trust store' };
}

/** Gets into the cache what is not there. */
export function fetchOnline(references: readonly string[]): Remedy {
  const text = references.length > 10 ? `fetch all ${references.length}` : `fetch ${references.join(' ')}`;
  return { kind: 'fetch', references, text };
}
