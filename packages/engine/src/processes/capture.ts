/** Keeps what is written as long as it is at most `maxBytes`; beyond that it keeps nothing, so that no part passes for the whole. */
export interface Capture {
  write(chunk: Uint8Array): void;
  /** UTF-8, invalid bytes as U+FFFD; undefined when there was more than the limit. */
  text(): string | undefined;
}

export function createCapture(maxBytes: number): Capture {
  let chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  return {
    write: (chunk) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= maxBytes) chunks.push(chunk);
      else chunks = [];
    },
    text: () => (sizeBytes > maxBytes ? undefined : Buffer.concat(chunks).toString('utf8')),
  };
}
