import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from './scope.js';

export interface ProgramPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets all that it prints: a file costs a server what it costs in production, and this process nothing. */
  readonly logFile: string;
  /** Asked again and again with what was printed so far. */
  readonly isReady: (printed: string) => Promise<boolean> | boolean;
}

export interface Program {
  readonly pid: number;
  /** What it printed until it was ready. */
  readonly printed: string;
  /** Ends it, and waits for the end. */
  readonly stop: () => Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/** Starts a server, waits until it is ready, and stops it when the scope closes. @throws Error with the end of what it printed */
export async function startProgram(plan: ProgramPlan, scope: Scope): Promise<Program> {
  const log = await open(plan.logFile, 'w');
  const child = spawn(plan.command, plan.args, {
    stdio: ['ignore', log.fd, log.fd],
    cwd: dirname(plan.logFile),
    // A group of its own: a Ctrl-C in the terminal reaches the bench alone, which then stops the others in order.
    detached: true,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...plan.env },
  });
  let ended: string | undefined;
  const end = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      ended = `it ended with ${signal ?? code}`;
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    if (ended !== undefined) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await end;
    clearTimeout(timer);
  };
  scope.add(stop);
  await log.close();
  const startedMs = performance.now();
  for (;;) {
    const printed = await readFile(plan.logFile, 'utf8');
    if (await plan.isReady(printed)) return { pid: child.pid ?? 0, printed, stop };
    scope.signal.throwIfAborted();
    if (ended !== undefined || performance.now() - startedMs > START_TIMEOUT_MS) {
      await stop();
      const last = printed.trim().split('\n').slice(-3).join(' ').slice(-400);
      throw new Error(`${plan.command} did not start: ${ended ?? 'not ready in time'}; ${last}`);
    }
    await sleep(50);
  }
}

/** A port that was free a moment ago, for servers that cannot say which one they took. */
export function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('there is no free port'));
      });
    });
  });
}

/** Whether a server answers at all. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status < 500;
  } catch {
    return false;
  }
}
