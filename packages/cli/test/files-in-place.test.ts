import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type * as Promises from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** What stands for `node:fs/promises` in the bundles of the verbs. */
type Files = Pick<typeof Promises, 'open' | 'readFile' | 'rm' | 'stat'>;

const folder = mkdtempSync(join(tmpdir(), 'sheaf-files-'));
let files: Files;

beforeAll(async () => {
  const builtins = new URL('../build-builtins.mjs', import.meta.url).href;
  const { lazyBuiltins } = (await import(builtins)) as {
    readonly lazyBuiltins: (folders: readonly string[]) => Plugin;
  };
  const source = join(folder, 'entry.ts');
  writeFileSync(
    source,
    `import { open, readFile, rm, stat } from 'node:fs/promises';\nexport { open, readFile, rm, stat };\n`,
  );
  await build({
    entryPoints: [source],
    outfile: join(folder, 'files.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    plugins: [lazyBuiltins([folder])],
  });
  files = createRequire(import.meta.url)(join(folder, 'files.cjs')) as Files;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('removes a folder with all that is in it, and of a link the link', async () => {
  const kept = join(folder, 'kept');
  const tree = join(folder, 'tree');
  mkdirSync(kept);
  writeFileSync(join(kept, 'file'), '');
  mkdirSync(join(tree, 'a', 'b'), { recursive: true });
  writeFileSync(join(tree, 'a', 'b', 'file'), '');
  symlinkSync(kept, join(tree, 'a', 'link'));
  await files.rm(tree, { recursive: true, force: true });
  expect(existsSync(tree)).toBe(false);
  expect(readdirSync(kept)).toEqual(['file']);
});

it.runIf(process.platform === 'linux')('removes what is called by bytes that are no text', async () => {
  const tree = join(folder, 'bytes');
  mkdirSync(tree);
  for (const name of ['a', 'b']) {
    const inner = Buffer.concat([Buffer.from(join(tree, name)), Buffer.from([0xff])]);
    mkdirSync(inner);
    writeFileSync(Buffer.concat([inner, Buffer.from([0x2f, 0xc3])]), '');
  }
  await files.rm(tree, { recursive: true, force: true });
  expect(existsSync(tree)).toBe(false);
});

it('removes what is not there only when it is forced to', async () => {
  const missing = join(folder, 'missing');
  await expect(files.rm(missing, { recursive: true, force: true })).resolves.toBeUndefined();
  await expect(files.rm(missing)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('rejects with the code of the system, and throws nothing at once', async () => {
  const failures = [
    files.readFile(join(folder, 'missing'), 'utf8'),
    files.stat(join(folder, 'missing')),
    files.open(join(folder, 'missing', 'new'), 'wx'),
  ];
  for (const failure of failures) await expect(failure).rejects.toMatchObject({ code: 'ENOENT' });
});

it('gives timers their turn while many files are looked at', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const until = performance.now() + 100;
  while (performance.now() < until) await files.stat(folder);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
});
