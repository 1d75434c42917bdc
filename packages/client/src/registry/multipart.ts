import { randomBytes } from 'node:crypto';
import { encodeEnvelope, type Envelope } from '@sheaf/bundle';
import { MEDIA_TYPES, PUBLISH_PARTS } from '../contract/index.js';

/** One part of a multipart body. Name, file name and type come from this package, never from outside. */
export interface Part {
  readonly name: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/**
 * A `multipart/form-data` body (RFC 7578), its parts in the given order. The boundary must be unguessable, so that no
 * part can hold it.
 */
export function encodeMultipart(
  parts: readonly Part[],
  boundary: string,
): { readonly contentType: string; readonly body: Uint8Array } {
  const pieces = parts.flatMap((part) => [
    Buffer.from(
      `--${boundary}\r\n` +
        `Content-Disposition: form-data; name="${part.name}"; filename="${part.fileName}"\r\n` +
        `Content-Type: ${part.contentType}\r\n\r\n`,
    ),
    part.bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** The body of a publish: an envelope and a bundle for each workflow. */
export function encodeParts(
  uploads: readonly { readonly envelope: Envelope; readonly blob: Uint8Array }[],
): ReturnType<typeof encodeMultipart> {
  const parts = uploads.flatMap(({ envelope, blob }) => [
    {
      name: PUBLISH_PARTS.envelope,
      fileName: 'envelope.json',
      contentType: MEDIA_TYPES.envelope,
      bytes: encodeEnvelope(envelope),
    },
    {
      name: PUBLISH_PARTS.bundle,
      fileName: 'bundle.tar.gz',
      contentType: MEDIA_TYPES.bundle,
      bytes: blob,
    },
  ]);
  return encodeMultipart(parts, `sheaf-${randomBytes(24).toString('hex')}`);
}
