// Files that a script makes from sources: written, or with --check only compared.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { format, getFileInfo, resolveConfig } from 'prettier';
import { ROOT } from './prepare.mjs';

/**
 * Writes the texts at their paths, and removes what else lies in the folders that are generated as a whole. With
 * `--check` in the arguments it changes nothing, and ends the process with 1 when something differs.
 */
export async function writeGenerated(files, { script, folders = [] }) {
  const wrong = [];
  const isCheck = process.argv.includes('--check');
  for (const [path, text] of files) {
    const wanted = await formatted(path, text);
    if (existsSync(path) && readFileSync(path, 'utf8') === wanted) continue;
    wrong.push(relative(ROOT, path));
    if (isCheck) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wanted);
  }
  for (const folder of folders) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const path = join(folder, name);
      if (files.has(path)) continue;
      wrong.push(relative(ROOT, path));
      if (!isCheck) rmSync(path);
    }
  }
  if (!isCheck || wrong.length === 0) return;
  console.error(`out of date: ${wrong.join(', ')}\nrun node scripts/${script}`);
  process.exit(1);
}

/** How prettier takes each kind of file; the first that fits. */
const PARSERS = [
  ['.md', 'markdown'],
  ['package.json', 'json-stringify'],
  ['.json', 'json'],
];

async function formatted(path, text) {
  const [, parser] = PARSERS.find(([end]) => path.endsWith(end)) ?? [];
  const { ignored } = await getFileInfo(path, { ignorePath: join(ROOT, '.prettierignore') });
  return ignored || parser === undefined ? text : format(text, { ...(await resolveConfig(path)), parser });
}
