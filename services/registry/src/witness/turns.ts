/** Runs tasks of one name one after the other, and tasks of different names side by side. */
export interface Turns {
  /** Undefined when too many wait for the name; nothing was started then. */
  take<T>(name: string, task: () => Promise<T>): Promise<T> | undefined;
}

/** @param maxWaiting most tasks of one name that wait or run */
export function createTurns(maxWaiting: number): Turns {
  const queues = new Map<string, { readonly last: Promise<unknown>; readonly length: number }>();

  const leave = (name: string): void => {
    const queue = queues.get(name);
    if (queue === undefined || queue.length === 1) queues.delete(name);
    else queues.set(name, { ...queue, length: queue.length - 1 });
  };

  return {
    take: (name, task) => {
      const queue = queues.get(name) ?? { last: Promise.resolve(), length: 0 };
      if (queue.length >= maxWaiting) return undefined;
      const turn = queue.last.then(task, task).finally(() => {
        leave(name);
      });
      queues.set(name, { last: turn, length: queue.length + 1 });
      return turn;
    },
  };
}
