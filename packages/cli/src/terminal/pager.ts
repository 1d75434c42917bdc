import type { OutputStream } from './stream.js';

/** Quits when all fits on the screen, leaves the text there, shows colours, and ignores case when searching. */
const USUAL_PAGER = 'less -FIRX';

/**
 * The pager that an environment asks for, as a line of shell; undefined for none: `PAGER` that is empty or `cat`, a dumb
 * terminal, or a screen reader.
 */
export function choosePager(
  env: Readonly<Record<string, string | undefined>>,
  stream: Pick<OutputStream, 'canRedraw'>,
): string | undefined {
  const asked = env['PAGER'] ?? USUAL_PAGER;
  return asked.trim() === '' || asked.trim() === 'cat' || !stream.canRedraw ? undefined : asked;
}

/** Shows a text in the pager and waits until it is left; without one, or where it does not start, prints it. */
export async function page(
  text: string,
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const pager = choosePager(env, stream);
  if (pager !== undefined && (await runPager(pager, text, env))) return;
  stream.write(text);
}

/** The shell's answers for a command that it does not find, or may not run. */
const NOT_RUN = [126, 127];

async function runPager(
  pager: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const { spawn } = await import('node:child_process');
  return new Promise((resolve) => {
    const child = spawn(pager, {
      shell: true,
      stdio: ['pipe', 'inherit', 'ignore'],
      env: { LESSCHARSET: 'utf-8', ...env },
    });
    child.on('error', () => {
      resolve(false);
    });
    child.on('close', (code) => {
      resolve(!NOT_RUN.includes(code ?? 0));
    });
    // Who leaves the pager early has read enough: that is no error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}
