// Completion scripts, the manual and docs/CLI.md, made from the same table of commands as the help.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));

/** Texts by file name: `completion`, `man`; and `reference`, which is docs/CLI.md. */
export async function loadPages() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folder = mkdtempSync(join(root, '.pages-'));
  const outfile = join(folder, 'pages.cjs');
  try {
    const { VERBS } = await bundle(`export { VERBS } from './src/verbs.ts';`, join(folder, 'verbs.cjs'));
    const { pages } = await bundle(
      [
        `import { renderPages } from './src/reference/pages.ts';`,
        ...VERBS.map(({ name }, i) => `import { command as c${i} } from './src/commands/${name}.ts';`),
        `export const pages = renderPages([${VERBS.map((_, i) => `c${i}`).join(',')}], ${JSON.stringify(version)});`,
      ].join('\n'),
      outfile,
    );
    return pages;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bundle(contents, outfile) {
  await build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@sheaf/source', 'node'],
    external: ['libsql', '@napi-rs/keyring'],
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    logLevel: 'warning',
  });
  return createRequire(import.meta.url)(outfile);
}
