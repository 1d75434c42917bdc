import type { OutputStream } from './stream.js';
import { cutTo, widthOf } from './text.js';

/** The room that lines of a live region have. */
export interface LiveSize {
  readonly columns: number;
  readonly rows: number;
}

/** Lines at the end of the screen that are drawn again while something goes on, at most ten times a second. */
export interface LiveRegion {
  /** What stands there from now on; drawn when its time has come. Lines that do not fit are left out. */
  readonly set: (lines: (size: LiveSize) => readonly string[]) => void;
  /** Takes the lines away, so that ordinary lines may be printed above them. */
  readonly clear: () => void;
  /** Takes the lines away and draws none until what it returns is called. */
  readonly hold: () => () => void;
  /** Takes the lines away for good. */
  readonly close: () => void;
}

const REDRAW_MS = 100;
/** Of a terminal that does not say how high it is. */
const USUAL_ROWS = 24;

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
  let lines: (size: LiveSize) => readonly string[] = () => [];
  let drawn: readonly string[] = [];
  let holds = 0;
  let timer: NodeJS.Timeout | undefined;
  const goBack = (columns: number): string => {
    const rows = rowsOf(drawn, columns);
    // From the left edge: the terminal itself writes `^C` where the cursor stands.
    return rows > 0 ? `\r\u001b[${rows}A` : '';
  };
  const clear = (): void => {
    if (drawn.length > 0) stream.write(`${goBack(stream.columns() ?? 80)}\u001b[0J`);
    drawn = [];
  };
  const draw = (): void => {
    if (holds > 0) return;
    const size = { columns: stream.columns() ?? 80, rows: stream.rows?.() ?? USUAL_ROWS };
    // What stands higher than the screen cannot be reached again: it would be left in the scroll-back at every drawing.
    const next = lines(size)
      .slice(0, Math.max(1, size.rows - 1))
      .map((line) => cutTo(line, size.columns - 1));
    const back = goBack(size.columns);
    drawn = next;
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

/** How many rows of the screen lines take now: a terminal that became narrower since has broken the longer ones. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
}
