// Copies what a running registry reads to a folder: production dependencies and built code, without sources, maps, types and tests.
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const target = process.argv[2];
if (target === undefined) throw new Error('say where to copy it');
const out = resolve(target);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const PARTS = ['packages/workflow', 'packages/bundle', 'packages/client', 'migrations', 'services/registry'];
const NOT_RUN = /\.(?:map|d\.[cm]?ts|[cm]?ts|md|markdown|tsbuildinfo)$/;

cpSync('node_modules', join(out, 'node_modules'), {
  recursive: true,
  verbatimSymlinks: true,
  filter: (path) => basename(path) !== '.cache' && !(NOT_RUN.test(path) && !/licen[cs]e/i.test(path)),
});
for (const part of PARTS) {
  const names = ['package.json', 'bin', 'dist', 'node_modules'].filter((name) =>
    existsSync(join(part, name)),
  );
  for (const name of names)
    cpSync(join(part, name), join(out, part, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !NOT_RUN.test(path),
    });
}
