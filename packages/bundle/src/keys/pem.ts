import { findBase64 } from '../encoding/base64.js';

/** The bytes of the one PEM block with this label (RFC 7468), or undefined when the text is anything else. */
export function findPem(text: string, label: string): Uint8Array | undefined {
  const trimmed = text.trim();
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  if (!trimmed.startsWith(begin) || !trimmed.endsWith(end)) return undefined;
  return findBase64(trimmed.slice(begin.length, -end.length).replaceAll(/[\r\n]/g, ''));
}
