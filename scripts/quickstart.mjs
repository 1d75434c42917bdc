// npm run quickstart: the main job from end to end, on a registry of its own that is gone afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, prepare } from './lib/prepare.mjs';
import { quote } from './lib/quote.mjs';

const WORKFLOW = 'examples/release-notes';
const SEARCH_WORD = 'notes';
const startedMs = performance.now();

step('install and build');
prepare();
done('ready');

mkdirSync(join(ROOT, '.sheaf'), { recursive: true, mode: 0o700 });
const folder = mkdtempSync(join(ROOT, '.sheaf', 'quickstart-'));
let registry;
process.on('exit', () => registry?.kill('SIGTERM'));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void abandon());

try {
  step('start a registry (private PostgreSQL, blobs on disk)');
  const dataDir = join(folder, 'registry');
  const url = await startRegistry(dataDir);
  done(url);

  step('trust it and sign in');
  sheaf(['login', url, '--with-token', '--yes'], {
    input: readFileSync(join(dataDir, 'admin-token'), 'utf8'),
  });
  done('log key pinned, token stored');

  step('make a signing key');
  sheaf(['key', 'generate', '--name', 'examples', '--no-passphrase']);
  done('key `examples`');

  const examples = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of examples) {
    step(`pack, sign and publish examples/${name}`);
    done(sheaf(['publish', join('examples', name), '--yes', '--allow-dirty']).stdout.trim());
  }

  step(`search for "${SEARCH_WORD}"`);
  const found = sheaf(['search', SEARCH_WORD]).stdout;
  done('found');
  show(found.replaceAll('\t', '  '));

  step(`fetch ${WORKFLOW} into a clean cache`);
  rmSync(join(folder, 'cache'), { recursive: true, force: true });
  sheaf(['fetch', `${WORKFLOW}@^1`, '--yes']);
  done('fetched and verified; its publisher is accepted from now on');

  step('verify: log proof, signature, digests');
  const verified = sheaf(['verify', `${WORKFLOW}@1.0.0`]);
  done('verified');
  show(verified.stdout + verified.stderr);

  step('run it on the git history of this repository');
  const canIsolate = hasSandbox();
  const profile = canIsolate ? [] : ['--profile', 'permissive'];
  const result = sheaf(['run', `${WORKFLOW}@^1`, '--yes', ...profile]);
  done(canIsolate ? 'succeeded, in a sandbox' : 'succeeded, with --profile permissive: no bubblewrap here');
  show(result.stdout, 25);

  step('stop the registry');
  await stopRegistry();
  removeData();
  done('its data is removed');
} catch (error) {
  if (error.isCancelled) await abandon();
  process.stderr.write(`\n${error.message}\nthe data of this attempt is kept in ${relative(ROOT, folder)}\n`);
  await stopRegistry();
  process.exit(1);
}

process.stdout.write(`
The whole job took ${seconds(startedMs)} s. What to do next:

  npm start                                  # a registry to keep using, in this terminal

  export PATH="${join(ROOT, 'node_modules', '.bin')}:$PATH"      # in another one, from any directory
  sheaf login http://127.0.0.1:7433 --with-token < ${quote(join(ROOT, '.sheaf', 'admin-token'))}
  sheaf key generate --name me
  sheaf init my-flow && cd my-flow
  sheaf publish && sheaf run me/my-flow -p who=world
`);

/** The folder around it too, unless it holds something else, such as the data of `npm start`. */
function removeData() {
  rmSync(folder, { recursive: true, force: true });
  try {
    rmdirSync(join(ROOT, '.sheaf'));
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code)) throw error;
  }
}

/** Ctrl-C: nothing is left behind. */
async function abandon() {
  await stopRegistry();
  removeData();
  process.stderr.write('\nstopped; its data is removed\n');
  process.exit(130);
}

function startRegistry(dataDir) {
  const bin = join(ROOT, 'services', 'registry', 'bin', 'sheaf-registry.js');
  registry = spawn(process.execPath, [bin, 'serve', '--port', '0', '--data-dir', dataDir], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(), SHEAF_LOG_LEVEL: 'warn' },
    // Its own group: Ctrl-C reaches this process first, which then stops it in order.
    detached: true,
  });
  let talk = '';
  registry.stderr.setEncoding('utf8').on('data', (text) => (talk += text));
  return new Promise((resolve, reject) => {
    registry.stdout.setEncoding('utf8').on('data', (text) => {
      const match = /listening on (\S+)/.exec(text);
      if (match) resolve(match[1]);
    });
    registry.once('exit', (code) => reject(new Error(`the registry did not start (exit ${code}):\n${talk}`)));
  });
}

function stopRegistry() {
  if (!registry || registry.exitCode !== null || registry.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    registry.once('exit', resolve);
    registry.kill('SIGTERM');
  });
}

/** Runs the command line as a user of its own: nothing is read from or written to the real home. */
function sheaf(args, { input } = {}) {
  const result = spawnSync(process.execPath, [join(ROOT, 'packages', 'cli', 'bin', 'sheaf.js'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    input: input ?? '',
    maxBuffer: 64 * 1024 * 1024,
    env: environment(),
  });
  if (result.status !== 0) {
    const error = new Error(
      `sheaf ${args.join(' ')} ended with ${result.status}\n${result.stdout}${result.stderr}`,
    );
    error.isCancelled = result.status === 130 || result.signal !== null;
    throw error;
  }
  return result;
}

/** Whether this machine can hold the steps of a workflow to what it declares. */
function hasSandbox() {
  const args = ['--unshare-all', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', 'true'];
  return spawnSync('/usr/bin/bwrap', args, { stdio: 'ignore' }).status === 0;
}

function environment() {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SHEAF_|DATABASE_URL$|CI$)/.test(name)),
  );
  return {
    ...own,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_DATA_HOME: join(folder, 'data'),
  };
}

function step(title) {
  step.title = title;
  step.startedMs = performance.now();
}

function done(result) {
  process.stdout.write(`${seconds(step.startedMs).padStart(6)} s  ${step.title}: ${result}\n`);
}

function show(text, mostLines = 12) {
  const lines = text.trimEnd().split('\n');
  for (const line of lines.slice(0, mostLines)) process.stdout.write(`          | ${line}\n`);
  if (lines.length > mostLines)
    process.stdout.write(`          | … ${lines.length - mostLines} more lines\n`);
}

function seconds(sinceMs) {
  return ((performance.now() - sinceMs) / 1000).toFixed(2);
}
