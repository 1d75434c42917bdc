import { EngineError } from '../errors.js';
import type { JournalEvent } from './events.js';

/** Throws EngineError `journal.corrupt` unless what must hold for an event does. */
export function expect(holds: boolean, event: JournalEvent): void {
  if (!holds) throw corrupt(event);
}

export function corrupt(event: JournalEvent): EngineError {
  const step = 'step' in event ? ` of step ${event.step}` : '';
  return new EngineError(
    'journal.corrupt',
    `the journal holds ${event.type}${step} where it cannot have happened`,
    {
      hint: 'start the run anew; its journal was changed or damaged',
    },
  );
}
