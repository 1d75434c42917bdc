import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editSettings, setDefault } from '../src/config/edit-settings.js';
import { assertReplaceable, replaceFile } from '../src/config/replace-file.js';

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'sheaf-replace-')));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('replacing a file', () => {
  it('keeps its mode unless another is asked for, and leaves nothing else behind', async () => {
    const path = join(dir, 'file');
    await replaceFile(path, 'new', { mode: 0o600 });
    expect(modeOf(path)).toBe(0o600);
    chmodSync(path, 0o666);
    await replaceFile(path, 'newer');
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['newer', 0o666]);
    await replaceFile(path, Buffer.from('newest'), { mode: 0o640, sync: true });
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['newest', 0o640]);
    expect(readdirSync(dir)).toEqual(['file']);
  });

  it('names the folder that is not there, and not a file of its own', async () => {
    const parent = join(dir, 'nowhere');
    await expect(replaceFile(join(parent, 'file'), 'new')).rejects.toMatchObject({
      code: 'ENOENT',
      path: parent,
    });
  });

  it.each([true, false])('leaves a link one, also when what it points to is there: %s', async (isThere) => {
    mkdirSync(join(dir, 'elsewhere'));
    const target = join(dir, 'elsewhere', 'target');
    if (isThere) writeFileSync(target, 'old');
    symlinkSync(join('elsewhere', 'target'), join(dir, 'link'));
    await assertReplaceable(join(dir, 'link'));
    await replaceFile(join(dir, 'link'), 'new');
    expect(lstatSync(join(dir, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect([readdirSync(dir), readdirSync(join(dir, 'elsewhere'))]).toEqual([
      ['elsewhere', 'link'],
      ['target'],
    ]);
  });

  it('writes into a pipe, and leaves it one', async () => {
    const path = join(dir, 'pipe');
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    await assertReplaceable(path);
    const read = readFile(path, 'utf8');
    await replaceFile(path, 'through it');
    expect(lstatSync(path).isFIFO()).toBe(true);
    expect(await read).toBe('through it');
    expect(readdirSync(dir)).toEqual(['pipe']);
  });

  it('refuses a folder, and one that is not there, and leaves nothing behind', async () => {
    mkdirSync(join(dir, 'folder'));
    for (const path of [join(dir, 'folder'), join(dir, 'none', 'file')]) {
      await expect(assertReplaceable(path)).rejects.toThrow();
      await expect(replaceFile(path, 'new')).rejects.toThrow();
    }
    expect(readdirSync(dir, { recursive: true })).toEqual(['folder']);
  });
});

it('keeps a configuration that is linked here where it is, and both readable as they were', async () => {
  const [config, kept] = [join(dir, 'sheaf'), join(dir, 'kept')];
  for (const each of [config, kept]) mkdirSync(each);
  chmodSync(kept, 0o755);
  writeFileSync(join(kept, 'config.toml'), '');
  chmodSync(join(kept, 'config.toml'), 0o644);
  symlinkSync(join(kept, 'config.toml'), join(config, 'config.toml'));
  await editSettings(config, async (text, path) => ({
    text: await setDefault(text, path, 'https://wf.example.com'),
  }));
  expect(readFileSync(join(kept, 'config.toml'), 'utf8')).toContain('wf.example.com');
  expect(lstatSync(join(config, 'config.toml')).isSymbolicLink()).toBe(true);
  expect([modeOf(config), modeOf(kept), modeOf(join(kept, 'config.toml'))]).toEqual([0o700, 0o755, 0o644]);
});
