// Stores objects `k/<n>`, each of 64 KiB filled with n, and prints n when the store says that it is persisted.
import { openFilesystemStore } from '../../src/objects/filesystem.js';

const [, , dir, count = '100000'] = process.argv;
if (dir === undefined) throw new Error('usage: put-child DIR [COUNT]');
const store = await openFilesystemStore({ dir, now: Date.now });

console.log('ready');
for (let index = 0; index < Number(count); index += 1) {
  const answer = await store.putIfAbsent(`k/${index}`, new Uint8Array(65_536).fill(index));
  console.log(`${index} ${answer}`);
}
