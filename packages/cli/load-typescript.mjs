// Loads something of the command line's sources, with all that it imports, without a build.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What these lines of TypeScript export; they import as a file of packages/cli would. */
export async function loadTypeScript(contents) {
  const { outputFiles } = await build({
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    minifyWhitespace: true,
    conditions: ['@sheaf/source', 'node'],
    external: ['libsql', '@napi-rs/keyring'],
    // What is bundled as CommonJS asks for built-in modules by `require`.
    banner: { js: "import{createRequire as __require}from'node:module';const require=__require('/');" },
    stdin: { contents, resolveDir: dirname(fileURLToPath(import.meta.url)), loader: 'ts' },
    logLevel: 'warning',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
