/**
 * Syncs folders so that those who ask in one moment share a sync. One that is under way may have begun before the caller's
 * entry was there: whoever comes meanwhile waits for the next, which begins when it ends. A single caller never waits.
 *
 * @param sync makes the entries of a folder outlive a power cut
 */
export function sharedSync(sync: (folder: string) => Promise<void>): (folder: string) => Promise<void> {
  const folders = new Map<string, Syncing>();

  const begin = (folder: string): Promise<void> => {
    const syncing: Syncing = { running: sync(folder), next: undefined };
    folders.set(folder, syncing);
    const end = (): void => {
      if (folders.get(folder) === syncing && syncing.next === undefined) folders.delete(folder);
    };
    syncing.running.then(end, end);
    return syncing.running;
  };

  return (folder) => {
    const syncing = folders.get(folder);
    if (syncing === undefined) return begin(folder);
    const follow = () => begin(folder);
    // One that failed says nothing of the next.
    syncing.next ??= syncing.running.then(follow, follow);
    return syncing.next;
  };
}

interface Syncing {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}
