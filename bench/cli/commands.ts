import { spawnSync } from 'node:child_process';
import type { StepCommand } from './step.js';

/** A program to be timed as a whole process, from its start to its end. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a command to its end, its output going nowhere. @throws Error unless it succeeds */
export function runCommand({ program, args, env, cwd }: Command): void {
  const { status, signal, error } = spawnSync(program, args, {
    stdio: 'ignore',
    ...(cwd !== undefined && { cwd }),
    env: { ...cleanEnvironment(), ...env },
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status ?? signal ?? error?.message}`);
}

/** What a command prints. @throws Error unless it succeeds */
export function outputOf({ program, args, env, cwd }: Command, input = ''): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    ...(cwd !== undefined && { cwd }),
    env: { ...cleanEnvironment(), ...env },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** NODE_EXTRA_CA_CERTS, which some machines set, costs every Node 40 ms and more: it is left out for all alike. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LANG } = process.env;
  return { PATH, ...(LANG !== undefined && { LANG }) };
}

/** Node on a script that is given as text. */
export function nodeCommand(script: string, ...args: readonly string[]): Command {
  return { program: process.execPath, args: ['-e', script, ...args] };
}

/**
 * What a verb asks a registry, asked by a bare `node:http` instead: addresses one after the other, those that stand
 * together at once; then, where the last word begins with `step `, the {@link StepCommand} that follows as JSON by a bare `spawn`: the
 * same words in a group of its own, and what it writes read to its end.
 */
export const ASK = `
  const words = process.argv.slice(1);
  const isStep = (word) => word.startsWith('step ');
  const http = words.every(isStep) ? undefined : require('node:http');
  const agent = http && new http.Agent({ keepAlive: true });
  const step = ({ file, args, input }) => new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe', ...(input === undefined ? [] : ['pipe'])];
    const child = require('node:child_process').spawn(file, args, { detached: true, stdio });
    if (input !== undefined) child.stdio[3].end(input, 'latin1');
    for (const stream of [child.stdout, child.stderr]) stream.on('data', () => {});
    child.on('error', reject).on('close', (code) => code === 0 ? resolve() : reject(new Error('the step ended with ' + code)));
  });
  const get = (url) => new Promise((resolve, reject) => http.get(url, { agent }, (answer) => {
    answer.on('data', () => {}).on('end', () => answer.statusCode < 300 ? resolve() : reject(new Error(url)));
  }).on('error', reject));
  (async () => {
    for (const group of words) {
      if (isStep(group)) await step(JSON.parse(group.slice(5)));
      else await Promise.all(group.split(' ').map(get));
    }
    process.exit(0);
  })();`;

/** The last word for {@link ASK} where there is a step. */
export function stepWord(step: StepCommand): string {
  return `step ${JSON.stringify(step)}`;
}
