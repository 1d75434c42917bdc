import { platform } from '#platform';
import { hexOf } from './encoding/bytes.js';
import { BundleError } from './error.js';

declare const digestBrand: unique symbol;

/** `sha256:` and 64 lower-case hexadecimal digits. Made by {@link parseDigest} and {@link digestOf} only. */
export type Digest = `sha256:${string}` & { readonly [digestBrand]: true };

/** @throws BundleError `digest.invalid` */
export function parseDigest(text: string): Digest {
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) {
    throw new BundleError('digest.invalid', 'a digest is sha256: and 64 lower-case hexadecimal digits');
  }
  return text as Digest;
}

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${sha256Hex(bytes)}` as Digest;
}

/** The SHA-256 of some bytes, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return platform.sha256(bytes);
}

/** The SHA-256 of some bytes as 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return hexOf(platform.sha256(bytes));
}

/** The hexadecimal part of a digest. */
export function hexOfDigest(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
