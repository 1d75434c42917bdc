import { platform } from '#platform';

/** Whether two byte strings are equal. Not constant-time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return platform.equalBytes(a, b);
}
