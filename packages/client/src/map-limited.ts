/**
 * Does an asynchronous job for each item, so many at a time; the answers are in the order of the items. After the first
 * that fails no other is begun, and those under way are waited for: nothing goes on behind the caller's back.
 *
 * @param limit how many are under way at once, at least 1
 * @throws what the job that failed first has thrown
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  job: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const answers = new Array<R>(items.length);
  const failures: { readonly error: unknown }[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failures.length > 0) return;
      try {
        answers[index] = await job(item, index);
      } catch (error) {
        failures.push({ error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  const [first] = failures;
  if (first !== undefined) throw first.error;
  return answers;
}
