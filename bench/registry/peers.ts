import { MissingPeer } from './servers/server.js';

/** What is measured beside us where it can be; a peer that cannot be had leaves a note instead. */
export interface Peers {
  /** Undefined when the peer is missing, or when the run goes without peers. */
  find<T>(name: string, start: () => Promise<T>): Promise<T | undefined>;
  readonly notes: readonly string[];
}

export function createPeers(isWanted: boolean): Peers {
  const notes: string[] = [];
  return {
    notes,
    find: async (name, start) => {
      if (!isWanted) return undefined;
      try {
        return await start();
      } catch (error) {
        if (!(error instanceof MissingPeer)) throw error;
        notes.push(`${name}: ${error.message}`);
        return undefined;
      }
    },
  };
}
