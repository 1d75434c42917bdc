import type { RunControl, RunEvent } from '@sheaf/engine';
import type { Context } from '../frame/context.js';
import { printableLines } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { formatDuration, plural } from '../terminal/text.js';
import { createLineSplitter } from './lines.js';

/** Shows a run while it goes on. */
export interface RunReporter extends Required<Pick<RunControl, 'onEvent' | 'onOutput'>> {
  /** How many steps run now. */
  readonly running: () => number;
  readonly close: () => void;
}

const LIVE_AFTER_MS = 150;
const LINES_UNDER_STEP = 3;
const MAX_SHOWN_STEPS = 8;

/** JSON lines under `--json`, a live list on a terminal, plain lines elsewhere. */
export function openReporter(context: Context, now: () => number): RunReporter {
  const running = new Map<string, RunningStep>();
  const track = (event: RunEvent): void => {
    if (event.type === 'step.started') running.set(event.step, { startedMs: now(), lines: [] });
    if (event.type === 'step.finished' || event.type === 'step.skipped' || event.type === 'step.interrupted')
      running.delete(event.step);
  };
  const shared = { running: () => running.size };
  if (context.json) return { ...shared, ...jsonReporter(context, track) };
  return { ...shared, ...textReporter(context, running, track, now) };
}

interface RunningStep {
  readonly startedMs: number;
  readonly lines: string[];
}

function jsonReporter(
  context: Context,
  track: (event: RunEvent) => void,
): Pick<RunReporter, 'onEvent' | 'onOutput' | 'close'> {
  const print = (event: object): void => {
    context.stdout.write(`${JSON.stringify({ schema: 'sheaf.run-event/1', ...event })}\n`);
  };
  const splitter = createLineSplitter();
  const printOutput = (step: string, lines: readonly string[], stream?: string): void => {
    for (const text of lines)
      print({ type: 'step.output', step, ...(stream === undefined ? {} : { stream }), text });
  };
  return {
    onEvent: (event) => {
      if (event.type === 'step.finished') printOutput(event.step, splitter.flush(event.step));
      track(event);
      print(event);
    },
    onOutput: (step, stream, chunk) => {
      printOutput(step, splitter.push(step, stream, chunk), stream);
    },
    close: () => undefined,
  };
}

function textReporter(
  context: Context,
  running: Map<string, RunningStep>,
  track: (event: RunEvent) => void,
  now: () => number,
): Pick<RunReporter, 'onEvent' | 'onOutput' | 'close'> {
  const { ui } = context;
  const { style, canRedraw } = ui.stderr;
  const splitter = createLineSplitter();
  const live = ui.live(LIVE_AFTER_MS);
  live.set(() => drawRunning(running, style, now()));
  const take = (step: string, lines: readonly string[]): void => {
    for (const raw of lines) {
      const line = printableLines(raw).replaceAll('\n', ' ');
      if (!canRedraw) ui.say(`[${step}] ${line}`);
      else if (line.trim() !== '') {
        const kept = running.get(step)?.lines;
        kept?.push(line);
        if (kept !== undefined && kept.length > LINES_UNDER_STEP) kept.shift();
      }
    }
  };
  return {
    onEvent: (event) => {
      if (event.type === 'step.finished') take(event.step, splitter.flush(event.step));
      track(event);
      const line = describeEvent(event, style);
      if (line !== undefined) ui.say(line);
    },
    onOutput: (step, stream, chunk) => {
      take(step, splitter.push(step, stream, chunk));
    },
    close: live.close,
  };
}

function drawRunning(
  running: ReadonlyMap<string, RunningStep>,
  style: Style,
  nowMs: number,
): readonly string[] {
  const shown = [...running].slice(0, MAX_SHOWN_STEPS);
  const hidden = running.size - shown.length;
  return [
    ...shown.flatMap(([step, { startedMs, lines }]) => [
      `${style.cyan('●')} ${step} ${formatDuration(nowMs - startedMs)}`,
      ...lines.map((line) => style.dim(`  │ ${line}`)),
    ]),
    ...(hidden > 0 ? [style.dim(`  and ${plural(hidden, 'more step')}`)] : []),
  ];
}

function describeEvent(event: RunEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'step.finished': {
      const mark = event.status === 'succeeded' ? style.green('✓') : style.red('✗');
      return `${mark} ${event.step} ${formatDuration(event.durationMs)}`;
    }
    case 'step.skipped':
      return `${style.dim('○')} ${event.step} skipped: ${printableLines(event.reason.message)}`;
    case 'step.interrupted':
      return `${style.yellow('!')} ${event.step}: ${printableLines(event.reason.message)}`;
    default:
      return undefined;
  }
}
