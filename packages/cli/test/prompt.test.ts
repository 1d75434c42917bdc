import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../src/frame/errors.js';
import { askLine } from '../src/terminal/prompt.js';
import { openOutput } from '../src/terminal/stream.js';

/** A terminal whose keys are pressed by the test; keeps what was shown and in which mode it was left. */
function createTerminal() {
  const keys = new PassThrough();
  const shown = new PassThrough();
  const raw: boolean[] = [];
  const stdin = Object.assign(keys, {
    setRawMode: (mode: boolean) => raw.push(mode),
  }) as unknown as ReadStream;
  const stderr = openOutput(shown, {});
  let text = '';
  shown.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const whenAsked = async (): Promise<void> => {
    while (!text.includes('? ')) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { keys, stdin, stderr, raw, shown: () => text, whenAsked };
}

describe('askLine', () => {
  it('throws away what was typed before the question', async () => {
    const terminal = createTerminal();
    terminal.keys.write('yes\r');
    const answer = askLine(terminal.stdin, terminal.stderr, 'Run it? ');
    await terminal.whenAsked();
    terminal.keys.write('n\r');
    expect(await answer).toBe('n');
    expect(terminal.raw).toEqual([true, false]);
  });

  it('takes characters back, also those of several code units', async () => {
    const terminal = createTerminal();
    const answer = askLine(terminal.stdin, terminal.stderr, 'Name? ');
    await terminal.whenAsked();
    terminal.keys.write('a🎉\u007f\u007f\u007fxy\u0008z\u001b\n');
    expect(await answer).toBe('xz');
  });

  it('shows nothing of a hidden answer', async () => {
    const terminal = createTerminal();
    const answer = askLine(terminal.stdin, terminal.stderr, 'Passphrase? ', { hidden: true });
    await terminal.whenAsked();
    terminal.keys.write('hunter2\r');
    expect(await answer).toBe('hunter2');
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.shown()).toBe('Passphrase? \n');
  });

  it('ends with `cancelled` on Ctrl-C, and with an empty answer when the terminal goes', async () => {
    const first = createTerminal();
    const cancelled = askLine(first.stdin, first.stderr, 'Run it? ').then(
      () => undefined,
      (error: unknown) => codeOf(error),
    );
    await first.whenAsked();
    first.keys.write('y\u0003');
    expect(await cancelled).toBe('cancelled');
    expect(first.raw).toEqual([true, false]);

    const second = createTerminal();
    const answer = askLine(second.stdin, second.stderr, 'Run it? ');
    await second.whenAsked();
    second.keys.end('y');
    expect(await answer).toBe('');
  });
});
