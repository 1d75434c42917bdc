// Node's own modules, each loaded when something of it is first used: a verb imports many that most of its invocations
// do without, and some cost milliseconds.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LAZY = new Set(
  [
    'child_process',
    'crypto',
    'fs/promises',
    'http',
    'https',
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
/** What no {@link OPEN} file can do. */
const OF_HANDLES =
  /\b(?:file|handle|opened)\??\.(write|appendFile|truncate|datasync|chown|readv|writev|readLines|create(?:Read|Write)Stream)\(/;
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
  const others = names.filter((name) => !own.includes(name) && name !== 'open');
  return `const fs = require('node:fs');
    let loaded;
    const promised = (call) => (...args) =>
      new Promise((resolve, reject) => call(...args, (error, value) => (error ? reject(error) : resolve(value))));
    ${names.includes('open') ? OPEN : ''}
    for (const name of ${JSON.stringify(own)}) exports[name] = promised(fs[name]);
    for (const name of ${JSON.stringify(others)})
      Object.defineProperty(exports, name, { enumerable: true, get: () => (loaded ??= require('node:fs/promises'))[name] });`;
}

/** An open file with what the sources ask of one, each of which Node's own `FileHandle` does the same way. */
const OPEN = `
    const [open, close, read, stat] = [fs.open, fs.close, fs.read, fs.fstat].map(promised);
    const [chmod, utimes, sync, readWhole, writeWhole] = [fs.fchmod, fs.futimes, fs.fsync, fs.readFile, fs.writeFile].map(promised);
    class OpenFile {
      #fd;
      constructor(fd) { this.#fd = fd; }
      get fd() { return this.#fd; }
      async close() {
        const fd = this.#fd;
        this.#fd = -1;
        if (fd !== -1) await close(fd);
      }
      async read(buffer, offset, length, position) {
        return { bytesRead: await read(this.#fd, buffer, offset, length, position), buffer };
      }
      stat() { return stat(this.#fd); }
      chmod(mode) { return chmod(this.#fd, mode); }
      utimes(atime, mtime) { return utimes(this.#fd, atime, mtime); }
      sync() { return sync(this.#fd); }
      readFile(options) { return readWhole(this.#fd, options); }
      writeFile(data) { return writeWhole(this.#fd, data); }
    }
    exports.open = async (...args) => new OpenFile(await open(...args));`;

/** What the sources take of each module. */
function readNames(folders) {
  const namesOf = new Map();
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const source = readFileSync(join(folder, file), 'utf8');
      for (const [, list, path] of source.matchAll(IMPORT)) {
        if (!LAZY.has(path)) continue;
        const names = list.split(',').map((each) => each.trim().split(' as ')[0]);
        if (path === 'node:fs/promises' && names.includes('open') && OF_HANDLES.test(source))
          throw new Error(
            `${file} asks more of an open file than it can do: ${OF_HANDLES.exec(source)?.[1]}`,
          );
        const known = namesOf.get(path) ?? namesOf.set(path, new Set()).get(path);
        for (const name of names) if (name !== '' && !name.startsWith('type ')) known.add(name);
      }
    }
  }
  return namesOf;
}
