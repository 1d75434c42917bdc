import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface WitnessProcess {
  readonly url: string;
  readonly verifierKey: string;
  /** What it wrote to stderr so far. */
  logged(): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export interface WitnessOptions {
  readonly dataDir: string;
  readonly logs: readonly string[];
  /** 0, the default, for any. */
  readonly port?: number;
  readonly flags?: readonly string[];
}

/** `sheaf-registry witness` as a process of its own, from the sources. */
export async function startWitnessProcess(options: WitnessOptions): Promise<WitnessProcess> {
  const { child, output } = launch(options);
  await Promise.race([
    once(child.stdout, 'data').then(() => undefined),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the witness ended with ${String(code)}: ${output()}`);
    }),
  ]);
  while (!output().includes('witness key ')) await once(child.stdout, 'data');
  return {
    url: /witness listening on (\S+)/.exec(output())?.[1] ?? '',
    verifierKey: /witness key (\S+)/.exec(output())?.[1] ?? '',
    logged: output,
    kill: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

/** What a witness that cannot start says, and its exit code. */
export async function failToStart(options: WitnessOptions): Promise<{ code: unknown; output: string }> {
  const { child, output } = launch(options);
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, output: output() };
}

function launch({ dataDir, logs, port = 0, flags = [] }: WitnessOptions): {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly output: () => string;
} {
  const script = `import { main } from ${JSON.stringify(MAIN)}; await main(process.argv.slice(1));`;
  const child = spawn(
    process.execPath,
    [
      '--conditions=@sheaf/source',
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      script,
      '--',
      'witness',
      '--listen',
      `127.0.0.1:${port}`,
      '--data-dir',
      dataDir,
      ...logs.flatMap((vkey) => ['--log', vkey]),
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined } },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}
