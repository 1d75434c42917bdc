import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PACKAGE_DIR = fileURLToPath(new URL('../..', import.meta.url));

export interface TestChild {
  readonly pid: number;
  /** The next line of its standard output; rejects when it ends before. */
  nextLine(): Promise<string>;
  /** Every line that was read and not yet given. */
  pendingLines(): readonly string[];
  send(line: string): void;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it is gone and reaped. */
  ended(): Promise<number | NodeJS.Signals>;
}

/** Runs a TypeScript file of the tests as a process of its own, in its own process group. */
export function startChild(
  script: URL,
  args: readonly string[],
  options: { readonly uid?: number } = {},
): TestChild {
  const owner = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(script), ...args], {
    ...owner,
    cwd: PACKAGE_DIR,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the test process did not start');
  const lines: string[] = [];
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next.resolve(line);
  });
  const drained = once(reader, 'close').then(() => {
    for (const next of waiting.splice(0)) next.reject(new Error('the test process ended without a line'));
  });
  const ended = Promise.all([once(child, 'exit'), drained]).then(
    ([[code, signal]]) => (code ?? signal) as number | NodeJS.Signals,
  );
  child.stdin.on('error', () => undefined);
  return {
    pid,
    nextLine: () => {
      const line = lines.shift();
      if (line !== undefined) return Promise.resolve(line);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    pendingLines: () => lines.splice(0),
    send: (line) => child.stdin.write(`${line}\n`),
    kill: (signal) => {
      child.kill(signal);
    },
    ended: () => ended,
  };
}
