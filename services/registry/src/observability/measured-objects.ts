import type { ObjectStore } from '../objects/port.js';
import type { Metrics } from './metrics.js';

/** A store whose calls are measured. `now`: a clock in milliseconds that never runs back. */
export function measureObjects(store: ObjectStore, metrics: Metrics, now: () => number): ObjectStore {
  const measured = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    const startedMs = now();
    try {
      const answer = await call();
      metrics.blob(operation, 'ok', now() - startedMs);
      return answer;
    } catch (error) {
      metrics.blob(operation, 'error', now() - startedMs);
      throw error;
    }
  };
  const { presign } = store;
  return {
    putIfAbsent: (key, bytes) => measured('put', () => store.putIfAbsent(key, bytes)),
    get: (key, options) => measured('get', () => store.get(key, options)),
    getRange: (key, start, end, options) =>
      measured('get_range', () => store.getRange(key, start, end, options)),
    size: (key, options) => measured('size', () => store.size(key, options)),
    delete: (key) => measured('delete', () => store.delete(key)),
    list: (prefix) => store.list(prefix),
    listKeys: (prefix) => store.listKeys(prefix),
    check: () => measured('check', () => store.check()),
    ...(presign && { presign }),
  };
}
