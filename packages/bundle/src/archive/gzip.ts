import { platform } from '#platform';
import { BundleError } from '../error.js';
import { DEFAULT_LIMITS } from './limits.js';

/** RFC 1952: magic, deflate, no flags, time 0, no extra flags, operating system unknown. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
const FOOTER_BYTES = 8;
/** Deflate cannot make more of a byte than this (zlib's technical notes), so a larger claim is a lie. */
const MAX_EXPANSION = 1032;

/**
 * Compresses an archive for transport: one gzip member without optional fields. The compressed bytes may differ
 * between versions of zlib, which is why no identity hangs on them.
 */
export async function gzipTar(tar: Uint8Array): Promise<Uint8Array> {
  const deflated = await platform.deflateRaw(tar);
  const blob = new Uint8Array(HEADER.length + deflated.length + FOOTER_BYTES);
  blob.set(HEADER);
  blob.set(deflated, HEADER.length);
  const footer = new DataView(blob.buffer, blob.length - FOOTER_BYTES);
  footer.setUint32(0, platform.crc32(tar), true);
  footer.setUint32(4, tar.length, true);
  return blob;
}

/**
 * Inflates what {@link gzipTar} made, or another compressor with the same restraint (`gzip -n`): exactly one
 * member, no optional fields, nothing after it, and exactly as many bytes as were signed. The output never grows
 * past that size, and a blob that could not reach it is refused before a byte is inflated.
 *
 * @param sizeBytes the exact size of the archive, from a signed statement
 * @param maxBytes what `sizeBytes` itself may be
 * @throws BundleError `gzip.header`, `gzip.size`, `gzip.corrupt` or `archive.too_large`
 */
export async function gunzipTar(
  blob: Uint8Array,
  sizeBytes: number,
  maxBytes: number = DEFAULT_LIMITS.tarBytes,
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > maxBytes) {
    throw new BundleError(
      'archive.too_large',
      `the archive has ${sizeBytes} bytes, the limit is ${maxBytes}`,
    );
  }
  if (blob.length < HEADER.length + FOOTER_BYTES || blob[0] !== 0x1f || blob[1] !== 0x8b || blob[2] !== 8) {
    throw new BundleError('gzip.header', 'the blob is not gzip');
  }
  if (blob[3] !== 0) {
    throw new BundleError('gzip.header', 'the gzip header has optional fields', {
      hint: 'compress with gzip -n',
    });
  }
  const footer = new DataView(blob.buffer, blob.byteOffset + blob.length - FOOTER_BYTES);
  const body = blob.subarray(HEADER.length, blob.length - FOOTER_BYTES);
  if (sizeBytes > body.length * MAX_EXPANSION) {
    throw new BundleError('gzip.size', `the blob cannot inflate to the ${sizeBytes} bytes that were signed`);
  }
  const inflated = await platform.inflateRaw(body, sizeBytes);
  if (inflated === undefined) {
    throw new BundleError(
      'gzip.corrupt',
      `the blob is not exactly one gzip member of at most ${sizeBytes} bytes`,
      { hint: 'it was damaged on the way, or something was added to it' },
    );
  }
  if (inflated.length !== sizeBytes || footer.getUint32(4, true) !== sizeBytes) {
    throw new BundleError(
      'gzip.size',
      `the blob inflates to ${inflated.length} bytes, signed were ${sizeBytes}`,
    );
  }
  if (footer.getUint32(0, true) !== platform.crc32(inflated)) {
    throw new BundleError('gzip.corrupt', 'the checksum of the gzip member does not match');
  }
  return inflated;
}
