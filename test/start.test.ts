import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanEnvironment } from './support/registry-environment.js';
import { beginWithDatabase, makeTempDir, removeDir } from './support/registry-process.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let dataDir: string;
beforeEach(async () => {
  dataDir = await makeTempDir();
  await beginWithDatabase(dataDir);
});
afterEach(() => removeDir(dataDir));

test('npm start hands its flags on, and stops everything it started when npm is told to stop', async () => {
  const npm = spawn('npm', ['start', '--', '--port', '0', '--data-dir', dataDir], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...cleanEnvironment(), SHEAF_LOG_LEVEL: 'error' },
  });
  const ended = once(npm, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    let talk = '';
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      talk += text;
      const found = /^listening on (\S+)$/m.exec(talk)?.[1];
      if (found !== undefined) resolve(found);
    });
    npm.once('exit', (code) => {
      reject(new Error(`npm start ended with ${code}`));
    });
  });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);

  npm.kill('SIGTERM');
  await ended;
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
}, 300_000);
