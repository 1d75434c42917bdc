import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import nacl from 'tweetnacl';
import { concatBytes, findUtf8 } from '../encoding/bytes.js';
import { encodeBase64, findBase64 } from './browser-base64.js';
import type { Platform, TarHeaderClaim } from './port.js';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc;
});

/** Pipes bytes through a stream, and gives up as soon as more than `maxBytes` come out. */
async function pipe(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const writer = stream.writable.getWriter();
  // A failure of the writer also fails the reader, where it is handled.
  const written = Promise.allSettled([writer.write(bytes as Uint8Array<ArrayBuffer>), writer.close()]);
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  await written;
  return concatBytes(chunks);
}

function field(block: Uint8Array, start: number, end: number): string {
  const nul = block.indexOf(0, start);
  return findUtf8(block.subarray(start, nul === -1 || nul > end ? end : nul)) ?? '';
}

function octal(block: Uint8Array, start: number, end: number): number | undefined {
  const digits = field(block, start, end);
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function readTarHeader(block: Uint8Array): TarHeaderClaim {
  const name = field(block, 0, 100);
  const prefix = field(block, 345, 500);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    mode: octal(block, 100, 108),
    sizeBytes: octal(block, 124, 136),
  };
}

/** Everything else: portable implementations and the streams of the web platform. */
export const platform: Platform = {
  sha256: (bytes) => sha256(bytes),
  ed25519PublicKey: (seed) => nacl.sign.keyPair.fromSeed(seed).publicKey,
  ed25519Sign: (seed, publicKey, message) => {
    const secretKey = concatBytes([seed, publicKey]);
    return nacl.sign.detached(message, secretKey);
  },
  ed25519Verify: (publicKey, message, signature) => nacl.sign.detached.verify(message, signature, publicKey),
  randomBytes: (length) => nacl.randomBytes(length),
  scrypt: (passphrase, salt, cost) =>
    scryptAsync(passphrase, salt, { N: cost.n, r: cost.r, p: cost.p, dkLen: cost.keyBytes }),
  crc32(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
  },
  equalBytes: (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]),
  encodeBase64,
  findBase64,
  async deflateRaw(bytes) {
    const deflated = await pipe(bytes, new CompressionStream('deflate-raw'), Infinity);
    return deflated ?? new Uint8Array(0);
  },
  async inflateRaw(bytes, maxBytes) {
    try {
      // The Compression Streams standard makes both an early end and input left over an error.
      return await pipe(bytes, new DecompressionStream('deflate-raw'), maxBytes);
    } catch {
      return undefined;
    }
  },
  readTarHeader,
};
