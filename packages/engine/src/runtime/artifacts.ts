import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quote } from '@sheaf/workflow';
import type { KeepCommand } from '../core/command.js';
import type { JournalEvent, Reason } from '../core/events.js';
import type { RunRules } from '../core/rules.js';
import { LIMITS } from '../limits.js';
import { artifactDir } from './artifact-list.js';
import { isInside } from './inside.js';
import type { Runtime } from './runtime.js';

/** Copies an artifact into the folder of its run. What becomes of it is an event: a run does not fail for want of a file. */
export async function keepArtifact(
  {
    runDir,
    cwd,
    rules,
    now,
  }: {
    readonly runDir: string;
    readonly cwd: string;
    readonly rules?: RunRules | undefined;
    readonly now: () => number;
  },
  { name, path, retentionMs }: KeepCommand,
): Promise<readonly JournalEvent[]> {
  const missing = (message: string): readonly JournalEvent[] => {
    const reason: Reason = { code: 'artifact.missing', message: `artifact ${name}: ${message}` };
    return [{ type: 'artifact.missing', name, reason }];
  };
  const source = await findInside(cwd, path);
  if (source === undefined) return missing(`${quote(path, 200)} is not there, or not in the workspace`);
  const folder = artifactDir(runDir);
  const temporary = join(folder, `${name}.part`);
  const maxBytes = Math.min(rules?.artifactBytes ?? LIMITS.artifactBytes, LIMITS.artifactBytes);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const copied = await copyFile(source, temporary, maxBytes);
    if (copied === 'too_large') return tooLarge(name, maxBytes, rules);
    if (typeof copied === 'string') return missing(`${quote(path, 200)} ${copied}`);
    await rename(temporary, join(folder, name));
    const expires = retentionMs === undefined ? {} : { until: now() + retentionMs };
    return [{ type: 'artifact.kept', name, path, ...copied, ...expires }];
  } catch (error) {
    return missing(error instanceof Error ? error.message : String(error));
  } finally {
    await rm(temporary, { force: true });
  }
}

function tooLarge(name: string, maxBytes: number, rules: RunRules | undefined): readonly JournalEvent[] {
  const isRule = rules?.artifactBytes === maxBytes;
  const by = isRule ? ({ by: 'policy', why: rules.from } as const) : ({ by: 'default' } as const);
  const value = `artifact ${name} of more than ${maxBytes} bytes`;
  const reason: Reason = {
    code: isRule ? 'policy.denied' : 'artifact.missing',
    message: `artifact ${name}: it is larger than ${maxBytes} bytes`,
    ...(isRule ? { hint: `${rules.from} says so` } : {}),
  };
  return [
    { type: 'policy.decided', subject: 'ceiling', result: 'refused', value, ...by },
    { type: 'artifact.missing', name, reason },
  ];
}

/** The real path of a file of the workspace; links may lead about in it, but not out of it. */
async function findInside(cwd: string, path: string): Promise<string | undefined> {
  try {
    const [root, real] = await Promise.all([realpath(cwd), realpath(join(cwd, path))]);
    return isInside(root, real) ? real : undefined;
  } catch {
    return undefined;
  }
}

const CHUNK_BYTES = 256 * 1024;

async function copyFile(
  from: string,
  to: string,
  maxBytes: number,
): Promise<{ readonly sizeBytes: number; readonly sha256: string } | string> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await source.stat()).isFile()) return 'is no file';
    const target = await open(to, 'w', 0o600);
    try {
      const hash = createHash('sha256');
      let sizeBytes = 0;
      const buffer = new Uint8Array(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES);
        if (bytesRead === 0) break;
        sizeBytes += bytesRead;
        if (sizeBytes > maxBytes) return 'too_large';
        const bytes = buffer.subarray(0, bytesRead);
        hash.update(bytes);
        await target.writeFile(bytes);
      }
      await target.sync();
      return { sizeBytes, sha256: hash.digest('hex') };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Removes the artifacts whose time is over, and what of the step cache is too old. */
export async function sweepFiles({
  store,
  runDir,
  time,
  cache,
}: Pick<Runtime, 'store' | 'runDir' | 'time' | 'cache'>): Promise<void> {
  for (const key of cache.store.prune(LIMITS.cacheEntries))
    await rm(join(cache.folder, key), { recursive: true, force: true });
  for (const { runId, name } of store.listExpired(time.now())) {
    await rm(join(artifactDir(runDir(runId)), name), { force: true });
    store.forgetArtifact(runId, name);
  }
}
