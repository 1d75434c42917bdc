import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createCloseStack, type Closable } from '../compose/close-stack.js';
import { openDatabaseBeside } from '../compose/database.js';
import { openLogs, type OpenedLogs } from '../compose/logs.js';
import { openObjectsBeside } from '../compose/objects.js';
import type { Config } from '../config.js';
import type { Db } from '../db/connection.js';
import { systemCaller, type SystemCaller } from '../domain/admin/system-caller.js';
import { noFailpoint } from '../domain/failpoint.js';
import { assertOwnStore } from '../domain/setup/own-store.js';
import { setUpRegistry } from '../domain/setup/setup.js';
import { loadLogKey } from '../log-key.js';
import { StartError } from '../start-error.js';

/** What a command of an administrator works with. */
export interface AdminSession extends Closable {
  readonly db: Db;
  readonly now: () => number;
  readonly caller: SystemCaller;
  readonly limits: Config['limits'];
  readonly tokens: Config['signIn']['tokens'];
  /** The transparency logs, opened when they are needed: some commands are events of a log. */
  readonly openLogs: () => Promise<OpenedLogs>;
}

/** @throws StartError, PostgresError */
export async function openAdmin(config: Config, log: Logger): Promise<AdminSession> {
  const stack = createCloseStack();
  const now = () => Date.now();
  const { db } = stack.add(await openDatabaseBeside(config, log));
  return {
    db,
    now,
    caller: systemCaller(randomUUID(), now()),
    limits: config.limits,
    tokens: config.signIn.tokens,
    openLogs: async () => {
      const objects = await openObjectsBeside(config, log);
      await assertOwnStore({ db, objects });
      const identity = await setUpRegistry({
        db,
        configuredOrigin: config.log.origin,
        loadLogKey: (isNew) =>
          isNew ? refuseNew() : loadLogKey(config.server.dataDir, config.log.signingKey, false),
        keepOwnerToken: refuseNew,
      });
      const clocks = { now, elapsedMs: () => performance.now() };
      const parts = { db, objects, identity, failpoint: noFailpoint, ...clocks, log };
      return stack.add(openLogs(config.log, parts));
    },
    close: () => stack.close(),
  };
}

function refuseNew(): Promise<never> {
  return Promise.reject(
    new StartError(
      'registry.not_set_up',
      'the registry has never been started on this database',
      'start it once: sheaf-registry serve',
    ),
  );
}
