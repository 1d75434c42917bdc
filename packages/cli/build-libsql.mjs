// libsql finds out which C library this is by a report on the whole process and by running programs, which takes longer than
// all else it does at its start. Where the files of the GNU C library lie and those of musl do not, there is no question.
import { readFileSync } from 'node:fs';

const NATIVE = 'require(`@libsql/${target}`)';

const IS_GNU = `
  const LOADERS = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' };
  const MUSL = { x64: '/lib/ld-musl-x86_64.so.1', arm64: '/lib/ld-musl-aarch64.so.1' };
  const { existsSync } = require('node:fs');
  const { arch, platform } = process;
  const isGnu = platform === 'linux' && arch in LOADERS && existsSync(LOADERS[arch]) && !existsSync(MUSL[arch]);`;

/**
 * The file that Node's own rules find for the package, from the folder of `libsql` up: the rules themselves take longer than
 * to load it. Where `libsql` is a link to somewhere else, they are asked.
 */
const FIND_NATIVE = `(target) => {
  const { existsSync, lstatSync } = require('node:fs');
  const { dirname, join } = require('node:path');
  let isNear = false;
  for (let folder = __dirname, last; folder !== last; last = folder, folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (!isNear) {
      const own = lstatSync(join(modules, 'libsql'), { throwIfNoEntry: false });
      if (own === undefined) continue;
      if (!own.isDirectory()) return undefined;
      isNear = true;
      const inner = join(modules, 'libsql', 'node_modules', '@libsql', target, 'index.node');
      if (existsSync(inner)) return inner;
    }
    const path = join(modules, '@libsql', target, 'index.node');
    if (existsSync(path)) return path;
  }
  return undefined;
}`;

/** Modules that libsql asks, each asked itself only where the answer is not plain. */
const STAND_INS = {
  '@neon-rs/load': `${IS_GNU}
    exports.currentTarget = () => isGnu ? 'linux-' + arch + '-gnu' : require('@neon-rs/load').currentTarget();
    exports.load = (folder) => require('@neon-rs/load').load(folder);`,
  'detect-libc': `${IS_GNU}
    exports.GLIBC = 'glibc';
    exports.MUSL = 'musl';
    exports.familySync = () => isGnu ? 'glibc' : require('detect-libc').familySync();`,
};

export function libsqlParts() {
  return {
    name: 'libsql-parts',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(@neon-rs\/load|detect-libc)$/ }, ({ path, namespace, resolveDir }) =>
        namespace === 'stand-in' ? undefined : { path, namespace: 'stand-in', pluginData: resolveDir },
      );
      onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path, pluginData }) => ({
        contents: STAND_INS[path],
        resolveDir: pluginData,
      }));
      onLoad({ filter: /[\\/]libsql[\\/]index\.js$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (!source.includes(NATIVE)) throw new Error('libsql loads its native part in another way');
        // From where npm has put it, which only the package itself must know.
        const near = `(({ createRequire }) => createRequire(createRequire(__filename).resolve('libsql')))(require('node:module'))`;
        const found = `(target.endsWith('-gnu') && (${FIND_NATIVE})(target))`;
        // Not by `require`, which would first look for the package that the file is of.
        const open = '((addon) => (process.dlopen(addon, path), addon.exports))({ exports: {} })';
        const loads = `(path => path ? ${open} : ${NATIVE.replace('require', near)})(${found})`;
        return { contents: source.replace(NATIVE, () => loads) };
      });
    },
  };
}
