import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import type { StepShell } from '@sheaf/engine';
import { CliError } from '../frame/errors.js';

/** Runs a shell on the terminal until it ends, however it does. @throws CliError `workspace.no_shell` */
export function startShell({ file, args, cwd, env, inputs }: StepShell['start']): Promise<void> {
  const child = spawn(file, args, {
    cwd,
    env,
    stdio: ['inherit', 'inherit', 'inherit', ...inputs.map(() => 'pipe' as const)],
  });
  for (const [at, bytes] of inputs.entries()) {
    const pipe = child.stdio[at + 3];
    if (!(pipe instanceof Writable)) continue;
    // It may end before it has read all.
    pipe.on('error', () => undefined);
    pipe.end(bytes);
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new CliError('workspace.no_shell', `${file} could not be started: ${error.message}`, {
          hint: 'another shell: SHELL=/bin/sh sheaf workspace shell RUN',
          cause: error,
        }),
      );
    });
    child.once('close', () => {
      resolve();
    });
  });
}
