import { pino, type Logger } from 'pino';
import { UNDECLARED } from '../../src/openapi/undeclared.js';

/** A log of which nothing is shown, unless `SHEAF_TEST_LOG_LEVEL` asks for it, but what no test may pass over. */
export interface WatchedLog {
  readonly log: Logger;
  /** @throws Error when a problem was answered that its operation does not declare */
  assertDeclared(): void;
}

export function watchedLog(): WatchedLog {
  const shown = process.env['SHEAF_TEST_LOG_LEVEL'];
  const undeclared: string[] = [];
  const write = (line: string) => {
    if (shown !== undefined) process.stdout.write(line);
    if (line.includes(UNDECLARED)) undeclared.push(line);
  };
  return {
    log: pino({ level: shown ?? 'error' }, { write }),
    assertDeclared: () => {
      assertDeclared(undeclared);
    },
  };
}

/** Of lines of a log. @throws Error when one says that a problem was answered that its operation does not declare */
export function assertDeclared(lines: readonly string[]): void {
  const found = lines.filter((line) => line.includes(UNDECLARED)).map((line) => line.trim());
  if (found.length > 0)
    throw new Error(`name these codes among the problems of the operation:\n${found.join('\n')}`);
}
