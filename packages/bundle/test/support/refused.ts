import { hexOf } from '../../src/encoding/bytes.js';

/** Bytes that are mostly zero: their length, and where something else stands, in hex. */
export interface Sparse {
  readonly length: number;
  readonly parts: readonly (readonly [number, string])[];
}

/** An input, what it is given as, and the code that must refuse it. */
export type Refused = { readonly why: string; readonly code: string } & (
  | { readonly kind: 'archive'; readonly archive: Sparse }
  | { readonly kind: 'blob'; readonly blob: string; readonly size: number }
  | { readonly kind: 'key'; readonly key: string }
  | {
      readonly kind: 'envelope';
      readonly envelope: string;
      readonly payloadType: string;
      readonly keys: readonly string[];
      readonly threshold: number;
    }
  | { readonly kind: 'key-event'; readonly event: string }
  | { readonly kind: 'leaf'; readonly leaf: string }
  | { readonly kind: 'note'; readonly note: string; readonly logKey: string }
  | { readonly kind: 'tlog-proof'; readonly proof: string }
  | { readonly kind: 'receipt'; readonly receipt: string }
  | { readonly kind: 'standing'; readonly standing: string }
  | { readonly kind: 'carry'; readonly file: Sparse }
  | { readonly kind: 'bundle'; readonly archive: Sparse }
  | { readonly kind: 'key-file'; readonly file: string; readonly passphrase: string }
  | { readonly kind: 'log-key'; readonly vkey: string }
  | { readonly kind: 'witness-key'; readonly vkey: string }
  | { readonly kind: 'witness-policy'; readonly policy: string }
  | { readonly kind: 'checkpoint'; readonly note: string; readonly logKey: string }
);

export function sparse(bytes: Uint8Array): Sparse {
  const parts: [number, string][] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    let end = at;
    // A few zeros between two parts are cheaper written than left out.
    while (end < bytes.length && bytes.subarray(end, end + 8).some((byte) => byte !== 0)) end++;
    parts.push([at, hexOf(bytes.subarray(at, end))]);
    at = end;
  }
  return { length: bytes.length, parts };
}

export function sparseBytes({ length, parts }: Sparse): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [at, hex] of parts) bytes.set(Buffer.from(hex, 'hex'), at);
  return bytes;
}
