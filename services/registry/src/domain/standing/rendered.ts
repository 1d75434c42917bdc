import { createGate, type Gate } from '../gate.js';

/** Documents of proofs that were rendered a moment ago: the same question has the same answer until the log grows. */
export interface RenderedDocuments {
  /**
   * The document of a key, rendered unless it is there. Those who ask for the same at once share one rendering; of
   * different ones only a few are rendered at a time.
   *
   * @throws RegistryError `service.busy` when too many wait already, and what `render` throws
   */
  get(key: string, render: () => Promise<Buffer>): Promise<Buffer>;
}

export interface RenderedLimits {
  readonly maxDocuments: number;
  readonly maxBytes: number;
  readonly gate: Gate;
}

const DEFAULTS = { maxDocuments: 256, maxBytes: 16 << 20 } as const;

/** Keeps the documents that were asked for last. */
export function createRenderedDocuments(limits: Partial<RenderedLimits> = {}): RenderedDocuments {
  const { maxDocuments, maxBytes } = { ...DEFAULTS, ...limits };
  // Making proofs takes the processor, not connections: two at a time leave it to others.
  const gate = limits.gate ?? createGate({ capacity: 2, maxWaiting: 100, what: 'documents of proofs' });
  const kept = new Map<string, Buffer>();
  const rendering = new Map<string, Promise<Buffer>>();
  let bytes = 0;

  const forget = (key: string) => {
    bytes -= kept.get(key)?.length ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, document: Buffer) => {
    forget(key);
    if (document.length > maxBytes) return;
    kept.set(key, document);
    bytes += document.length;
    for (const oldest of kept.keys()) {
      if (kept.size <= maxDocuments && bytes <= maxBytes) break;
      forget(oldest);
    }
  };

  return {
    get: async (key, render) => {
      const known = kept.get(key);
      if (known !== undefined) {
        keep(key, known);
        return known;
      }
      const shared = rendering.get(key) ?? gate.run(1, render).finally(() => rendering.delete(key));
      rendering.set(key, shared);
      const document = await shared;
      keep(key, document);
      return document;
    },
  };
}
