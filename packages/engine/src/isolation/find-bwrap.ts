import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { bwrapCommand, type BwrapTools } from './bwrap-arguments.js';
import { giveArguments } from './give-arguments.js';
import type { SandboxMemory } from './sandbox-memory.js';

/** Whether processes can be confined on this machine; if not, why, in one line, and what may help. */
export type Sandboxing = { readonly tools: BwrapTools } | { readonly why: string; readonly hint: string };

const BWRAP = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap'];
const ENV = ['/usr/bin/env', '/bin/env'];
const PROBE_TIMEOUT_MS = 5_000;
const MAX_SAID = 4_096;

/**
 * Finds bubblewrap and tries it with all that a step is confined by: it may be there and yet not be allowed to make namespaces. Not looked
 * for on the PATH, which is the caller's. About 15 ms, unless it is known to work here.
 */
export async function findSandboxing(
  memory: SandboxMemory,
  platform: string = process.platform,
): Promise<Sandboxing> {
  if (platform !== 'linux') {
    return { why: 'there is no bubblewrap on this system', hint: 'it is for Linux alone' };
  }
  const bwrap = BWRAP.find((path) => existsSync(path));
  if (bwrap === undefined) {
    return { why: 'bubblewrap is not installed', hint: 'install it: apt-get install bubblewrap' };
  }
  const bare = { bwrap, sh: '/bin/sh' };
  const env = ENV.find((path) => existsSync(path));
  const candidates = env === undefined ? [bare] : [{ ...bare, env }, bare];
  const known = candidates.find((tools) => memory.has(tools));
  if (known !== undefined) return { tools: known };
  let problem = '';
  for (const tools of candidates) {
    const said = await tryIt(tools);
    if (said === undefined) {
      memory.keep(tools);
      return { tools };
    }
    problem = said;
  }
  return {
    why: `bubblewrap cannot make a sandbox here: ${problem}`,
    hint: 'see whether users may make namespaces: sysctl user.max_user_namespaces',
  };
}

/** What it says when it fails. */
function tryIt(tools: BwrapTools): Promise<string | undefined> {
  const { file, args, input } = bwrapCommand(tools, {
    file: '/bin/sh',
    args: ['-c', ':'],
    cwd: '/',
    env: {},
    network: false,
    mounts: [{ path: '/tmp', as: 'empty' }],
  });
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout: PROBE_TIMEOUT_MS,
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('latin1')).slice(-MAX_SAID);
    });
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code) => {
      const last = said.trim().split('\n').at(-1) ?? '';
      resolve(
        code === 0 ? undefined : last === '' ? `it ended with ${code ?? 'a signal'}` : last.slice(0, 200),
      );
    });
    giveArguments(child, input);
  });
}
