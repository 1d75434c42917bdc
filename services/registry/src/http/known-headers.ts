import { hash as digest } from 'node:crypto';

/** Remembers which `Authorization` headers were valid lately, without keeping them. */
export interface KnownHeaders {
  has(header: string): boolean;
  add(header: string): void;
  forget(header: string): void;
}

/** Two generations of `maxHeaders` each: when the young one is full the old one is forgotten. */
export function createKnownHeaders(maxHeaders = 5_000): KnownHeaders {
  let young = new Set<string>();
  let old = new Set<string>();
  const hashOf = (header: string) => digest('sha256', header, 'base64');
  return {
    has: (header) => {
      const hash = hashOf(header);
      return young.has(hash) || old.has(hash);
    },
    add: (header) => {
      const hash = hashOf(header);
      if (young.has(hash)) return;
      if (young.size >= maxHeaders) {
        old = young;
        young = new Set();
      }
      young.add(hash);
    },
    forget: (header) => {
      const hash = hashOf(header);
      young.delete(hash);
      old.delete(hash);
    },
  };
}
