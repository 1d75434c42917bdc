/** Does an asynchronous job for each item, so many at a time; the answers are in the order of the items. */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  job: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers = new Map<number, R>();
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of waiting) answers.set(at, await job(item));
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return items.flatMap((_, at) => (answers.has(at) ? [answers.get(at) as R] : []));
}
