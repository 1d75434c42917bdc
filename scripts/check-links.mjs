// Checks that every relative link of the Markdown files leads to a file, and to a heading of it where it names one.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from './lib/prepare.mjs';

const LINK = /\[[^\]]*\]\(([^()\s]+)\)/g;

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
});
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(ROOT, file)));
let links = 0;
const broken = [];
for (const file of files) {
  const path = join(ROOT, file);
  for (const [, target] of textOf(path).matchAll(LINK)) {
    if (/^[a-z][a-z0-9+.-]*:/.test(target)) continue;
    links += 1;
    const [name, anchor] = target.split('#', 2);
    const linked = name === '' ? path : resolve(dirname(path), name);
    if (!existsSync(linked)) broken.push(`${file}: ${target} is not there`);
    else if (anchor !== undefined && statSync(linked).isFile() && !headingsOf(linked).has(anchor))
      broken.push(`${file}: ${target} names no heading`);
  }
}
for (const line of broken) console.error(line);
console.log(`${links} relative links in ${files.length} files, ${broken.length} broken`);
process.exit(broken.length === 0 && links > 0 ? 0 : 1);

/** What is not code. */
function textOf(path) {
  return readFileSync(path, 'utf8')
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));
}

/** The anchors of a file's headings, as GitHub makes them. */
function headingsOf(path) {
  const headings = textOf(path).matchAll(/^#{1,6} +(.+)$/gm);
  return new Set(
    [...headings].map(([, text]) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}
