import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../config/replace-file.js';
import type { Context } from '../frame/context.js';

/** What was told once, and is not to be told again so soon. */
export type Notice = 'greeted' | 'update';

/** When and of what a notice told last; undefined when it never did, or that cannot be read. */
export interface Told {
  readonly atMs: number;
  readonly what: string;
}

const MAX_CHARACTERS = 200;

function pathOf({ paths }: Pick<Context, 'paths'>, notice: Notice): string {
  return join(paths.state(), 'notices', notice);
}

export async function findNotice(context: Pick<Context, 'paths'>, notice: Notice): Promise<Told | undefined> {
  try {
    const [time = '', what = ''] = (await readFile(pathOf(context, notice), 'utf8'))
      .slice(0, MAX_CHARACTERS)
      .split('\n');
    const atMs = Date.parse(time);
    return Number.isNaN(atMs) ? undefined : { atMs, what };
  } catch {
    // Then it is told once more.
    return undefined;
  }
}

/** Notes that a notice is told now. @throws the system's error where that cannot be kept */
export async function keepNotice(
  context: Pick<Context, 'paths' | 'now'>,
  notice: Notice,
  what: string,
): Promise<void> {
  const path = pathOf(context, notice);
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  await replaceFile(path, `${new Date(context.now()).toISOString()}\n${what}\n`, { mode: 0o600 });
}
