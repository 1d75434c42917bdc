import type { JournalEvent } from './events.js';
import type { StepState } from './scope.js';

type Finished = Extract<JournalEvent, { readonly type: 'step.finished' }>;

/** The event that an attempt ends with: another attempt follows where the step asks for it and has one left. */
export function endAttempt(
  { step, role, tries }: Pick<StepState, 'step' | 'role' | 'tries'>,
  finished: Finished,
  retryable = true,
): JournalEvent {
  const left = (step.retry?.attempts ?? 1) - tries - 1;
  const again = finished.status === 'failed' && retryable && left > 0 && role !== 'loop';
  return again ? { ...finished, type: 'step.retrying' } : finished;
}
