declare const keyIdBrand: unique symbol;

/** 64 hexadecimal digits: the SHA-256 of the key's 44-byte SubjectPublicKeyInfo. */
export type KeyId = string & { readonly [keyIdBrand]: true };

/** An Ed25519 public key that passed the strict checks. */
export interface PublicKey {
  readonly id: KeyId;
  /** 32 bytes. */
  readonly raw: Uint8Array;
}

/** An Ed25519 key pair. `seed` is the secret. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** 32 bytes (RFC 8032's private key). */
  readonly seed: Uint8Array;
}
