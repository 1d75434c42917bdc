/** Gathers bytes in one growing buffer: many small chunks take no more memory than few large ones. */
export interface ByteCollector {
  readonly sizeBytes: number;
  /** False, and nothing is kept, when the bytes would go beyond the limit. */
  push(chunk: Uint8Array): boolean;
  take(): Buffer;
}

const EMPTY = Buffer.alloc(0);

export function createByteCollector(limitBytes: number): ByteCollector {
  // What comes in one chunk, as most does, takes its own size and no more.
  let buffer = EMPTY;
  let size = 0;
  return {
    get sizeBytes() {
      return size;
    },
    push: (chunk) => {
      const needed = size + chunk.length;
      if (needed > limitBytes) return false;
      if (needed > buffer.length) {
        const grown = Buffer.allocUnsafe(Math.min(limitBytes, Math.max(needed, buffer.length * 2)));
        buffer.copy(grown, 0, 0, size);
        buffer = grown;
      }
      buffer.set(chunk, size);
      size = needed;
      return true;
    },
    take: () => buffer.subarray(0, size),
  };
}
