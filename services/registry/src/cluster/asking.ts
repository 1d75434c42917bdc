/** Questions to another process that wait for their answers. */
export interface Asking<Answer> {
  /** Sends a question under a new number; rejects when no answer has come in time. */
  ask(send: (id: number) => void): Promise<Answer>;
  /** Takes an answer; one that nobody waits for any more is let go. */
  readonly answer: (id: number, answer: Answer) => void;
}

export function createAsking<Answer>(timeoutMs: number): Asking<Answer> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  return {
    ask: (send) =>
      new Promise((resolve, reject) => {
        last += 1;
        const id = last;
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error('the other process did not answer'));
        }, timeoutMs);
        waiting.set(id, (answer) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(answer);
        });
        send(id);
      }),
    answer: (id, answer) => waiting.get(id)?.(answer),
  };
}
