// Node's own modules, each loaded when something of it is first used: a verb imports many that most of its invocations
// do without, and some cost milliseconds.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LAZY = new Set(
  [
    'child_process',
    'crypto',
    'fs/promises',
    'net',
    'os',
    'stream',
    'string_decoder',
    'timers/promises',
    'tls',
    'tty',
    'zlib',
  ].map((name) => `node:${name}`),
);
const BY_CALLBACK = new Set(
  'access appendFile chmod copyFile link lstat mkdir mkdtemp readFile readdir readlink rename rm rmdir stat symlink truncate unlink utimes writeFile'.split(
    ' ',
  ),
);
const IMPORT = /^import \{([^}]*)\} from '(node:[a-z_/]+)';$/gm;

/** @param {readonly string[]} folders of the sources whose imports are put off; those of other packages are not */
export function lazyBuiltins(folders) {
  const namesOf = readNames(folders);
  return {
    name: 'lazy-builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:/ }, ({ path, importer, namespace }) =>
        namespace !== 'builtin' && namesOf.has(path) && !importer.includes('node_modules')
          ? { path, namespace: 'builtin' }
          : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
        contents:
          path === 'node:fs/promises'
            ? promisedFiles([...namesOf.get(path)].sort())
            : `let loaded;
          const load = () => (loaded ??= require('${path}'));
          for (const name of ${JSON.stringify([...namesOf.get(path)].sort())})
            Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });`,
      }));
    },
  };
}

/**
 * Promises of files by way of callbacks: Node's own module of promises loads streams, readline and more. What has no
 * callback, or means something else with one, comes from there.
 */
function promisedFiles(names) {
  const own = names.filter((name) => BY_CALLBACK.has(name));
  return `const fs = require('node:fs');
    let loaded;
    const promised = (call) => (...args) =>
      new Promise((resolve, reject) => call(...args, (error, value) => (error ? reject(error) : resolve(value))));
    for (const name of ${JSON.stringify(own)}) exports[name] = promised(fs[name]);
    for (const name of ${JSON.stringify(names.filter((name) => !own.includes(name)))})
      Object.defineProperty(exports, name, { enumerable: true, get: () => (loaded ??= require('node:fs/promises'))[name] });`;
}

/** What the sources take of each module. */
function readNames(folders) {
  const namesOf = new Map();
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      for (const [, list, path] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT)) {
        if (!LAZY.has(path)) continue;
        const names = list.split(',').map((each) => each.trim().split(' as ')[0]);
        const known = namesOf.get(path) ?? namesOf.set(path, new Set()).get(path);
        for (const name of names) if (name !== '' && !name.startsWith('type ')) known.add(name);
      }
    }
  }
  return namesOf;
}
