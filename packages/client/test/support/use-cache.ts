import { digestOf } from '@sheaf/bundle';
import { openCache } from '../../src/cache.js';

/** Stores, reads and drops the same few blobs, and prints every one that was not whole. */
const [dir = '', times = '0', seed = '0'] = process.argv.slice(2);
const cache = await openCache(dir);
const blobs = [1, 2, 3].map((n) => new Uint8Array(200_000).fill(n));
for (let i = 0; i < Number(times); i++) {
  const blob = blobs[(i + Number(seed)) % blobs.length] ?? new Uint8Array();
  const digest = digestOf(blob);
  if (i % 5 === 4) await cache.dropBlob(digest);
  else await cache.putBlob(digest, blob);
  for (const other of blobs) {
    const read = await cache.findBlob(digestOf(other));
    if (read !== undefined && digestOf(read) !== digestOf(other)) process.stdout.write('torn\n');
  }
}
process.stdout.write('done\n');
