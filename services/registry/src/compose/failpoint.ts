import { killAt, noFailpoint, type Failpoint } from '../domain/failpoint.js';

/** The failpoint that the configuration names; for crash tests only. */
export function openFailpoint(name: string | undefined): Failpoint {
  if (name === undefined) return noFailpoint;
  return killAt(name, () => process.kill(process.pid, 'SIGKILL'));
}
