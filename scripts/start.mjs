// npm start: a registry to keep using, on the embedded default, with its data in .sheaf/.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, prepare } from './lib/prepare.mjs';
import { quote } from './lib/quote.mjs';

prepare({ say: (what) => process.stderr.write(`${what} …\n`) });

const args = process.argv.slice(2);
const dataDir = args.includes('--data-dir')
  ? args[args.indexOf('--data-dir') + 1]
  : (process.env.SHEAF_DATA_DIR ?? join(ROOT, '.sheaf'));
const given = args.includes('--data-dir') ? args : ['--data-dir', dataDir, ...args];
const registry = spawn(
  process.execPath,
  [join(ROOT, 'services', 'registry', 'bin', 'sheaf-registry.js'), 'serve', ...given],
  {
    cwd: ROOT,
    stdio: ['inherit', 'pipe', 'inherit'],
  },
);
registry.stdout.setEncoding('utf8').on('data', (text) => {
  process.stdout.write(text);
  const url = /listening on (\S+)/.exec(text)?.[1];
  if (url) process.stderr.write(nextSteps(url));
});
// A terminal sends Ctrl-C to the registry as well; a signal to this process alone is passed on.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => registry.kill(signal));
registry.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));

function nextSteps(url) {
  const token = join(dataDir, 'admin-token');
  return [
    '',
    'in another terminal:',
    `  export PATH="${join(ROOT, 'node_modules', '.bin')}:$PATH"`,
    existsSync(token) ? `  sheaf login ${url} --with-token < ${quote(token)}` : `  sheaf login ${url}`,
    '  sheaf key generate --name me',
    '  sheaf init my-flow && cd my-flow && sheaf publish',
    '',
    'Ctrl-C stops the registry; its data stays.',
    '',
  ].join('\n');
}
