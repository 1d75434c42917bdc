import { isOpen, type StepState } from './scope.js';

/** Steps in the order they became ready. Taken ones stay behind `head`, so that a whole run costs linear time. */
export interface Queue {
  readonly entries: StepState[];
  head: number;
}

export function newQueue(): Queue {
  return { entries: [], head: 0 };
}

export function enqueue(queue: Queue, entry: StepState): void {
  entry.status = 'ready';
  entry.place = queue.entries.push(entry) - 1;
}

/** Passes what at the head is not queued any more. */
export function advance(queue: Queue): void {
  while (queue.head < queue.entries.length && findQueued(queue, queue.head) === undefined) queue.head += 1;
  if (queue.head > 0 && queue.head === queue.entries.length) {
    queue.entries.length = 0;
    queue.head = 0;
  }
}

/** The step that still waits at a place. */
export function findQueued({ entries }: Queue, place: number): StepState | undefined {
  const entry = entries[place];
  return entry?.status === 'ready' && entry.place === place && isOpen(entry.scope) ? entry : undefined;
}
