// Obeys lines on its standard input: `lock` and `release`. Answers one line each.
import { createInterface } from 'node:readline';
import { lockDataDir, type DataDirLock } from '../../src/postgres/datadir-lock.js';

const [, , dir] = process.argv;
if (dir === undefined) throw new Error('usage: lock-child DIR');
let lock: DataDirLock | undefined;

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'lock') {
    try {
      lock = await lockDataDir(dir);
      console.log('won');
    } catch (error) {
      console.log(`lost ${(error as { code: string }).code}`);
    }
  } else {
    await lock?.release();
    console.log('released');
  }
}
