import { spawn } from 'node:child_process';
import type { ActionProcess, ActionProcessEnd, ActionProcessHandle } from '../actions/action.js';
import { LIMITS } from '../limits.js';
import type { ProcessInput } from '../ports.js';

const STDERR_TAIL_BYTES = 4096;

/** What of a context a process needs that belongs to no run. */
export interface PlainProcessContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly log: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** Starts a process outside of any run: a group of its own, ended with the signal, neither confined nor journaled. */
export function startPlainProcess(context: PlainProcessContext, spec: ActionProcess): ActionProcessHandle {
  const child = spawn(spec.file, spec.args, {
    cwd: spec.cwd ?? context.cwd,
    env: { ...(spec.env ?? context.env) },
    detached: true,
    stdio: 'pipe',
  });
  const stop = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  if (spec.tidies !== true) {
    if (context.signal.aborted) stop();
    context.signal.addEventListener('abort', stop, { once: true });
  }
  const stdout: Uint8Array[] = [];
  let size = 0;
  let stderr = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LIMITS.stdoutBytes) stdout.push(chunk);
    if (spec.onStdout === undefined) context.log('stdout', chunk.toString());
    else spec.onStdout(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL_BYTES);
    spec.onStderr?.(chunk);
    context.log('stderr', chunk.toString());
  });
  // A process that reads nothing closes its end; what was meant for it is then of no use.
  child.stdin.on('error', () => undefined);
  if (spec.keepStdin !== true) child.stdin.end(spec.stdin ?? '');
  else if (spec.stdin !== undefined) child.stdin.write(spec.stdin);
  const input: ProcessInput = {
    write: (text) => {
      if (child.stdin.writable) child.stdin.write(text);
    },
    end: () => {
      child.stdin.end();
    },
  };
  const done = new Promise<ActionProcessEnd>((resolve) => {
    const finish = (end: Omit<ActionProcessEnd, 'stderrTail'>): void => {
      context.signal.removeEventListener('abort', stop);
      resolve({ ...end, stderrTail: stderr.toString() });
    };
    child.once('error', (error) => {
      finish({ spawnError: error.message });
    });
    child.once('close', (exitCode, signal) => {
      const text = size > LIMITS.stdoutBytes ? undefined : Buffer.concat(stdout).toString();
      finish({
        ...(exitCode === null ? {} : { exitCode }),
        ...(signal === null ? {} : { signal }),
        ...(text === undefined ? {} : { stdout: text }),
      });
    });
  });
  return { done, stop, ...(spec.keepStdin === true ? { input } : {}) };
}
