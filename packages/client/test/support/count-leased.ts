import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLease } from '../../src/lease.js';

/** Adds one to a number in a file so many times, each time with the lease of it. */
const [dir = '', times = '0'] = process.argv.slice(2);
const path = join(dir, 'number');
process.stdout.write('begun\n');
for (let done = 0; done < Number(times);) {
  const lease = await takeLease(dir, 'number');
  if (lease === undefined) {
    await sleep(Math.random() * 4);
    continue;
  }
  const number = Number(await readFile(path, 'utf8'));
  await sleep(0);
  // Whole or not at all: a process that is killed here leaves a number.
  await writeFile(`${path}.${process.pid}`, String(number + 1));
  await rename(`${path}.${process.pid}`, path);
  await lease.release();
  done++;
}
