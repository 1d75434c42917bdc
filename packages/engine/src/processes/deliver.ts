import type { Readable } from 'node:stream';

/** How delivery to the listener goes. */
export interface Pump {
  /** Promises of the listener that are pending. */
  held: number;
  /** Chunks read so far. */
  chunks: number;
}

/**
 * Hands on what a stream gives and reads on only when that was dealt with; resolves when the stream is over and all was dealt with, and
 * never rejects. Not by 'data' events: when a child exits Node resumes its paused pipes, and a slow listener would be called while it is
 * still busy. Nor as an async iterator, which costs as much as the rest of a short step.
 */
export function deliver(
  stream: Readable,
  pump: Pump,
  take: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    let isBusy = false;
    let isOver = false;
    const finish = (): void => {
      isOver = true;
      if (!isBusy) resolve();
    };
    const wait = async (pending: Promise<void>): Promise<void> => {
      isBusy = true;
      pump.held += 1;
      await pending.catch(() => undefined);
      pump.held -= 1;
      isBusy = false;
      if (isOver) resolve();
      else read();
    };
    const read = (): void => {
      while (!isBusy && !stream.destroyed) {
        const chunk = stream.read() as Uint8Array | null;
        if (chunk === null) return;
        pump.chunks += 1;
        const pending = handOn(chunk);
        if (pending !== undefined) void wait(pending);
      }
    };
    const handOn = (chunk: Uint8Array): Promise<void> | undefined => {
      try {
        return take(chunk);
      } catch {
        stream.destroy();
        return undefined;
      }
    };
    // A pipe that breaks ends like one that is closed; the exit code tells the rest.
    stream.on('readable', read).on('end', finish).on('error', finish).on('close', finish);
  });
}
