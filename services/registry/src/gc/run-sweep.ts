import type { Logger } from 'pino';
import { createCloseStack } from '../compose/close-stack.js';
import { openDatabaseBeside } from '../compose/database.js';
import { openFailpoint } from '../compose/failpoint.js';
import { openObjectsBeside } from '../compose/objects.js';
import type { Config } from '../config.js';
import { assertOwnStore } from '../domain/setup/own-store.js';
import { openLockSession } from '../jobs/lock-session.js';
import { StartError } from '../start-error.js';
import {
  finishSweeps,
  storeTimeMs,
  SWEEP_PARTS,
  sweepPart,
  type SweepOptions,
  type SweepResult,
} from './sweep.js';
import { lockSweeps } from './sweep-lock.js';

/** One sweep of everything, while no other one runs. @throws StartError `gc.busy`, and as a start of the service */
export async function runSweep(
  config: Config,
  log: Logger,
  options: Omit<SweepOptions, 'storeNowMs'>,
): Promise<SweepResult> {
  const stack = createCloseStack();
  try {
    const { db } = stack.add(await openDatabaseBeside(config, log));
    const objects = await openObjectsBeside(config, log);
    await assertOwnStore({ db, objects });
    const locks = stack.add(openLockSession(db));
    const lock = await lockSweeps(locks, options.signal);
    if (lock === undefined)
      throw new StartError('gc.busy', 'another process sweeps now', 'wait until it has ended, and try again');
    const signal = AbortSignal.any([options.signal, lock.lost]);
    const deps = {
      db,
      objects,
      now: () => Date.now(),
      elapsedMs: () => performance.now(),
      failpoint: openFailpoint(config.server.failpoint),
    };
    if (!options.isDryRun) await finishSweeps(deps, signal);
    const storeNowMs = await storeTimeMs(objects);
    const totals = { seen: 0, orphans: 0, orphanBytes: 0, removed: 0, kept: 0 };
    for (let part = 0; part < SWEEP_PARTS; part += 1) {
      const result = await sweepPart(deps, part, { ...options, storeNowMs, signal });
      totals.seen += result.seen;
      totals.orphans += result.orphans;
      totals.orphanBytes += result.orphanBytes;
      totals.removed += result.removed;
      totals.kept += result.kept;
    }
    return totals;
  } finally {
    await stack.close();
  }
}
