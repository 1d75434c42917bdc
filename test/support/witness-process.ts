import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment, REGISTRY_BIN } from './registry-environment.js';

export interface WitnessProcess {
  readonly url: string;
  /** C2SP verifier key, as a witness policy names it. */
  readonly key: string;
  stop(): Promise<void>;
}

export interface WitnessOptions {
  readonly dataDir: string;
  readonly name: string;
  /** Verifier key of the log that it watches. */
  readonly logKey: string;
  readonly port?: number;
}

/** Starts the built witness as a process of its own. */
export async function startWitnessProcess({
  dataDir,
  name,
  logKey,
  port = 0,
}: WitnessOptions): Promise<WitnessProcess> {
  const flags = ['--listen', `127.0.0.1:${port}`, '--data-dir', dataDir, '--name', name, '--log', logKey];
  const child = spawn(process.execPath, [REGISTRY_BIN, 'witness', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), SHEAF_LOG_LEVEL: 'error' },
  });
  let talk = '';
  const ended = once(child, 'exit');
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        talk += text;
        if (/^witness key \S+\n/m.test(talk)) resolve();
      });
  });
  await Promise.race([
    ready,
    ended.then(([code]) => Promise.reject(new Error(`the witness ended with ${String(code)}: ${talk}`))),
  ]);
  return {
    url: /witness listening on (\S+)/.exec(talk)?.[1] ?? '',
    key: /witness key (\S+)/.exec(talk)?.[1] ?? '',
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
