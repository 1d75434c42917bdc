const unfinished = new Set<Promise<unknown>>();

/** No longer than this the end of the process waits. */
const PATIENCE_MS = 2000;

/**
 * Makes the end of the process wait for some work, though nobody else may wait for it any more: what was given away for its
 * outcome would be lost. It has to end soon by itself.
 *
 * @returns the same work
 */
export function finishFirst<T>(work: Promise<T>): Promise<T> {
  const settled = work.then(forget, forget);
  function forget(): void {
    unfinished.delete(settled);
  }
  unfinished.add(settled);
  return work;
}

/** Waits until all such work is done, two seconds at most; ends at once when there is none. */
export async function waitForUnfinished(patienceMs = PATIENCE_MS): Promise<void> {
  if (unfinished.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([enough, Promise.all(unfinished)]);
  clearTimeout(timer);
}
