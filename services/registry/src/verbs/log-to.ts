import { pino, type Logger } from 'pino';

/** A line for each request would be a write for each: those of a moment are written together. A process that is killed loses them. */
const WRITTEN_TOGETHER = { minLength: 4096, periodicFlush: 200 };

/** The log of a process: JSON lines on standard error. */
export function logTo(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: false, ...WRITTEN_TOGETHER }),
  );
}
