import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { buildCli, PACKAGE_DIR } from './harness.js';

let installed: string;

beforeAll(() => {
  buildCli();
});

/** An installation of its own, of which no code was compiled yet. */
beforeEach(() => {
  installed = mkdtempSync(join(tmpdir(), 'sheaf-installed-'));
  for (const path of ['bin', 'package.json', 'dist/build.json', 'dist/schema.cjs', 'dist/shared'])
    cpSync(join(PACKAGE_DIR, path), join(installed, path), { recursive: true });
  onTestFinished(() => {
    rmSync(installed, { recursive: true });
  });
});

function sheaf(...argv: readonly string[]) {
  return spawnSync(process.execPath, [join(installed, 'bin', 'sheaf.js'), ...argv], { encoding: 'utf8' });
}

/** What is kept of compiled code: files by name, with what tells whether they were written anew. */
function kept(): Record<string, number> {
  const code = join(installed, 'dist', '.code');
  const files = readdirSync(code, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((file) => [file.name, statSync(join(file.parentPath, file.name)).ino]));
}

function keptFile(name: string): string {
  const code = join(installed, 'dist', '.code');
  const [folder = ''] = readdirSync(code);
  return join(code, folder, name);
}

/** Whether the verb `schema` is given what was kept of it, as V8 takes it. Keeps nothing. */
function isTaken(): boolean {
  const hook = join(installed, 'watch.cjs');
  writeFileSync(
    hook,
    `const vm = require('node:vm');
     vm.Script = class extends vm.Script {
       constructor(source, options) {
         super(source, options);
         if (options.filename.endsWith('schema.cjs')) console.error(this.cachedDataRejected === false);
       }
     };`,
  );
  const argv = ['-r', hook, join(installed, 'bin', 'sheaf.js'), 'schema', '--help'];
  return spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 10_000 }).stderr.trim() === 'true';
}

describe('compiled code', () => {
  it('is kept in the installation by the first use of a verb, and taken by the next', () => {
    const first = sheaf('schema');
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const before = kept();
    expect(Object.keys(before)).toContain('schema.bin');
    expect(sheaf('schema').stdout).toBe(first.stdout);
    expect(kept()).toEqual(before);
  });

  it('is not kept of a page of help or of a failure, which are little of the verb', () => {
    expect(sheaf('schema', '--help').status).toBe(0);
    expect(sheaf('schema', '--nonsense').status).toBe(2);
    expect(readdirSync(join(installed, 'dist'))).not.toContain('.code');
  });

  it('that V8 does not take is replaced', () => {
    const { stdout } = sheaf('schema');
    const file = keptFile('schema.bin');
    const whole = readFileSync(file);
    for (const damaged of [Buffer.alloc(0), Buffer.from('nothing'), Buffer.alloc(whole.length)]) {
      writeFileSync(file, damaged);
      expect(sheaf('schema')).toMatchObject({ status: 0, stdout, stderr: '' });
      expect(readFileSync(file).length).toBeGreaterThan(1000);
    }
  });

  it('of another build is not looked at', () => {
    sheaf('schema');
    const path = join(installed, 'dist', 'build.json');
    const build = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...build, id: 'another' }));
    expect(sheaf('schema').status).toBe(0);
    expect(readdirSync(join(installed, 'dist', '.code'))).toHaveLength(2);
  });

  it('can be written by nobody else, whatever the umask', () => {
    const before = process.umask(0);
    onTestFinished(() => {
      process.umask(before);
    });
    expect(sheaf('schema')).toMatchObject({ status: 0, stderr: '' });
    const file = keptFile('schema.bin');
    const code = join(installed, 'dist', '.code');
    for (const path of [code, dirname(file), file])
      expect({ path, byOthers: statSync(path).mode & 0o022 }).toEqual({ path, byOthers: 0 });
  });

  it.each([
    [
      'a file that others may write',
      (file: string) => {
        chmodSync(file, 0o646);
      },
    ],
    [
      'a file in a folder that others may write',
      (file: string) => {
        chmodSync(dirname(file), 0o777);
      },
    ],
    [
      'a file below a folder that others may write',
      (file: string) => {
        chmodSync(dirname(dirname(file)), 0o775);
      },
    ],
    [
      'a link',
      (file: string) => {
        renameSync(file, `${file}.kept`);
        symlinkSync(`${file}.kept`, file);
      },
    ],
    [
      'a pipe',
      (file: string) => {
        rmSync(file);
        spawnSync('mkfifo', [file]);
      },
    ],
  ])('is not taken from %s', (_, spoil) => {
    const { stdout } = sheaf('schema');
    const file = keptFile('schema.bin');
    expect(isTaken()).toBe(true);
    spoil(file);
    expect(isTaken()).toBe(false);
    expect(sheaf('schema')).toMatchObject({ status: 0, stdout, stderr: '' });
  });

  it.runIf(process.getuid?.() === 0)('is not taken from a file of somebody else', () => {
    sheaf('schema');
    const file = keptFile('schema.bin');
    chownSync(file, 65_534, 65_534);
    expect(isTaken()).toBe(false);
    // Unless the whole package is theirs.
    chownSync(join(installed, 'dist'), 65_534, 65_534);
    expect(isTaken()).toBe(true);
  });

  it('is done without where the installation cannot be written', () => {
    writeFileSync(join(installed, 'dist', '.code'), 'a file, so that no folder can be made');
    expect(sheaf('schema')).toMatchObject({ status: 0, stderr: '' });
    expect(sheaf('schema')).toMatchObject({ status: 0, stderr: '' });
  });

  it('is whole when several processes keep it at once', async () => {
    const ended = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, [join(installed, 'bin', 'sheaf.js'), 'schema'], {
          stdio: 'ignore',
        });
        return ((await once(child, 'close')) as [number | null])[0];
      }),
    );
    expect(ended).toEqual([0, 0, 0, 0]);
    const before = kept();
    expect(Object.keys(before).filter((name) => !name.endsWith('.bin'))).toEqual([]);
    expect(sheaf('schema')).toMatchObject({ status: 0, stderr: '' });
    expect(kept()).toEqual(before);
  });
});
