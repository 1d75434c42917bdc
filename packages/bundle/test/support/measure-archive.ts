// Opens one blob and prints what it cost. Run as a process of its own: `measure-archive.ts FILE SIGNED_BYTES MAX_BYTES`.
import { readFileSync, writeFileSync } from 'node:fs';
import { BundleError, DEFAULT_LIMITS, gunzipTar, gzipTar, packTar, readTar } from '../../src/index.js';

/** A size in the process's status, in bytes: `VmRSS` is what is resident now, `VmHWM` the most that ever was. */
function statusBytes(name: string): number {
  const [, kilobytes] =
    new RegExp(`^${name}:\\s+([0-9]+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Forgets the peak so far, which loading the code has set (proc(5), clear_refs). */
function forgetPeak(): void {
  globalThis.gc?.();
  writeFileSync('/proc/self/clear_refs', '5');
}

async function open(blob: Uint8Array, signedBytes: number, maxBytes: number): Promise<string> {
  try {
    const limits = { ...DEFAULT_LIMITS, tarBytes: maxBytes };
    const files = readTar(await gunzipTar(blob, signedBytes, maxBytes), limits);
    return `${files.length} files`;
  } catch (error) {
    if (error instanceof BundleError) return error.code;
    throw error;
  }
}

const [file = '', signedBytes = '', maxBytes = ''] = process.argv.slice(2);
const blob = Uint8Array.from(readFileSync(file));
// What loading and compiling the code costs must not count as a cost of the input.
const warm = packTar(
  Array.from({ length: 50 }, (_, i) => ({ path: `é/${i}`, bytes: new Uint8Array(i), executable: false })),
);
await open(await gzipTar(warm), warm.length, warm.length);

if (process.platform === 'linux') forgetPeak();
const beforeBytes = process.platform === 'linux' ? statusBytes('VmRSS') : 0;
const startedMs = performance.now();
const outcome = await open(blob, Number(signedBytes), Number(maxBytes));
const elapsedMs = performance.now() - startedMs;
const grownBytes = process.platform === 'linux' ? statusBytes('VmHWM') - beforeBytes : null;
process.stdout.write(JSON.stringify({ outcome, elapsedMs: Math.round(elapsedMs), grownBytes }));
