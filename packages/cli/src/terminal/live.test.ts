import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openLive } from './live.js';
import { PLAIN } from './style.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('draws nothing while a question stands, and goes on after it', () => {
  let written = '';
  const live = openLive(
    {
      isTty: true,
      canRedraw: true,
      style: PLAIN,
      columns: () => 80,
      write: (text) => (written += String(text)),
      isClosed: () => false,
      failure: () => undefined,
      flush: () => Promise.resolve(),
    },
    500,
  );
  live.set(() => ['working']);
  const release = live.hold();
  vi.advanceTimersByTime(2000);
  expect(written).toBe('');
  release();
  vi.advanceTimersByTime(200);
  expect(written).toContain('working');
  live.hold();
  written = '';
  vi.advanceTimersByTime(2000);
  expect(written).toBe('');
  live.close();
});

const ESCAPE = String.fromCharCode(0x1b);
const TOKENS = new RegExp(`${ESCAPE}\\[\\d*[A-Z]|\\r|\\n|[^${ESCAPE}\\r\\n]+`, 'g');
const MOVE = new RegExp(`^${ESCAPE}\\[(\\d*)([A-Z])$`);

/** A screen of so many rows above which lines scroll away for good: what a terminal makes of the little that is written to it. */
function createScreen(rows: number): {
  readonly write: (text: string) => void;
  readonly lines: () => readonly string[];
} {
  const lines = [''];
  let row = 0;
  let column = 0;
  const put = (text: string): void => {
    const line = (lines[row] ?? '').padEnd(column);
    lines[row] = line.slice(0, column) + text + line.slice(column + text.length);
    column += text.length;
  };
  return {
    write: (text) => {
      for (const [token] of text.matchAll(TOKENS)) {
        const [, count = '', verb] = MOVE.exec(token) ?? [];
        if (verb === 'A') row = Math.max(lines.length - rows, 0, row - Number(count));
        else if (verb === 'J') lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column));
        else if (verb === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
        else if (token === '\r') column = 0;
        else if (token === '\n') {
          column = 0;
          if (++row === lines.length) lines.push('');
        } else put(token);
      }
    },
    lines: () => lines.slice(0, -1),
  };
}

it('leaves in the scroll-back what was said, once and in order, however much is redrawn and whatever is typed meanwhile', () => {
  const actions = fc.array(
    fc.oneof(
      fc.record({ say: fc.stringMatching(/^[a-z]{1,18}$/) }),
      fc.record({ set: fc.array(fc.stringMatching(/^[A-Z ]{0,40}$/), { maxLength: 30 }) }),
      fc.constant({ wait: 100 }),
      fc.constant({ echo: '^Cabc' }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(actions, fc.integer({ min: 3, max: 12 }), (list, rows) => {
      const screen = createScreen(rows);
      const live = openLive(
        {
          isTty: true,
          canRedraw: true,
          style: PLAIN,
          columns: () => 20,
          rows: () => rows,
          write: (text) => {
            screen.write(String(text));
          },
          isClosed: () => false,
          failure: () => undefined,
          flush: () => Promise.resolve(),
        },
        0,
      );
      const said: string[] = [];
      // What is typed is written where the cursor stands: below the lines, when there are any.
      let isDrawn = false;
      let count = 0;
      for (const action of list) {
        if ('say' in action) {
          live.clear();
          screen.write(`${action.say}\n`);
          isDrawn = false;
          said.push(action.say);
        } else if ('set' in action) {
          live.set(() => action.set);
          count = action.set.length;
        } else if ('wait' in action) {
          vi.advanceTimersByTime(action.wait);
          isDrawn = count > 0;
        } else if (isDrawn) screen.write(action.echo);
      }
      live.close();
      screen.write('\r\u001b[0K\n');
      expect(screen.lines().filter((line) => line !== '')).toEqual(said);
    }),
  );
});
