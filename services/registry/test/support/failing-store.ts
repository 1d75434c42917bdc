import { ObjectStoreError, type ObjectStore } from '../../src/objects/port.js';

/** A store that takes in nothing while its disk is full. */
export function failingStore(store: () => ObjectStore, isFull: () => boolean): ObjectStore {
  return {
    putIfAbsent: (key, bytes) =>
      isFull()
        ? Promise.reject(new ObjectStoreError('object.unavailable', 'the disk is full'))
        : store().putIfAbsent(key, bytes),
    get: (...args) => store().get(...args),
    getRange: (...args) => store().getRange(...args),
    size: (...args) => store().size(...args),
    delete: (key) => store().delete(key),
    list: (prefix) => store().list(prefix),
    listKeys: (prefix) => store().listKeys(prefix),
    check: () => store().check(),
  };
}
