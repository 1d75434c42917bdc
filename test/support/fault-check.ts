import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import { cleanEnvironment, REGISTRY_BIN } from './registry-environment.js';

/** Where a registry is that a verb looks at. */
export interface Place {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly talk: string;
}

/** Runs a verb of the built `sheaf-registry` to its end. */
export async function runVerb(
  args: readonly string[],
  { dataDir, env }: Place,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [REGISTRY_BIN, ...args, '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), SHEAF_LOG_LEVEL: 'error', ...env, ...more },
  });
  let talk = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (talk += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, talk };
}

/** `sheaf-registry check` finds nothing. */
export async function expectWhole(place: Place, flags: readonly string[] = []): Promise<void> {
  const { code, talk } = await runVerb(['check', ...flags], place);
  expect(talk).toContain('everything fits together');
  expect(code).toBe(0);
}
