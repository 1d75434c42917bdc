import type { Context } from '../frame/context.js';
import type { LiveSize } from '../terminal/live.js';
import type { Style } from '../terminal/style.js';
import { formatDuration, plural } from '../terminal/text.js';
import { describeEvent, endsStep, shownLine } from './describe-event.js';
import { createLineSplitter } from './lines.js';
import type { Reporter, Shown } from './report.js';

const LIVE_AFTER_MS = 150;
const LINES_UNDER_STEP = 3;

/** A step that runs: since when, and the last lines that it wrote. */
interface RunningStep {
  readonly startedMs: number;
  readonly lines: readonly string[];
}

/**
 * On a terminal: what has ended stays in the scroll-back, a line each; below it what runs, with the last lines that it wrote, and
 * what still waits, drawn again and again.
 */
export function liveReporter({ ui, now }: Pick<Context, 'ui' | 'now'>, { plan, settled }: Shown): Reporter {
  const { style } = ui.stderr;
  const running = new Map<string, RunningStep>();
  const waiting = new Set(plan.steps.flatMap(({ id }) => (settled.has(id) ? [] : id)));
  const splitter = createLineSplitter();
  const live = ui.live(LIVE_AFTER_MS);
  live.set((size) => drawSteps({ running, waiting, nowMs: now() }, style, size));
  return {
    onEvent: (event) => {
      if ('step' in event) waiting.delete(event.step);
      if (event.type === 'step.started') running.set(event.step, { startedMs: now(), lines: [] });
      if (endsStep(event)) {
        splitter.flush(event.step);
        running.delete(event.step);
      }
      const line = describeEvent(event, style);
      if (line !== undefined) ui.say(line);
    },
    onOutput: (step, stream, chunk) => {
      const lines = splitter
        .push(step, stream, chunk)
        .map(shownLine)
        .filter((line) => line.trim() !== '');
      const before = running.get(step);
      if (before === undefined || lines.length === 0) return;
      running.set(step, { ...before, lines: [...before.lines, ...lines].slice(-LINES_UNDER_STEP) });
    },
    close: live.close,
  };
}

/** What stands below the scroll-back now. */
export interface Drawn {
  readonly running: ReadonlyMap<string, RunningStep>;
  readonly waiting: ReadonlySet<string>;
  readonly nowMs: number;
}

/** The lines of a live list that fit the screen: steps that run before what they wrote, that before what waits. */
export function drawSteps(
  { running, waiting, nowMs }: Drawn,
  style: Style,
  { rows }: LiveSize,
): readonly string[] {
  const room = Math.max(1, rows - 2);
  const shown = [...running].slice(0, running.size > room ? room - 1 : room);
  const hidden = running.size - shown.length;
  const left = room - shown.length - (hidden > 0 ? 1 : 0) - (waiting.size > 0 ? 1 : 0);
  const each = Math.max(0, Math.min(LINES_UNDER_STEP, Math.floor(left / Math.max(1, shown.length))));
  return [
    ...shown.flatMap(([step, { startedMs, lines }]) => [
      `${style.cyan('●')} ${step} ${formatDuration(nowMs - startedMs)}`,
      ...lines.slice(lines.length - Math.min(each, lines.length)).map((line) => style.dim(`  │ ${line}`)),
    ]),
    ...(hidden > 0 ? [style.dim(`  and ${plural(hidden, 'more step')} at work`)] : []),
    ...(waiting.size > 0 && left >= 0
      ? [style.dim(`○ ${waiting.size} to come: ${[...waiting].join(', ')}`)]
      : []),
  ];
}
