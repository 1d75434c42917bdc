import { parseDigest } from '@sheaf/bundle';
import { openCache } from '../../src/cache.js';

/** Claims a blob and never lets go of it. */
const [dir = '', digest = ''] = process.argv.slice(2);
const cache = await openCache(dir);
await cache.claimBlob(parseDigest(digest), { sizeBytes: 1 });
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
