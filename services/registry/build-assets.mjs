// Builds `dist/assets/`: what pages load beside their HTML, each file named by its content, and `manifest.json`, which names them.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const web = join(root, 'src', 'web');
const out = join(root, 'dist', 'assets');
const TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' };
/** Where assets are served: no namespace can have this name. */
const PREFIX = '/-/';

const files = {};
mkdirSync(out, { recursive: true });

const css = keep('site', 'css', await bundled('styles/site.css'));
const icon = keep('icon', 'svg', readFileSync(join(web, 'styles', 'icon.svg')));
// What is loaded when somebody asks for it: a bundle each, whose address the script of every page knows.
const onDemand = {};
for (const file of filesIn('islands/on-demand').filter((name) => /^[a-z-]+\.ts$/.test(name))) {
  const name = file.replace(/\.ts$/, '');
  onDemand[name] = keep(name, 'js', await bundled(`islands/on-demand/${file}`, { format: 'esm' }));
}
const site = keep(
  'site',
  'js',
  await bundled('islands/site.ts', { define: { ON_DEMAND: JSON.stringify(onDemand) } }),
);
const boot = (await bundled('islands/boot.ts', { define: { SITE_SCRIPT: JSON.stringify(site) } }))
  .toString()
  .trim();

const manifest = { boot, css, icon, site, onDemand, files };
const written = join(out, `manifest.${process.pid}.json`);
writeFileSync(written, JSON.stringify(manifest));
renameSync(written, join(out, 'manifest.json'));
const known = new Set(['manifest.json', ...Object.values(files).map(({ file }) => file)]);
for (const name of readdirSync(out)) if (!known.has(name)) rmSync(join(out, name), { force: true });

/** A folder that has nothing in it is not kept by git. */
function filesIn(folder) {
  return existsSync(join(web, folder)) ? readdirSync(join(web, folder)) : [];
}

async function bundled(path, options = {}) {
  const { outputFiles } = await build({
    absWorkingDir: web,
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    // Browsers of the last two years.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    format: 'iife',
    conditions: ['@sheaf/source', 'browser'],
    legalComments: 'none',
    logLevel: 'warning',
    outdir: out,
    ...options,
  });
  return Buffer.from(outputFiles[0].contents);
}

function keep(name, extension, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const file = `${name}.${hash}.${extension}`;
  writeFileSync(join(out, file), bytes);
  files[`${PREFIX}${file}`] = { file, type: TYPES[extension] };
  return `${PREFIX}${file}`;
}
