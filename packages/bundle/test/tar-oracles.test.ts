import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { extract, list } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packTar, readTar } from '../src/index.js';

const GNU_TAR =
  'find . -type f | cut -c3- | LC_ALL=C sort > ../l; tar --format=ustar -b1 --verbatim-files-from --no-recursion ' +
  "--owner=0 --group=0 --numeric-owner --mtime=@0 --mode='u=rwX,go=rX' -T ../l -cf ../b.tar";

const FILES: Readonly<
  Record<string, { readonly contents: string | Uint8Array; readonly executable?: boolean }>
> = {
  'workflow.toml': { contents: 'id = "acme/deploy"\n' },
  empty: { contents: '' },
  'exactly-512': { contents: 'x'.repeat(512) },
  'one-more': { contents: 'x'.repeat(513), executable: true },
  'scripts/run.sh': { contents: '#!/bin/sh\n', executable: true },
  'scripts.d/after-the-slash': { contents: '1' },
  'scripts-before-the-slash': { contents: '2' },
  'with space/and @at, #hash': { contents: '3' },
  'größe/日本語/😀.txt': { contents: '4' },
  '｡fullwidth-sorts-before-emoji': { contents: '5' },
  '😀-sorts-last-in-utf-8': { contents: '6' },
  binary: { contents: Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 255) },
  ['n'.repeat(100)]: { contents: 'name of exactly 100 bytes' },
  [`${'p'.repeat(60)}/${'q'.repeat(60)}/file`]: { contents: 'a path that is cut' },
  [`${'d'.repeat(99)}/${'e'.repeat(100)}`]: { contents: 'name of 100 bytes behind a prefix' },
  [`${'p'.repeat(155)}/${'n'.repeat(44)}`]: { contents: 'a prefix of exactly 155 bytes' },
  [`${'ab/'.repeat(14)}${'c'.repeat(100)}`]: { contents: 'many segments' },
};

/** `tar --version` begins with this where the oracle is the right one. */
/** Continuous integration must have the tool: there a missing one fails instead of being passed over. */
const isCi = process.env['CI'] !== undefined;
const hasGnuTar = (() => {
  try {
    return execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes('GNU tar');
  } catch {
    return false;
  }
})();

let folder = '';
const packed = packTar(
  Object.entries(FILES).map(([path, { contents, executable = false }]) => ({
    path,
    bytes: typeof contents === 'string' ? new TextEncoder().encode(contents) : contents,
    executable,
  })),
);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheaf-oracle-'));
  for (const [path, { contents, executable = false }] of Object.entries(FILES)) {
    const file = join(folder, 'tree', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
    // A umask or a careless editor must not show in the archive.
    chmodSync(file, executable ? 0o711 : 0o640);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('GNU tar', () => {
  it.runIf(hasGnuTar || isCi)('makes the same bytes of the same files', () => {
    execFileSync('bash', ['-c', GNU_TAR], { cwd: join(folder, 'tree') });
    const theirs = readFileSync(join(folder, 'b.tar'));
    expect(theirs.equals(packed)).toBe(true);
    expect(readTar(theirs).length).toBe(Object.keys(FILES).length);
  });

  it.runIf(hasGnuTar || isCi)('finds nothing wrong in what was packed', () => {
    writeFileSync(join(folder, 'ours.tar'), packed);
    const names = execFileSync('tar', ['--quoting-style=literal', '-tf', join(folder, 'ours.tar')], {
      encoding: 'utf8',
    });
    expect(names.trimEnd().split('\n')).toEqual(readTar(packed).map(({ path }) => path));
  });
});

describe('node-tar', () => {
  it('lists the same entries, strictly', async () => {
    const file = join(folder, 'ours.tar');
    writeFileSync(file, packed);
    const seen: unknown[] = [];
    await list({
      file,
      strict: true,
      onReadEntry: (entry) => {
        seen.push([entry.path, entry.size, (entry.mode ?? 0) & 0o777, entry.type]);
      },
    });
    expect(seen).toEqual(
      readTar(packed).map(({ path, bytes, executable }) => [
        path,
        bytes.length,
        executable ? 0o755 : 0o644,
        'File',
      ]),
    );
  });

  it('extracts the same files, strictly', async () => {
    const file = join(folder, 'ours.tar');
    const out = join(folder, 'out');
    writeFileSync(file, packed);
    mkdirSync(out);
    await extract({ file, cwd: out, strict: true, umask: 0 });
    const paths = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(out, join(entry.parentPath, entry.name)));
    expect(paths.sort()).toEqual(Object.keys(FILES).sort());
    for (const { path, bytes, executable } of readTar(packed)) {
      expect(readFileSync(join(out, path)).equals(bytes), path).toBe(true);
      expect((statSync(join(out, path)).mode & 0o111) !== 0, path).toBe(executable);
    }
  });
});
