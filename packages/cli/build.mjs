// Builds `dist/`: one minified CommonJS bundle for each verb, straight from the sources of all packages, and the two
// files that `bin/sheaf.js` reads without loading any of them.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import { earlyImports } from './build-imports.mjs';
import { INHERITED, lazyBuiltins } from './build-builtins.mjs';
import { libsqlParts } from './build-libsql.mjs';
import { loadPages } from './build-pages.mjs';
import { semverParts } from './build-semver.mjs';
import { typeboxParts } from './build-typebox.mjs';
import { UNDICI_PARTS, undiciParts } from './build-undici.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const UNKNOWN = '_unknown';
/** Folders of texts that are made from the table of commands. */
const PAGES = ['completion', 'man'];

/** Third-party packages that several verbs need: built once each, loaded when a verb first asks for them. */
const SHARED = ['openid-client', 'undici', 'yaml', 'smol-toml', 'semver', 'tweetnacl', 'libsql'];

/** Sources of the packages that the bundles are made of. */
const SOURCES = ['workflow', 'bundle', 'client', 'engine', 'cli'].map((name) =>
  join(root, '..', name, 'src'),
);

/** Each is loaded from where npm put it, when something first needs it. */
const NATIVE = ['libsql', '@napi-rs/keyring'];

/** Parts of the sources that few invocations need: bundles of their own, loaded when something first asks for one. */
const APART = {
  '_ask-server': 'src/tools/ask-server.ts',
  _actions: '../engine/src/actions/load.ts',
  _mcp: '../engine/src/actions/mcp/sdk.ts',
  _sandbox: '../engine/src/sandbox/sandbox.ts',
  '_local-info': 'src/workflow/local-info.ts',
  _locked: 'src/uses/locked-definitions.ts',
  _secrets: 'src/secrets/open-source.ts',
};

const PARTS = { undici: UNDICI_PARTS, semver: semverParts(SOURCES) };

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  conditions: ['@sheaf/source', 'node'],
  external: NATIVE,
  // `require` in its place: compiled code that was kept knows of no loader of modules.
  supported: { 'dynamic-import': false },
  metafile: true,
  logLevel: 'warning',
};

/** Worked out when something asks for it; Node's own `performance` would first load all that measures Node. */
const banner = {
  js: `const __module={get url(){return require('node:url').pathToFileURL(__filename).href}},
__performance={now(){const[s,ns]=process.hrtime();return s*1e3+ns/1e6},get timeOrigin(){return Date.now()-this.now()}};`,
};

mkdirSync(dist, { recursive: true });

const { verbs, help } = await loadTable();
const shared = await Promise.all(
  SHARED.map((name) =>
    build({
      ...common,
      stdin: { contents: PARTS[name] ?? `module.exports=require('${name}')`, resolveDir: root },
      outfile: join(dist, `shared/${fileOf(name)}`),
      external: NATIVE.filter((each) => each !== name),
      plugins: name === 'undici' ? [undiciParts()] : name === 'libsql' ? [libsqlParts()] : [],
    }),
  ),
);
const main = await build({
  ...common,
  entryPoints: {
    ...Object.fromEntries([...verbs, UNKNOWN].map((verb) => [verb, `verb:${verb}`])),
    ...APART,
  },
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  define: {
    'import.meta.url': '__module.url',
    performance: '__performance',
    __SHEAF_VERSION__: JSON.stringify(version),
  },
  banner,
  plugins: [
    entryOfVerb(),
    moduleLoader(),
    partsApart(),
    withoutAjv(),
    sharedPackages(),
    lazyBuiltins(SOURCES),
    earlyImports(SOURCES, isApart),
    typeboxParts(SOURCES),
  ],
});
writeFileSync(
  join(dist, 'build.json'),
  JSON.stringify({ id: hashOf([main, ...shared]), verbs, groups: await findGroups() }),
);
writeFileSync(join(dist, 'help.txt'), help);
const pages = await loadPages();
for (const folder of PAGES) {
  rmSync(join(dist, folder), { recursive: true, force: true });
  mkdirSync(join(dist, folder));
  for (const [name, text] of pages[folder]) writeFileSync(join(dist, folder, name), text);
}
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), collectLicences([main, ...shared]));

// Nothing of an earlier build stays, and what a process has open is not taken away under it.
const written = new Set(['build.json', 'help.txt', 'THIRD-PARTY-LICENSES.txt', 'shared', ...PAGES]);
for (const { metafile } of [main, ...shared]) {
  for (const path of Object.keys(metafile.outputs)) written.add(basename(path));
}
for (const folder of [dist, join(dist, 'shared')]) {
  for (const name of readdirSync(folder))
    if (!written.has(name)) rmSync(join(folder, name), { recursive: true });
}

