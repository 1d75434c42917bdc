'use strict';
// Loads the bundle of a verb, and what it shares with others, with V8's compiled code from an earlier invocation.
//
// Compiled code is as much to be trusted as the code itself, so it lies in this package's own folder, and is written only
// by whoever may write the code: whatever the umask, it is taken only from where nobody but the package's owner and this
// user can put it. It is never in a cache folder: those are restored from other branches by CI.
const fs = require('node:fs');
const { dirname, join } = require('node:path');
const vm = require('node:vm');

const DIST = join(__dirname, '..', 'dist');
const { id, verbs, groups } = JSON.parse(fs.readFileSync(join(DIST, 'build.json'), 'utf8'));
/** Of this build, and of this Node: V8 refuses the code of another version, or under other flags, by itself. */
const CODE = join(DIST, '.code', `${id}-${process.version}-${process.arch}`);
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;
const WRITTEN_BY_OTHERS = 0o022;

/** Scripts of which there was no code that V8 takes, by the file in which to keep it. */
const compiled = new Map();
const modules = new Map();
/** Whether {@link CODE} was found to be ours alone, once it was looked at for reading. */
let isTrusted;

/** @param {string[]} words what follows `sheaf`, the verb first */
function runVerb(words) {
  // `help VERB …` is `VERB … --help`; of anything else, the verb `help` knows.
  const asksHelp = words[0] === 'help' && words[1] !== 'help' && verbs.includes(words[1]);
  const argv = asksHelp ? [...words.slice(1), '--help'] : words;
  const verb = verbs.includes(argv[0]) ? argv[0] : '_unknown';
  const { main } = load(`${verb}.cjs`, nameOf(verb, argv));
  // What was compiled for a page of help, or before a failure, is little of what the verb needs.
  if (!argv.includes('--help') && !argv.includes('-h')) process.once('exit', keepCode);
  main(argv);
}

/** The commands of a group have little in common: each has code of its own. */
function nameOf(verb, [, word]) {
  return groups[verb]?.includes(word) === true ? `${verb}-${word}` : verb;
}

function load(file, name) {
  const known = modules.get(file);
  if (known !== undefined) return known.exports;
  if (file === 'shared/undici.cjs') keepParserSimple();
  const path = join(DIST, file);
  // The bundles are ASCII.
  const source = fs.readFileSync(path, 'latin1');
  const codeFile = join(CODE, `${name}.bin`);
  const cachedData = readCode(codeFile);
  const script = new vm.Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
    filename: path,
    cachedData,
  });
  if (cachedData === undefined || script.cachedDataRejected) compiled.set(codeFile, script);
  const module = { exports: {} };
  modules.set(file, module);
  script.runInThisContext()(module.exports, requireFor(path), module, path, DIST);
  return module.exports;
}

/** Node's own modules come from anywhere; rules of other packages are asked only of those. */
function requireFor(path) {
  let requireOther;
  return (word) => {
    if (word.startsWith('./shared/')) return load(word.slice(2), word.slice(9, -4));
    if (word.startsWith('./_')) return load(word.slice(2), word.slice(2, -4));
    if (word.startsWith('node:')) return require(word);
    // Loads what loads ES modules as well.
    return (requireOther ??= require('node:module').createRequire(path))(word);
  };
}

/**
 * The parser of HTTP that comes with undici is WebAssembly, of which V8 optimises the largest function after the first
 * answer already: on another thread, for longer than a verb takes, and the process would wait for it at its end. Not a flag
 * of every version to come.
 */
function keepParserSimple() {
  if (Number(process.versions.node.split('.')[0]) <= 24)
    require('node:v8').setFlagsFromString('--wasm-tiering-budget=1000000000');
}

function readCode(file) {
  isTrusted ??= isOursAlone();
  if (!isTrusted) return undefined;
  let opened;
  try {
    // No link is followed, and no pipe is waited for.
    opened = fs.openSync(file, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0));
    const facts = fs.fstatSync(opened);
    return facts.isFile() && isOurs(facts) ? fs.readFileSync(opened) : undefined;
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) fs.closeSync(opened);
  }
}

/** Whether others than the package's owner and this user can put nothing among the compiled code. Throws nothing. */
function isOursAlone() {
  try {
    return [dirname(CODE), CODE].every((path) => {
      const facts = fs.lstatSync(path);
      return facts.isDirectory() && isOurs(facts);
    });
  } catch {
    return false;
  }
}

/** Whether something belongs to the package's owner or this user, and nobody else may write it. */
function isOurs({ uid, mode }) {
  const user = process.geteuid?.();
  // Windows knows neither.
  if (user === undefined) return true;
  return (mode & WRITTEN_BY_OTHERS) === 0 && (uid === user || uid === fs.statSync(DIST).uid);
}

/** Keeps what was compiled by now, functions that were first called included, for the next invocation. */
function keepCode(exitCode) {
  if (exitCode !== 0 || compiled.size === 0) return;
  try {
    fs.accessSync(DIST, fs.constants.W_OK);
    fs.mkdirSync(CODE, { recursive: true, mode: 0o755 });
    if (!isOursAlone()) return;
    for (const [file, script] of compiled) {
      const partial = `${file}.${process.pid}`;
      fs.writeFileSync(partial, script.createCachedData(), { flag: 'wx', mode: 0o644 });
      fs.renameSync(partial, file);
    }
  } catch {
    // An installation that cannot be written is only slower.
  }
}

module.exports = { runVerb };
