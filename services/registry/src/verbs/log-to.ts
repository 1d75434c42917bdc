import { pino, type Logger } from 'pino';

/** The log of a process: JSON lines on standard error. */
export function logTo(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: false }),
  );
}
