import { RegistryError } from '../error.js';

/**
 * Bounds the bytes that wait for readers to take them. Nobody waits in line for a slow reader: when there is too much, whoever
 * has not moved for longest is cut off, first in the network that holds most.
 */
export interface Outgoing {
  /**
   * Counts bytes until `release`. `cut` is called, once at most, when they are to be given up.
   *
   * @throws RegistryError `service.busy` when there is no room and everybody is moving, or the network has its share
   */
  hold(network: string, sizeBytes: number, cut: () => void): OutgoingBytes;
  readonly sizeBytes: number;
}

export interface OutgoingBytes {
  /** The reader has taken some. */
  moved(): void;
  release(): void;
}

export interface OutgoingOptions {
  /** Beyond that whoever does not move is cut off; twice as much is never held. */
  readonly softBytes: number;
  readonly now: () => number;
}

/** Whoever takes nothing for so long may be cut off when there is too much. */
const STALLED_MS = 2_000;
/** So much of the most that is held one network may hold, once half of it is. */
const NETWORK_SHARE = 4;

interface Held {
  readonly network: string;
  readonly sizeBytes: number;
  readonly cut: () => void;
  movedMs: number;
}

export function createOutgoing({ softBytes, now }: OutgoingOptions): Outgoing {
  const mostBytes = softBytes * 2;
  /** Whoever has not moved for longest comes first. */
  const held = new Set<Held>();
  const byNetwork = new Map<string, number>();
  let bytes = 0;

  const remove = (entry: Held) => {
    if (!held.delete(entry)) return;
    bytes -= entry.sizeBytes;
    const left = (byNetwork.get(entry.network) ?? 0) - entry.sizeBytes;
    if (left > 0) byNetwork.set(entry.network, left);
    else byNetwork.delete(entry.network);
  };
  /** The one of them that holds its place for nothing, and does so in the fullest network. */
  const findStalled = (): Held | undefined => {
    const beforeMs = now() - STALLED_MS;
    let found: Held | undefined;
    for (const entry of held) {
      if (entry.movedMs > beforeMs) break;
      const of = (one: Held) => byNetwork.get(one.network) ?? 0;
      if (!found || of(entry) > of(found)) found = entry;
    }
    return found;
  };
  const makeRoom = (sizeBytes: number) => {
    while (bytes + sizeBytes > softBytes) {
      const stalled = findStalled();
      if (!stalled) return;
      remove(stalled);
      stalled.cut();
    }
  };

  return {
    hold: (network, sizeBytes, cut) => {
      makeRoom(sizeBytes);
      const own = byNetwork.get(network) ?? 0;
      const hasShare = own > 0 && own + sizeBytes > mostBytes / NETWORK_SHARE;
      if (bytes > 0 && (bytes + sizeBytes > mostBytes || (hasShare && bytes > softBytes)))
        throw new RegistryError('service.busy', 'too many downloads are in progress', {
          retryAfterSeconds: 2,
        });
      const entry: Held = { network, sizeBytes, cut, movedMs: now() };
      held.add(entry);
      bytes += sizeBytes;
      byNetwork.set(network, own + sizeBytes);
      return {
        moved: () => {
          if (!held.delete(entry)) return;
          entry.movedMs = now();
          held.add(entry);
        },
        release: () => {
          remove(entry);
        },
      };
    },
    get sizeBytes() {
      return bytes;
    },
  };
}
