import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LONGEST_MS = 600_000;
const LARGEST_OUTPUT = 16 * 1024 * 1024;

/** What one run took in a process of its own. */
export interface PlanRun {
  readonly ms: number;
  readonly firstMs: number;
  readonly stepMs: readonly number[];
  readonly peakMiB: number;
  /** A listing of the runs there are, and one run with all of its steps. */
  readonly listMs: number;
  readonly showMs: number;
  readonly journalBytes: number;
}

/** What reading one definition took in a process of its own. */
export interface Reading {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly code?: string;
  readonly count: number;
}

export function runPlanInChild(planFile: string, folder: string): Promise<PlanRun> {
  return runChild<PlanRun>('run-plan.mjs', [planFile, folder]);
}

export function readInChild(file: string): Promise<Reading> {
  return runChild<Reading>('read-definition.mjs', [file]);
}

async function runChild<T>(script: string, args: readonly string[]): Promise<T> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  // It adds some 50 ms to every start of Node.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
  const options = { env, timeout: LONGEST_MS, maxBuffer: LARGEST_OUTPUT };
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], options);
  return JSON.parse(stdout) as T;
}
