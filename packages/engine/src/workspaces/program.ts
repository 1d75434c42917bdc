import { execFile } from 'node:child_process';

/** How a program that was asked something ended. */
export interface ProgramEnd {
  /** Undefined when it was not there, was ended, or wrote too much. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run: its whole environment, and how long it may take. */
export interface ProgramPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const MAX_BYTES = 8 * 1024 * 1024;
/** A large repository on a slow disk. */
const TIMEOUT_MS = 15 * 60 * 1000;

/** Runs a program to its end. Throws what `signal` was aborted with. */
export function askProgram(
  file: string,
  args: readonly string[],
  { cwd, env, signal }: ProgramPlace,
): Promise<ProgramEnd> {
  const options = { cwd, env, maxBuffer: MAX_BYTES, timeout: TIMEOUT_MS, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (signal?.aborted === true) reject(abortError(signal));
      else resolve({ exitCode: error === null ? 0 : exitCodeOf(error), stdout, stderr });
    });
    child.stdin?.end();
  });
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError');
}

function exitCodeOf(error: Error): number | undefined {
  return 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/** The first line that a program complained with. */
export function firstComplaint(stderr: string): string | undefined {
  const line = stderr.split('\n').find((each) => each.trim() !== '');
  return line?.trim().replace(/^(?:fatal|error|Error): /, '');
}
