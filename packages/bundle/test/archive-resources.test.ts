import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, packTar } from '../src/index.js';
import { rawHeader, rawTar } from '../src/testing/raw-tar.js';

const MIB = 1 << 20;
/** What the engine's own heap may grow by, whatever the input: garbage that it has not collected yet. */
const ENGINE_BYTES = 16 * MIB;
/** Far above what linear work takes on a slow machine, far below what quadratic work would take. */
const GENEROUS_MS = 20_000;

const MEASURE = fileURLToPath(new URL('support/measure-archive.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sheaf-resources-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Cost {
  readonly outcome: string;
  readonly elapsedMs: number;
  /** Null where the system does not tell. */
  readonly grownBytes: number | null;
}

function measure(blob: Uint8Array, signedBytes: number, maxBytes: number = DEFAULT_LIMITS.tarBytes): Cost {
  const file = join(folder, 'blob');
  writeFileSync(file, blob);
  // A small nursery makes the peak show what is kept, not when the collector last ran.
  const flags = ['--expose-gc', '--max-semi-space-size=1', '--conditions=@sheaf/source', '--import', 'tsx'];
  const args = [...flags, MEASURE, file, String(signedBytes), String(maxBytes)];
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NODE_OPTIONS'];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env })) as Cost;
}

const empty = new Uint8Array(0);
const empties = (path: (i: number) => string) =>
  packTar(Array.from({ length: 10_000 }, (_, i) => ({ path: path(i), bytes: empty, executable: false })));

/** 16 folders that no other file has, in 200 bytes: the most that one entry can ask to be remembered. */
function ownFolders(i: number): string {
  const own = String(i).padStart(5, '0');
  return Array.from({ length: 16 }, (_, depth) => `${own}${'abcdefgh'.slice(0, depth === 15 ? 5 : 6)}`).join(
    '/',
  );
}

function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const large = packTar([
  { path: 'a', bytes: noise(15 * MIB), executable: false },
  { path: 'b', bytes: noise(15 * MIB), executable: false },
]);
const deep = empties(ownFolders);
const flat = empties((i) => `file-${i}`);
const folded = empties((i) => `größe/ﬁ-${i}/${'é'.repeat(40)}`);
const many = Buffer.concat([
  ...Array.from({ length: 60_000 }, (_, i) => rawHeader({ name: `f${String(i).padStart(6, '0')}` })),
  new Uint8Array(1024),
]);

const CASES: readonly (readonly [string, string, Uint8Array, number])[] = [
  ['30 MiB of files', '2 files', gzipSync(large, { level: 1 }), large.length],
  ['10,000 empty files', '10000 files', gzipSync(flat), flat.length],
  ['10,000 files with 15 folders of their own each', '10000 files', gzipSync(deep), deep.length],
  ['10,000 names that must be folded', '10000 files', gzipSync(folded), folded.length],
  ['60,000 entries', 'archive.too_many_files', gzipSync(many), many.length],
  ['32 MiB of zeros', 'archive.trailer', gzipSync(new Uint8Array(32 * MIB)), 32 * MIB],
  ['a bomb of 256 MiB signed as 64 KiB', 'gzip.corrupt', gzipSync(new Uint8Array(256 * MIB)), 64 << 10],
  ['a bomb of 256 MiB signed as 32 MiB', 'gzip.corrupt', gzipSync(new Uint8Array(256 * MIB)), 32 * MIB],
  ['a few bytes signed as 32 MiB', 'gzip.size', gzipSync(new Uint8Array(1024)), 32 * MIB],
  [
    'a header that claims 8 GiB',
    'archive.file_too_large',
    gzipSync(rawTar([[{ size: '77777777777\0' }]])),
    1536,
  ],
  ['32 MiB of noise', 'archive.type', gzipSync(noise(32 * MIB), { level: 1 }), 32 * MIB],
];

describe('opening a bundle costs at most three times its signed size, and time in proportion', () => {
  it.each(CASES)('%s: %s', (_, outcome, blob, signedBytes) => {
    const cost = measure(blob, signedBytes);
    expect(cost.outcome).toBe(outcome);
    expect(cost.grownBytes ?? 0).toBeLessThan(3 * signedBytes + ENGINE_BYTES);
    expect(cost.elapsedMs).toBeLessThan(GENEROUS_MS);
  });
});
