import type { RunEvent } from '@sheaf/engine';
import { printableLines } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { formatDuration } from '../terminal/text.js';

/** How a step ended, in one line that stays; undefined for an event that is no news to a reader. */
export function describeEvent(event: RunEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'step.finished': {
      const took = formatDuration(event.durationMs);
      if (event.status === 'succeeded') return `${style.green('✓')} ${event.step} ${took}`;
      const why = event.reason === undefined ? '' : `: ${shownLine(event.reason.message)}`;
      return `${style.red('✗')} ${event.step} ${took}${why}`;
    }
    case 'step.reused':
      return `${style.green('✓')} ${event.step} ${formatDuration(event.durationMs)}, kept from run ${event.from}`;
    case 'step.skipped':
      return `${style.dim('○')} ${event.step} skipped: ${shownLine(event.reason.message)}`;
    case 'step.interrupted':
      return `${style.yellow('!')} ${event.step}: ${shownLine(event.reason.message)}`;
    default:
      return undefined;
  }
}

/** A line that a step wrote, as it is shown. */
export function shownLine(line: string): string {
  return printableLines(line).replaceAll('\n', ' ');
}

type StepEnd = Extract<RunEvent, { type: 'step.finished' | 'step.skipped' | 'step.interrupted' }>;

/** Whether a step runs no more after an event. */
export function endsStep(event: RunEvent): event is StepEnd {
  return event.type === 'step.finished' || event.type === 'step.skipped' || event.type === 'step.interrupted';
}
