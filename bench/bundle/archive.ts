import { execFileSync } from 'node:child_process';
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { create, extract } from 'tar';
import { type ArchiveFile, gunzipTar, gzipTar, packTar, readTar, sha256Hex } from '@sheaf/bundle';
import { type Contestant, interleave, median, medianRatio } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import { createCorpus } from './corpus.js';

/** The oracle of the archive format: packs the very bytes that we do. */
const GNU_PACK =
  'find . -type f | cut -c3- | LC_ALL=C sort > ../list; tar --format=ustar -b1 --verbatim-files-from --no-recursion ' +
  "--owner=0 --group=0 --numeric-owner --mtime=@0 --mode='u=rwX,go=rX' -T ../list -cf - | gzip -6 -n > ../gnu.tar.gz";
const GNU_UNPACK =
  'gunzip -c ../gnu.tar.gz > ../gnu.tar; sha256sum ../gnu.tar > ../gnu.sum; tar -xf ../gnu.tar';
const LIMIT = 1.2;

/** Packs and unpacks one corpus by us, by GNU's programs and by node-tar, in turns. All read and write the disk. */
export async function benchArchive(folder: string, rounds: number): Promise<readonly Row[]> {
  const files = createCorpus();
  const tree = join(folder, 'tree');
  await writeTree(tree, files);
  const at = (name: string) => join(folder, name);
  const out = at('out');
  const executable = new Set(files.filter((file) => file.executable).map(({ path }) => path));

  const emptyOut = async () => {
    await rm(out, { recursive: true, force: true });
    await mkdir(out);
  };
  const pack: readonly Contestant[] = [
    {
      name: 'sheaf',
      run: async () => {
        await writeFile(at('ours.tar.gz'), await gzipTar(packTar(await readTree(tree, executable))));
      },
    },
    { name: 'gnu', run: () => void execFileSync('bash', ['-c', GNU_PACK], { cwd: tree }) },
    {
      name: 'node-tar',
      run: async () => {
        const packed = create({ cwd: tree, gzip: { level: 6 }, portable: true, noMtime: true }, ['.']);
        await pipeline(packed, createWriteStream(at('node.tar.gz')));
      },
    },
  ];
  const packing = await interleave(pack, rounds);
  const blob = await readFile(at('ours.tar.gz'));
  const tar = packTar(files);
  const signed = { blob: sha256Hex(blob), tar: sha256Hex(tar), sizeBytes: tar.length };

  const unpack: readonly Contestant[] = [
    {
      name: 'sheaf',
      before: emptyOut,
      run: async () => {
        await unpackVerified(at('ours.tar.gz'), signed, out);
      },
    },
    { name: 'gnu', before: emptyOut, run: () => void execFileSync('bash', ['-c', GNU_UNPACK], { cwd: out }) },
    {
      name: 'node-tar',
      before: emptyOut,
      run: async () => {
        await pipeline(createReadStream(at('node.tar.gz')), extract({ cwd: out, strict: true }));
      },
    },
  ];
  const unpacking = await interleave(unpack, rounds);
  const memory: readonly Contestant[] = [
    {
      name: 'pack',
      run: () => {
        packTar(files);
      },
    },
    {
      name: 'read',
      run: () => {
        readTar(tar);
      },
    },
    {
      name: 'sha256',
      run: () => {
        sha256Hex(tar);
      },
    },
    {
      name: 'deflate',
      run: async () => {
        await gzipTar(tar);
      },
    },
    {
      name: 'inflate',
      run: async () => {
        await gunzipTar(blob, tar.length);
      },
    },
  ];
  const inMemory = await interleave(memory, rounds);
  const size = `${(tar.length / (1 << 20)).toFixed(1)} MiB, ${files.length} files`;
  const beside = (
    what: string,
    timings: typeof packing,
    peer: string,
    name: string,
    target?: number,
  ): Row => {
    const ratio = medianRatio(timings, 'sheaf', peer);
    return {
      what,
      value: median(timings.get('sheaf') ?? []),
      unit: 'ms',
      peer: name,
      peerValue: median(timings.get(peer) ?? []),
      ratio,
      ...(target === undefined ? {} : { target: `≤ ${target}`, isMet: ratio <= target }),
    };
  };
  return [
    beside(`pack ${size}`, packing, 'gnu', 'GNU tar + gzip -6', LIMIT),
    beside('pack', packing, 'node-tar', 'node-tar + zlib 6'),
    beside(`verify + unpack ${size}`, unpacking, 'gnu', 'gunzip + sha256sum + tar', LIMIT),
    beside('verify + unpack', unpacking, 'node-tar', 'node-tar (verifies nothing)'),
    ...memory.map(({ name }): Row => ({
      what: `in memory: ${name}`,
      value: median(inMemory.get(name) ?? []),
      unit: 'ms',
    })),
  ];
}

interface Signed {
  readonly blob: string;
  readonly tar: string;
  readonly sizeBytes: number;
}

/** What a client does once it knows what was signed: every check on the bytes, then a fresh folder, then its place. */
async function unpackVerified(file: string, signed: Signed, out: string): Promise<void> {
  const blob = await readFile(file);
  if (sha256Hex(blob) !== signed.blob) throw new Error('another blob');
  const tar = await gunzipTar(blob, signed.sizeBytes);
  if (sha256Hex(tar) !== signed.tar) throw new Error('another archive');
  const fresh = join(out, 'fresh');
  await mkdir(fresh, { mode: 0o700 });
  await writeFiles(fresh, readTar(tar));
  await rename(fresh, join(out, 'done'));
}

async function writeTree(folder: string, files: readonly ArchiveFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFiles(folder, files);
}

const PARALLEL = 16;

async function writeFiles(folder: string, files: readonly ArchiveFile[]): Promise<void> {
  for (const parent of new Set(files.map(({ path }) => dirname(path)))) {
    await mkdir(join(folder, parent), { recursive: true });
  }
  await eachOf(files, async ({ path, bytes, executable }) => {
    const file = await open(join(folder, path), 'wx', executable ? 0o755 : 0o644);
    await file.writeFile(bytes);
    await file.close();
    if (executable) await chmod(join(folder, path), 0o755);
  });
}

async function readTree(folder: string, executable: ReadonlySet<string>): Promise<readonly ArchiveFile[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: ArchiveFile[] = [];
  await eachOf(paths, async (file) => {
    const path = file.slice(folder.length + 1);
    files.push({ path, bytes: await readFile(file), executable: executable.has(path) });
  });
  return files;
}

async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}
