import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepLog } from '../api.js';
import { isStepPath } from '../core/plan-check.js';
import { stepFile } from './step-file.js';

const DEFAULT_MAX_BYTES = 1024 * 1024;

/** The ends of the logs of steps, in the order of their paths here; of those in `step` and of itself, where one is given. */
export async function readLogs(
  runDir: string,
  paths: readonly string[],
  step: string | undefined,
  maxBytes = DEFAULT_MAX_BYTES,
): Promise<readonly StepLog[]> {
  const logs: StepLog[] = [];
  for (const path of paths) {
    if (step !== undefined && !isWithin(path, step)) continue;
    const log = await readEnd(join(runDir, `${stepFile(path)}.log`), path, maxBytes);
    if (log !== undefined) logs.push(log);
  }
  return logs;
}

/** Paths of the steps that have a log in a folder. */
export async function listLogs(runDir: string): Promise<readonly string[]> {
  const names = await readdir(runDir).catch(() => []);
  return names
    .filter((name) => name.endsWith('.log'))
    .map((name) => name.slice(0, -'.log'.length).replace(/\.(\d+)(?=\.|$)/g, '[$1]'))
    .filter(isStepPath)
    .sort();
}

/** Whether a path is that of a step, or of one in it. */
export function isWithin(path: string, step: string): boolean {
  return path === step || path.startsWith(`${step}.`) || path.startsWith(`${step}[`);
}

/** What a log holds from a place on, at most `maxBytes`. Empty where there is no log, or nothing more. */
export async function readLogFrom(path: string, offset: number, maxBytes: number): Promise<Uint8Array> {
  const file = await openLog(path);
  if (file === undefined) return new Uint8Array();
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(maxBytes), 0, maxBytes, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readEnd(path: string, step: string, maxBytes: number): Promise<StepLog | undefined> {
  const file = await openLog(path);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, size - length);
    return { step, bytes: buffer.subarray(0, bytesRead), sizeBytes: size, truncated: size > length };
  } finally {
    await file.close();
  }
}

function openLog(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}
