import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  randomBytes,
  scrypt,
  sign,
  verify,
} from 'node:crypto';
import { crc32, deflateRaw, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { Header } from 'tar/header';
import { PKCS8_PREFIX, SPKI_PREFIX } from '../keys/der.js';
import type { Platform } from './port.js';

/** Reading a private key costs ten times what signing with it does, and a log signs with one key for ever. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>();

function privateKeyOf(seed: Uint8Array): KeyObject {
  const known = privateKeys.get(seed);
  if (known !== undefined) return known;
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  privateKeys.set(seed, key);
  return key;
}

/** As costly as verifying with it, and the same few keys come again and again: the last ones that were used, by their bytes. */
const publicKeys = new Map<string, KeyObject>();
const MAX_PUBLIC_KEYS = 256;

function publicKeyOf(raw: Uint8Array): KeyObject {
  const name = bufferOf(raw).toString('latin1');
  const known = publicKeys.get(name);
  publicKeys.delete(name);
  const key =
    known ?? createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  publicKeys.set(name, key);
  for (const oldest of publicKeys.keys()) {
    if (publicKeys.size <= MAX_PUBLIC_KEYS) break;
    publicKeys.delete(oldest);
  }
  return key;
}

/** The same bytes without Buffer's own methods, whose `slice` and `toJSON` differ from those of a browser. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A tree hashes 65 bytes at a time, where making a Buffer of the result costs more than hashing: a string of the
 * digest's bytes comes three times as fast.
 */
function sha256(bytes: Uint8Array): Uint8Array {
  const text = hash('sha256', bytes, 'binary');
  const digest = new Uint8Array(32);
  for (let i = 0; i < digest.length; i++) digest[i] = text.charCodeAt(i);
  return digest;
}

function inflateWhole(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined> {
  // One output chunk a little larger than the result: one trip to the thread pool, no copy to join chunks.
  const options: ZlibOptions = {
    chunkSize: Math.max(maxBytes, 64) + 64,
    maxOutputLength: Math.max(maxBytes, 1),
    info: true,
  };
  // With `info` the result is not the buffer the types promise but `{ buffer, engine }`.
  const wholeOf = (result: unknown) => {
    const { buffer, engine } = (result as InflateInfo | undefined) ?? {};
    const whole = buffer !== undefined && engine?.bytesWritten === bytes.length;
    return whole && buffer.length <= maxBytes ? plain(buffer) : undefined;
  };
  if (maxBytes <= INFLATED_AT_ONCE_BYTES) {
    try {
      return Promise.resolve(wholeOf(inflateRawSync(bytes, options)));
    } catch {
      return Promise.resolve(undefined);
    }
  }
  return new Promise((resolve) => {
    inflateRaw(bytes, options, (error, result) => {
      resolve(error === null ? wholeOf(result) : undefined);
    });
  });
}

/** Takes less time than the trip to the thread pool and back. */
const INFLATED_AT_ONCE_BYTES = 64 * 1024;

interface InflateInfo {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** Node: its own crypto and zlib, and node-tar's header decoder. */
export const platform: Platform = {
  sha256,
  ed25519PublicKey(seed) {
    const spki = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' });
    return new Uint8Array(spki.subarray(SPKI_PREFIX.length));
  },
  ed25519Sign: (seed, _publicKey, message) => new Uint8Array(sign(null, message, privateKeyOf(seed))),
  ed25519Verify(publicKey, message, signature) {
    try {
      return verify(null, message, publicKeyOf(publicKey), signature);
    } catch {
      // A key that is no point of the curve verifies nothing.
      return false;
    }
  },
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
  scrypt: (passphrase, salt, cost) =>
    new Promise((resolve, reject) => {
      const memoryBytes = 128 * cost.n * cost.r;
      const options = { N: cost.n, r: cost.r, p: cost.p, maxmem: memoryBytes + (8 << 20) };
      scrypt(passphrase, salt, cost.keyBytes, options, (error, key) => {
        if (error === null) resolve(new Uint8Array(key));
        else reject(error);
      });
    }),
  crc32: (bytes) => crc32(bytes),
  equalBytes: (a, b) => bufferOf(a).equals(b),
  encodeBase64: (bytes) => bufferOf(bytes).toString('base64'),
  findBase64(text) {
    // Buffer overlooks what does not belong there; what it would write itself holds none of that.
    const bytes = Buffer.from(text, 'base64');
    return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
  },
  deflateRaw: (bytes) =>
    new Promise((resolve, reject) => {
      deflateRaw(bytes, { level: 6, chunkSize: Math.max(bytes.length, 1 << 12) }, (error, result) => {
        if (error === null) resolve(plain(result));
        else reject(error);
      });
    }),
  inflateRaw: inflateWhole,
  readTarHeader(block) {
    try {
      const header = new Header(bufferOf(block));
      return { path: header.path ?? '', mode: header.mode, sizeBytes: header.size };
    } catch {
      // It throws plain errors at some malformed numbers; a claim without a mode is never canonical.
      return { path: '', mode: undefined, sizeBytes: undefined };
    }
  },
};