/** The words that may follow a verb which is a group of commands. */
async function findGroups() {
  const imports = verbs.map((verb, i) => `import { command as c${i} } from './src/commands/${verb}.ts';`);
  const contents = `${imports.join('')}
    export const groups = [${verbs.map((_, i) => `c${i}`).join(',')}]
      .flatMap(({ name, commands }) => (commands === undefined ? [] : [[name, commands.map((each) => each.name.slice(name.length + 1))]]));`;
  const { outputFiles } = await build({
    ...common,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    define: { 'import.meta.url': '""' },
    plugins: [sharedPackages(), lazyBuiltins(SOURCES)],
    write: false,
  });
  const module = { exports: {} };
  const load = compileFunction(outputFiles[0].text, [
    'module',
    'exports',
    'require',
    '__filename',
    '__dirname',
  ]);
  load(module, module.exports, createRequire(join(dist, 'groups.cjs')), join(dist, 'groups.cjs'), dist);
  return Object.fromEntries(module.exports.groups);
}

/** Another one when any bundle has changed: what is kept of compiled code belongs to it. */
function hashOf(results) {
  const hash = createHash('sha256');
  const paths = results.flatMap(({ metafile }) => Object.keys(metafile.outputs)).sort();
  for (const path of paths) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex').slice(0, 16);
}

/** The licence texts of all that was bundled, which their licences ask to be passed on. */
function collectLicences(results) {
  const folders = new Set();
  for (const { metafile } of results) {
    for (const input of Object.keys(metafile.inputs)) {
      const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
      if (folder !== undefined) folders.add(join(root, folder));
    }
  }
  const texts = [...folders].sort().map((folder) => {
    const {
      name,
      version: installed,
      license,
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${installed}\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The table of verbs and the help page, from their own sources. */
async function loadTable() {
  const contents = `import { VERBS } from './src/verbs.ts';
    import { renderTopHelp } from './src/frame/top-help.ts';
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

/** ES modules are loaded by a file that Node itself has loaded. */
function moduleLoader() {
  return {
    name: 'module-loader',
    setup({ onResolve }) {
      onResolve({ filter: /\/import-module\.js$/ }, () => ({
        path: '../bin/import-module.js',
        external: true,
      }));
    },
  };
}

/** Leaves what lies in a bundle of its own there. */
function partsApart() {
  return {
    name: 'parts-apart',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
        const name = kind === 'dynamic-import' ? nameApart(join(resolveDir, path)) : undefined;
        return name === undefined ? undefined : { path: `./${name}.cjs`, external: true };
      });
    },
  };
}

/** What checks the values of MCP tools by default, which the engine does in another way: a third of the whole. */
function withoutAjv() {
  return {
    name: 'without-ajv',
    setup({ onLoad }) {
      onLoad({ filter: /@modelcontextprotocol\/sdk\/.*\/validation\/ajv-provider\.js$/ }, () => ({
        contents:
          "export class AjvJsonSchemaValidator { constructor() { throw new Error('a validator must be given'); } }",
      }));
    },
  };
}

function isApart(path) {
  return nameApart(path) !== undefined;
}

/** @param {string} path of a compiled module, as imports name it */
function nameApart(path) {
  const source = path.replace(/\.js$/, '.ts');
  return Object.keys(APART).find((name) => join(root, APART[name]) === source);
}

/** Takes the shared packages out of the bundles of the verbs: each is loaded when something of it is first used. */
function sharedPackages() {
  return {
    name: 'shared-packages',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[a-z]/ }, ({ path, namespace }) =>
        SHARED.includes(path) && namespace !== 'shared' ? { path, namespace: 'shared' } : undefined,
      );
      onResolve({ filter: /^\.\/shared\//, namespace: 'shared' }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /.*/, namespace: 'shared' }, ({ path }) => {
        const file = `./shared/${fileOf(path)}`;
        const whole = createRequire(import.meta.url)(join(dist, file));
        // A class is taken as it is, and so asked for with `import()`.
        if (typeof whole === 'function') return { contents: `module.exports = require('${file}');` };
        const names = Object.keys(whole);
        return {
          contents: `let loaded;
            const load = () => (loaded ??= require('${file}'));
            for (const name of ${JSON.stringify(names)})
              Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });
            ${INHERITED}`,
        };
      });
    },
  };
}

function fileOf(name) {
  return `${name.replace('/', '-')}.cjs`;
}
