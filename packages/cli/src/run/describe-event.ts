import type { RunEvent } from '@sheaf/engine';
import { describeDecision } from '../output/decisions.js';
import { printableLines } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { formatBytes, formatDuration, plural } from '../terminal/text.js';

/** How a step ended, in one line that stays; undefined for an event that is no news to a reader. */
export function describeEvent(event: RunEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'step.finished': {
      const took = formatDuration(event.durationMs);
      if (event.status === 'succeeded')
        return `${style.green('✓')} ${event.step} ${took}${describeHidden(event.redactions)}`;
      const why = event.reason === undefined ? '' : `: ${shownLine(event.reason.message)}`;
      return `${style.red('✗')} ${event.step} ${took}${why}${describeHidden(event.redactions)}`;
    }
    case 'policy.decided': {
      // What is refused is told by what fails for it.
      if (event.result !== 'limited') return undefined;
      const who = event.step === undefined ? '' : `${event.step} `;
      return `${style.yellow('!')} ${who}${describeDecision(event)}`;
    }
    case 'step.retrying': {
      const why = event.reason === undefined ? '' : `: ${shownLine(event.reason.message)}`;
      return `${style.yellow('!')} ${event.step} attempt ${event.attempt}${why}`;
    }
    case 'step.waiting':
      if (event.for === 'retry') return undefined;
      return event.for === 'event'
        ? `${style.cyan('●')} ${event.step} waits for an event from ${shownLine(event.eventSource ?? '')}`
        : `${style.cyan('●')} ${event.step} waits until ${new Date(event.until ?? 0).toISOString()}`;
    case 'step.passed':
      return `${style.dim('○')} ${event.step} waits on: the event that came is not the one`;
    case 'step.cache':
      return event.result === 'hit'
        ? `${style.green('=')} ${event.step} ${shownLine(event.why)}`
        : `${style.dim('○')} ${event.step} is not in the cache: ${shownLine(event.why)}`;
    case 'artifact.kept':
      return `${style.green('✓')} kept ${event.name} ${shownLine(event.path)} (${formatBytes(event.sizeBytes)})`;
    case 'artifact.missing':
      return `${style.yellow('!')} ${shownLine(event.reason.message)}`;
    case 'run.catching':
      return `${style.yellow('!')} ${event.error.step === '' ? 'the outputs' : event.error.step} failed, catch begins`;
    case 'workspace.created':
      return `${style.cyan('●')} ${describeWorkspace(event)}`;
    case 'workspace.reused':
      return `${style.cyan('●')} the workspace of run ${event.from}: ${shownLine(event.cwd)}`;
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

const MADE = { worktree: 'a worktree', jj: 'a jj workspace', copy: 'a copy' } as const;

/** What a workspace was made of, and what is not in it. */
function describeWorkspace({
  kind,
  head,
  root,
  uncommitted,
}: Extract<RunEvent, { type: 'workspace.created' }>): string {
  const made = `in ${MADE[kind]} of ${head === undefined ? shownLine(root) : head.slice(0, 7)}`;
  if (uncommitted === undefined) return made;
  const { count, files } = uncommitted;
  const named = files.slice(0, SHOWN_FILES).map(shownLine).join(', ');
  const more = count > SHOWN_FILES ? ', …' : '';
  return `${made}, without ${plural(count, 'uncommitted file')}: ${named}${more} (--include-uncommitted)`;
}

const SHOWN_FILES = 3;

function describeHidden(count = 0): string {
  return count === 0 ? '' : `, ${plural(count, 'secret')} hidden in its output`;
}

/** A line that a step wrote, as it is shown. */
export function shownLine(line: string): string {
  return printableLines(line).replaceAll('\n', ' ');
}

type StepEnd = Extract<
  RunEvent,
  { type: 'step.finished' | 'step.retrying' | 'step.skipped' | 'step.interrupted' }
>;

/** Whether a step, or an attempt at it, runs no more after an event. */
export function endsStep(event: RunEvent): event is StepEnd {
  const { type } = event;
  return (
    type === 'step.finished' ||
    type === 'step.retrying' ||
    type === 'step.skipped' ||
    type === 'step.interrupted'
  );
}
