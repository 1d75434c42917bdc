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
/** What takes the disk a moment and waits for nobody: made in place, for a thread of Node's costs ten times as much as they do. */
const IN_PLACE = new Set(
  'access chmod link lstat mkdir mkdtemp readdir readlink rename rmdir stat symlink unlink utimes'.split(' '),
);
const BY_CALLBACK = new Set('appendFile copyFile truncate writeFile'.split(' '));
/** What no {@link OPEN} file can do. */
const OF_HANDLES =
  /\b(?:file|handle|opened)\??\.(write|appendFile|truncate|datasync|chown|readv|writev|readLines|create(?:Read|Write)Stream)\(/;
const IMPORT = /^import \{([^}]*)\} from '(node:[a-z_/]+)';$/gm;

/** What imports a module gets a copy of each name that it has, but inherits what it inherits. */
export const INHERITED = 'module.exports = Object.create(exports);';

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
            Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });
          ${INHERITED}`,
      }));
    },
  };
}

/**
 * Promises of files without Node's own module of promises, which loads streams, readline and more. What neither is done in
 * place nor has a callback, or means something else with one, comes from there.
 *
 * Every few milliseconds a promise waits for the turn of the others: signals, sockets and timers.
 */
function promisedFiles(names) {
  const inPlace = names.filter((name) => IN_PLACE.has(name));
  const byCallback = names.filter((name) => BY_CALLBACK.has(name));
  const own = new Set([...inPlace, ...byCallback, 'open', 'readFile', 'rm']);
  return `const fs = require('node:fs');
    let loaded;
    const promised = (call) => (...args) =>
      new Promise((resolve, reject) => call(...args, (error, value) => (error ? reject(error) : resolve(value))));
    const TURN_MS = 8;
    const nowMs = () => { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6; };
    let turnAt = nowMs();
    const inPlace = (call) => async (...args) => {
      if (nowMs() - turnAt > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        turnAt = nowMs();
      }
      return call(...args);
    };
    ${OPEN}
    ${REMOVE}
    for (const name of ${JSON.stringify(inPlace)}) exports[name] = inPlace(fs[name + 'Sync']);
    for (const name of ${JSON.stringify(byCallback)}) exports[name] = promised(fs[name]);
    for (const name of ${JSON.stringify(names.filter((name) => !own.has(name)))})
      Object.defineProperty(exports, name, { enumerable: true, get: () => (loaded ??= require('node:fs/promises'))[name] });
    ${INHERITED}`;
}

/**
 * An open file with what the sources ask of one, each of which Node's own `FileHandle` does the same way. In place is done
 * only what no pipe can hold up, and no large file; a sync waits for the disk on a thread.
 */
const OPEN = `
    const LARGE = 4 * 1024 * 1024;
    const sync = promised(fs.fsync);
    const [read, stat, chmod, utimes, readWhole, writeWhole] =
      [fs.readSync, fs.fstatSync, fs.fchmodSync, fs.futimesSync, fs.readFileSync, fs.writeFileSync].map(inPlace);
    class OpenFile {
      #fd;
      constructor(fd) { this.#fd = fd; }
      get fd() { return this.#fd; }
      async close() {
        const fd = this.#fd;
        this.#fd = -1;
        if (fd !== -1) fs.closeSync(fd);
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
    const openInPlace = inPlace(fs.openSync);
    const openByThread = promised(fs.open);
    const waitsForNobody = (flags) =>
      flags === 'wx' || (typeof flags === 'number' && (flags & (fs.constants.O_NONBLOCK | fs.constants.O_EXCL)) !== 0);
    exports.open = async (...args) =>
      new OpenFile(await (waitsForNobody(args[1]) ? openInPlace : openByThread)(...args));
    const readInPlace = inPlace(fs.readFileSync);
    const readByThread = promised(fs.readFile);
    exports.readFile = async (path, options) => {
      const facts = fs.statSync(path, { throwIfNoEntry: false });
      return (facts === undefined || (facts.isFile() && facts.size < LARGE) ? readInPlace : readByThread)(path, options);
    };`;

/**
 * What `rm` does with `force`, without the module that it would load; all else is left to it. Names are bytes: what a step
 * left behind need not be called by any text.
 */
const REMOVE = `
    const { sep } = require('node:path');
    const [lstatOf, listOf, unlinkOne, removeEmpty] = [fs.lstatSync, fs.readdirSync, fs.unlinkSync, fs.rmdirSync].map(inPlace);
    const below = (folder, name) => Buffer.concat([Buffer.from(folder), Buffer.from(sep), name]);
    const unlessGone = (error) => { if (error.code !== 'ENOENT') throw error; };
    const removeFolder = async (path, triesLeft) => {
      for (const name of await listOf(path, 'buffer')) await remove(below(path, name)).catch(unlessGone);
      // Somebody may have put more there meanwhile.
      await removeEmpty(path).catch((error) => {
        if (error.code !== 'ENOTEMPTY' || triesLeft === 0) throw error;
        return removeFolder(path, triesLeft - 1);
      });
    };
    const remove = async (path) => ((await lstatOf(path)).isDirectory() ? removeFolder(path, 2) : unlinkOne(path));
    const removeByThread = promised(fs.rm);
    exports.rm = (path, options) => {
      const { recursive = false, force = false, ...others } = options ?? {};
      return recursive && force && Object.keys(others).length === 0 ? remove(path).catch(unlessGone) : removeByThread(path, options);
    };`;

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
