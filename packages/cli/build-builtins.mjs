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
        contents: `let loaded;
          const load = () => (loaded ??= require('${path}'));
          for (const name of ${JSON.stringify([...namesOf.get(path)].sort())})
            Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });`,
      }));
    },
  };
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
