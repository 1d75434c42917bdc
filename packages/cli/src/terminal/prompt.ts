import type { ReadStream } from 'node:tty';
import { CliError } from '../frame/errors.js';
import type { OutputStream } from './stream.js';

/** How long a question waits for keys pressed before it, which must not answer it. */
const DRAIN_MS = 30;
const MAX_LINE = 4096;

/**
 * Asks one question on a terminal and reads one line. What was typed before the question appeared is thrown away.
 *
 * @throws CliError `cancelled` on Ctrl-C
 */
export async function askLine(
  stdin: ReadStream,
  stderr: OutputStream,
  question: string,
  options: { readonly hidden?: boolean } = {},
): Promise<string> {
  stdin.setRawMode(true);
  try {
    await drain(stdin);
    stderr.write(question);
    return await readLine(stdin, stderr, options.hidden === true);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}

function drain(stdin: ReadStream): Promise<void> {
  return new Promise((resolve) => {
    const drop = (): void => undefined;
    stdin.on('data', drop);
    stdin.resume();
    setTimeout(() => {
      stdin.off('data', drop);
      resolve();
    }, DRAIN_MS);
  });
}

function readLine(stdin: ReadStream, stderr: OutputStream, hidden: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = '';
    const finish = (settle: () => void): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stderr.write('\n');
      settle();
    };
    const onEnd = (): void => {
      finish(() => {
        resolve('');
      });
    };
    const onData = (chunk: Buffer): void => {
      for (const key of chunk.toString('utf8')) {
        if (key === '\r' || key === '\n') {
          finish(() => {
            resolve(line);
          });
          return;
        }
        if (key === '\u0004' && line === '') {
          onEnd();
          return;
        }
        if (key === '\u0003') {
          finish(() => {
            reject(new CliError('cancelled', 'cancelled at a question; nothing was changed'));
          });
          return;
        }
        if (key === '\u007f' || key === '\b') {
          const shorter = Array.from(line).slice(0, -1).join('');
          if (!hidden && shorter.length < line.length) stderr.write('\b \b');
          line = shorter;
        } else if (key >= ' ' && line.length < MAX_LINE) {
          line += key;
          if (!hidden) stderr.write(key);
        }
      }
    };
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}
