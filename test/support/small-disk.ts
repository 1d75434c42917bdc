import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(64 * 1024);

/** A file system of its own with little room. */
export interface SmallDisk {
  readonly dir: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  unmount(): Promise<void>;
}

/** Whether file systems may be mounted here. With `CI=true` a machine that should be able to must be. */
export async function canMount(): Promise<boolean> {
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    const dir = await mkdtemp(join(tmpdir(), 'sheaf-mount-'));
    try {
      await mount(dir, 1);
      await run('umount', [dir]);
      return true;
    } catch (error) {
      if (process.env['CI'] === 'true') throw error;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  console.warn('SKIPPED: a full disk needs root on Linux, and the right to mount');
  return false;
}

export async function mountSmallDisk(dir: string, sizeMb: number): Promise<SmallDisk> {
  await mkdir(dir, { recursive: true });
  await mount(dir, sizeMb);
  const filler = join(dir, 'filler');
  return {
    dir,
    fill: async () => {
      const handle = await open(filler, 'a');
      try {
        for (let size = CHUNK.length; size >= 512;) {
          const { bytesWritten } = await handle.write(CHUNK, 0, size).catch(() => ({ bytesWritten: 0 }));
          if (bytesWritten === 0) size /= 2;
        }
      } finally {
        await handle.close();
      }
    },
    free: () => rm(filler, { force: true }),
    unmount: async () => {
      await run('umount', ['--lazy', dir]);
    },
  };
}

async function mount(dir: string, sizeMb: number): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0755`, 'sheaf-test', dir]);
}
