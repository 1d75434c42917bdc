import { openRecords, type RunRecords } from '@sheaf/engine';
import type { Context } from '../frame/context.js';

/** Opens what is remembered of this user's runs, for the time of some work. */
export async function withRecords<T>(
  context: Context,
  work: (records: RunRecords) => Promise<T>,
): Promise<T> {
  const records = await openRecords(context.paths.state());
  try {
    return await work(records);
  } finally {
    records.close();
  }
}
