import type { OutputStream } from './stream.js';
import { cutTo } from './text.js';

/** Lines at the end of the screen that are drawn again while something goes on, at most ten times a second. */
export interface LiveRegion {
  /** What stands there from now on; drawn when its time has come. */
  readonly set: (lines: () => readonly string[]) => void;
  /** Takes the lines away, so that ordinary lines may be printed above them. */
  readonly clear: () => void;
  /** Takes the lines away and draws none until what it returns is called. */
  readonly hold: () => () => void;
  /** Takes the lines away for good. */
  readonly close: () => void;
}

const REDRAW_MS = 100;

/**
 * Opens a region on a terminal; elsewhere it draws nothing.
 *
 * @param afterMs quiet time before the first drawing, so that quick work shows nothing
 */
export function openLive(stream: OutputStream, afterMs: number): LiveRegion {
  if (!stream.canRedraw) {
    const nothing = (): undefined => undefined;
    return { set: nothing, clear: nothing, hold: () => nothing, close: nothing };
  }
  let lines: () => readonly string[] = () => [];
  let drawn = 0;
  let holds = 0;
  let timer: NodeJS.Timeout | undefined;
  const clear = (): void => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (holds > 0) return;
    const columns = stream.columns() ?? 80;
    const next = lines().map((line) => cutTo(line, columns - 1));
    const back = drawn > 0 ? `\u001b[${drawn}A` : '';
    drawn = next.length;
    stream.write(`${back}${next.map((line) => `${line}\u001b[0K\n`).join('')}\u001b[0J`);
  };
  const start = setTimeout(() => {
    draw();
    timer = setInterval(draw, REDRAW_MS);
    timer.unref();
  }, afterMs);
  start.unref();
  return {
    set: (next) => {
      lines = next;
    },
    clear,
    hold: () => {
      holds++;
      clear();
      return () => {
        holds--;
      };
    },
    close: () => {
      clearTimeout(start);
      clearInterval(timer);
      clear();
    },
  };
}
