import type { Resources } from '@sheaf/workflow';
import type { Time } from '../ports.js';
import { STOPPED, type Attempt, type AttemptEnd, type Leases } from './attempt-port.js';

/** How often one that waits for its share looks whether it is there. */
const LOOK_MS = 50;

/**
 * An attempt that begins when its share of the machine is free, in the order in which the attempts of all runs asked. One that
 * wants more than the machine has gets all of it.
 */
export function leasedAttempt(
  { store, owner, isAlive, whole }: Leases,
  time: Time,
  resources: Resources,
  begin: () => Attempt,
): Attempt {
  const id = store.ask(owner, {
    cpus: Math.min(resources.cpus ?? 0, whole.cpus),
    memoryBytes: Math.min(resources.memoryBytes ?? 0, whole.memoryBytes),
  });
  let inner: Attempt | undefined;
  let isStopped = false;
  const waitForShare = async (): Promise<boolean> => {
    while (!isStopped) {
      if (store.isGiven(id, whole, isAlive)) return true;
      await new Promise<void>((resolve) => time.after(LOOK_MS, resolve));
    }
    return false;
  };
  const perform = async (): Promise<AttemptEnd> => {
    try {
      if (!(await waitForShare())) return STOPPED;
      inner = begin();
      return await inner.end;
    } finally {
      store.giveBack(id);
    }
  };
  const stop = (act: 'stop' | 'kill') => (): void => {
    isStopped = true;
    inner?.[act]();
  };
  return { stop: stop('stop'), kill: stop('kill'), end: perform() };
}
