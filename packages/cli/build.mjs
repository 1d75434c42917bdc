// Builds `dist/`: one minified CommonJS bundle for each verb, straight from the sources of all packages, and the two
// files that `bin/sheaf.js` reads without loading any of them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const UNKNOWN = '_unknown';

/** Third-party packages that several verbs need: built once each, loaded when a verb first asks for them. */
const SHARED = ['undici', 'yaml', 'toml-eslint-parser', 'smol-toml', 'semver', 'tweetnacl'];

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  conditions: ['@sheaf/source', 'node'],
  external: ['libsql'],
  logLevel: 'warning',
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const { verbs, help } = await loadTable();
await Promise.all([
  build({
    ...common,
    entryPoints: Object.fromEntries([...verbs, UNKNOWN].map((verb) => [verb, `verb:${verb}`])),
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__moduleUrl', __SHEAF_VERSION__: JSON.stringify(version) },
    banner: { js: "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
    plugins: [entryOfVerb(), sharedPackages()],
  }),
  ...SHARED.map((name) =>
    build({
      ...common,
      stdin: { contents: `module.exports=require('${name}')`, resolveDir: root },
      outfile: join(dist, `shared/${fileOf(name)}`),
    }),
  ),
]);
writeFileSync(join(dist, 'verbs.json'), JSON.stringify(verbs));
writeFileSync(join(dist, 'help.txt'), help);

/** The table of verbs and the help page, from their own sources. */
async function loadTable() {
  const contents = `import { VERBS } from './src/verbs.ts';
    import { renderTopHelp } from './src/frame/help.ts';
    export const verbs = VERBS.map((verb) => verb.name);
    export const help = renderTopHelp();`;
  const { outputFiles } = await build({
    ...common,
    format: 'esm',
    stdin: { contents, resolveDir: root, loader: 'ts' },
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

function entryOfVerb() {
  return {
    name: 'entry-of-verb',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^verb:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'verb' }));
      onLoad({ filter: /.*/, namespace: 'verb' }, ({ path }) => ({
        contents: `import { join } from 'node:path';
          import { runMain } from './src/frame/main.ts';
          ${path === UNKNOWN ? 'const command = undefined;' : `import { command } from './src/commands/${path}.ts';`}
          export const main = (argv) => runMain(command, argv, { packageDir: join(__dirname, '..'), version: __SHEAF_VERSION__ });`,
        resolveDir: root,
        loader: 'ts',
      }));
    },
  };
}

/** Takes the shared packages out of the bundles of the verbs. */
function sharedPackages() {
  return {
    name: 'shared-packages',
    setup({ onResolve }) {
      onResolve({ filter: /^[a-z]/ }, ({ path }) =>
        SHARED.includes(path) ? { path: `./shared/${fileOf(path)}`, external: true } : undefined,
      );
    },
  };
}

function fileOf(name) {
  return `${name.replace('/', '-')}.cjs`;
}
