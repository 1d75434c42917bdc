import type { ArchiveFile } from '@sheaf/bundle';

const WORDS = (
  'workflow step run registry bundle digest deploy release version parameter permission const function return await ' +
  'import export readonly string number error message option value result config default the of and to in is that for'
).split(' ');

/** A small generator (xorshift32) with a fixed seed: every run packs the same bytes. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function text(random: () => number, length: number): Uint8Array {
  const parts: string[] = [];
  let written = 0;
  while (written < length) {
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? '';
    const ends = random();
    const next = word + (ends < 0.1 ? ';\n' : ends < 0.2 ? `(${Math.floor(random() * 1000)}) ` : ' ');
    parts.push(next);
    written += next.length;
  }
  return new TextEncoder().encode(parts.join('').slice(0, length));
}

function noise(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

/**
 * 2,000 files of together about 20 MiB, in folders three deep: nine in ten are text that compresses like source code,
 * the rest is already compressed; sizes vary around 10 KiB, and one in twenty is executable.
 */
export function createCorpus(count = 2000, totalBytes = 20 << 20): readonly ArchiveFile[] {
  const random = createRandom(20_250_101);
  const mean = totalBytes / count;
  return Array.from({ length: count }, (_, i) => {
    const length = Math.round(mean * (0.2 + 1.6 * random()));
    const isBinary = i % 10 === 9;
    return {
      path: `part-${i % 20}/group-${i % 7}/${isBinary ? 'image' : 'module'}-${i}.${isBinary ? 'png' : 'ts'}`,
      bytes: isBinary ? noise(random, length) : text(random, length),
      executable: i % 20 === 0,
    };
  });
}
