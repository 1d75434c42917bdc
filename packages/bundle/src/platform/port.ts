/** What differs between Node and a browser. Everything else in the package is the same code on both. */
export interface Platform {
  sha256(bytes: Uint8Array): Uint8Array;
  /** The public key of a 32-byte seed. */
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  ed25519Sign(seed: Uint8Array, publicKey: Uint8Array, message: Uint8Array): Uint8Array;
  /** The bare verification equation: `keys/ed25519.ts` makes it strict, and is its only caller. */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  randomBytes(length: number): Uint8Array;
  scrypt(passphrase: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array>;
  crc32(bytes: Uint8Array): number;
  equalBytes(a: Uint8Array, b: Uint8Array): boolean;
  encodeBase64(bytes: Uint8Array): string;
  /** Undefined unless {@link Platform.encodeBase64} would write exactly that. */
  findBase64(text: string): Uint8Array | undefined;
  deflateRaw(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * Inflates one raw deflate stream that fills the input exactly.
   *
   * @returns undefined when the stream is corrupt, ends early, leaves input over, or yields more than `maxBytes`
   */
  inflateRaw(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined>;
  /** What a 512-byte tar header claims. The archive reader believes none of it before it has re-encoded it. */
  readTarHeader(block: Uint8Array): TarHeaderClaim;
}

export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly keyBytes: number;
}

export interface TarHeaderClaim {
  readonly path: string;
  readonly mode: number | undefined;
  readonly sizeBytes: number | undefined;
}
