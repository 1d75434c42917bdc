import { platform } from '#platform';

/** Standard base64 with padding (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  return platform.encodeBase64(bytes);
}

/**
 * The bytes of standard base64, or undefined. Strict: padding is required, no other character is allowed, and
 * the unused bits of the last digit are zero, so that every byte string has exactly one encoding.
 */
export function findBase64(text: string): Uint8Array | undefined {
  return platform.findBase64(text);
}
