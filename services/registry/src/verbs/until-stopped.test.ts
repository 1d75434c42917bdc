import { expect, test } from 'vitest';
import { untilStopped } from './until-stopped.js';

function service(lost: Promise<Error>, failure?: Error) {
  let stops = 0;
  const stop = (): Promise<void> => {
    stops += 1;
    return failure ? Promise.reject(failure) : Promise.resolve();
  };
  return { lost, stop, stops: () => stops };
}
const never = new Promise<never>(() => undefined);

test('a service that is told to stop is stopped, and what fails then is told', async () => {
  const stop = new AbortController();
  const running = service(never);
  const waiting = untilStopped(stop.signal, running);
  await Promise.resolve();
  expect(running.stops()).toBe(0);
  stop.abort();
  await waiting;
  expect(running.stops()).toBe(1);
  const failure = new Error('a job does not end');
  await expect(untilStopped(stop.signal, service(never, failure))).rejects.toBe(failure);
});

test('a service that has lost its database is stopped, and fails with that whatever else fails', async () => {
  const loss = new Error('the port is taken');
  for (const failure of [undefined, new Error('no database')]) {
    const running = service(Promise.resolve(loss), failure);
    await expect(untilStopped(new AbortController().signal, running)).rejects.toBe(loss);
    expect(running.stops()).toBe(1);
  }
});
