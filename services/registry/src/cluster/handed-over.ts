import type { Worker } from 'node:cluster';

/** A connection as `node:cluster` hands it over. */
interface Handle {
  /** Negative once it is closed. */
  readonly fd: number;
  close(): void;
}

/**
 * Ends the connections that a worker was handed and had not taken when it died. `node:cluster` keeps its own copy of a
 * connection until the worker says that it has it, which a dead one never does (`handoff` in Node's
 * lib/internal/cluster/round_robin_handle.js): whoever is at the other end would wait for an answer for ever.
 */
export function closeUntaken(worker: Worker): void {
  const child = worker.process;
  const open = new Set<Handle>();
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  const sendAndRemember = (...args: unknown[]): boolean => {
    for (const handle of open) if (handle.fd < 0) open.delete(handle);
    const [, handle] = args;
    if (isHandle(handle)) open.add(handle);
    return send(...args);
  };
  child.send = sendAndRemember;
  worker.once('exit', () => {
    for (const handle of open) handle.close();
    open.clear();
  });
}

function isHandle(value: unknown): value is Handle {
  return (
    typeof value === 'object' &&
    value !== null &&
    'fd' in value &&
    typeof value.fd === 'number' &&
    'close' in value &&
    typeof value.close === 'function'
  );
}
