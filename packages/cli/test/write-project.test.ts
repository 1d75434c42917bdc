import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  type PathLike,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { EMPTY_LOCKFILE, formatLockfile } from '@sheaf/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPaths } from '../src/config/paths.js';
import { findProject, withText, type OpenProject } from '../src/project/open-project.js';
import { writeProject } from '../src/project/write-project.js';

const OLD = '# ours\n[workflows]\na = "b/c"\n';
const NEW = `${OLD}d = "e/f"\n`;
const LOCK = formatLockfile(EMPTY_LOCKFILE);
let context: Parameters<typeof writeProject>[0];

let dir: string;
let project: OpenProject;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sheaf pröject-'));
  writeFileSync(join(dir, 'sheaf.toml'), OLD);
  project = await open();
  const paths = findPaths(
    { HOME: dir, XDG_STATE_HOME: join(dir, '..', `${basename(dir)} state`) },
    isAbsolute,
  );
  context = { signal: new AbortController().signal, paths };
});
afterEach(() => {
  rmSync(dir, { recursive: true });
  rmSync(dirname(context.paths.state()), { recursive: true, force: true });
});

async function open(): Promise<OpenProject> {
  const found = await findProject({ cwd: dir, env: { HOME: dir } });
  if (found === undefined) throw new Error('there is no project');
  return found;
}

const change = () => ({
  project: withText(project, NEW),
  before: OLD,
  lock: { after: EMPTY_LOCKFILE, before: undefined },
});
const textOf = (name: string) => readFileSync(join(dir, name), 'utf8');

describe('writing sheaf.toml and sheaf.lock', () => {
  it('writes both, keeps the mode, and what did not change is not written', async () => {
    chmodSync(join(dir, 'sheaf.toml'), 0o640);
    expect(await writeProject(context, change())).toEqual({ project: true, lock: true });
    expect([textOf('sheaf.toml'), textOf('sheaf.lock')]).toEqual([NEW, LOCK]);
    expect(statSync(join(dir, 'sheaf.toml')).mode & 0o777).toBe(0o640);
    const again = { ...change(), before: NEW, lock: { after: EMPTY_LOCKFILE, before: LOCK } };
    expect(await writeProject(context, again)).toEqual({ project: false, lock: false });
    expect(readdirSync(dir).sort()).toEqual(['sheaf.lock', 'sheaf.toml']);
  });

  it('writes neither when the second cannot be put in its place', async () => {
    const put = async (from: PathLike, to: PathLike): Promise<void> => {
      if (String(to).endsWith('.lock')) throw new Error('the disk is gone');
      await rename(from, to);
    };
    await expect(writeProject(context, change(), put)).rejects.toThrow('the disk is gone');
    expect(textOf('sheaf.toml')).toBe(OLD);
    expect(readdirSync(dir)).toEqual(['sheaf.toml']);
    await expect(
      writeProject(
        context,
        {
          ...change(),
          project: { ...withText(project, NEW), path: join(dir, 'new.toml') },
          before: undefined,
        },
        put,
      ),
    ).rejects.toThrow('the disk is gone');
    expect(readdirSync(dir)).toEqual(['sheaf.toml']);
  });

  it('writes neither after Ctrl-C', async () => {
    await expect(writeProject({ ...context, signal: AbortSignal.abort() }, change())).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(textOf('sheaf.toml')).toBe(OLD);
    expect(readdirSync(dir)).toEqual(['sheaf.toml']);
  });

  it('writes neither over what somebody else wrote meanwhile', async () => {
    writeFileSync(join(dir, 'sheaf.lock'), 'theirs');
    await expect(writeProject(context, change())).rejects.toMatchObject({ code: 'project.changed' });
    expect([textOf('sheaf.toml'), textOf('sheaf.lock')]).toEqual([OLD, 'theirs']);
  });

  it('lets of two that write at the same time one know', async () => {
    const other = { ...change(), project: withText(project, `${OLD}g = "h/i"\n`) };
    const ends = await Promise.allSettled([writeProject(context, change()), writeProject(context, other)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'project.changed' },
    });
    expect(textOf('sheaf.toml')).toBe(ends[0].status === 'fulfilled' ? NEW : other.project.text);
  });

  it('replaces what a link points to, and the link stays', async () => {
    mkdirSync(join(dir, 'kept'));
    writeFileSync(join(dir, 'kept', 'real.toml'), OLD);
    rmSync(join(dir, 'sheaf.toml'));
    symlinkSync(join('kept', 'real.toml'), join(dir, 'sheaf.toml'));
    project = await open();
    await writeProject(context, change());
    expect(readFileSync(join(dir, 'kept', 'real.toml'), 'utf8')).toBe(NEW);
    expect(readdirSync(join(dir, 'kept'))).toEqual(['real.toml']);
  });

  it('writes nothing where a link leads out of the project', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'sheaf other-'));
    const foreign = join(elsewhere, 'sheaf.lock');
    writeFileSync(foreign, 'theirs');
    symlinkSync(foreign, join(dir, 'sheaf.lock'));
    const toTheirs = { ...change(), lock: { after: EMPTY_LOCKFILE, before: 'theirs' } };
    await expect(writeProject(context, toTheirs)).rejects.toMatchObject({ code: 'project.unsafe' });
    expect([readFileSync(foreign, 'utf8'), textOf('sheaf.toml')]).toEqual(['theirs', OLD]);
    expect(readdirSync(elsewhere)).toEqual(['sheaf.lock']);
    rmSync(elsewhere, { recursive: true });
  });
});
