import type { Logger } from 'pino';
import { createCloseStack } from '../compose/close-stack.js';
import { openDatabaseBeside } from '../compose/database.js';
import { openObjectsBeside } from '../compose/objects.js';
import type { Config } from '../config.js';
import { assertOwnStore } from '../domain/setup/own-store.js';
import { checkRegistry, type CheckOptions, type CheckResult } from './check.js';

/** Opens what the configuration names, and checks it. */
export async function runCheck(config: Config, log: Logger, options: CheckOptions): Promise<CheckResult> {
  const stack = createCloseStack();
  try {
    const { db } = stack.add(await openDatabaseBeside(config, log));
    const objects = await openObjectsBeside(config, log);
    await assertOwnStore({ db, objects });
    return await checkRegistry({ db, objects }, options);
  } finally {
    await stack.close();
  }
}
