import { sql } from 'kysely';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { LogFrozenError } from '../../domain/log/frozen.js';
import { PUBLIC_REALM } from '../../domain/log/realms.js';
import { assertLogOpen } from '../../domain/log/settle.js';
import type { Handler } from '../../http/context.js';
import { PRIVATE, sendJson } from '../../http/respond.js';

/** `GET /healthz`: the process answers. */
export function showHealth(): Handler {
  return (ctx) => {
    sendJson(ctx, { status: 'ok' }, PRIVATE);
    return Promise.resolve();
  };
}

/** `GET /readyz`: the database and the object store answer too, so that requests may be sent here; and whether the public log goes on. */
export function showReadiness(deps: AppDeps): Handler {
  return async (ctx) => {
    await sql`select 1`.execute(deps.db).catch((cause: unknown) => {
      throw new RegistryError('service.database_down', 'the database does not answer', { cause });
    });
    await deps.objects.check().catch((cause: unknown) => {
      throw new RegistryError('service.storage_down', 'the object store does not answer', { cause });
    });
    // A frozen log is still read: requests may be sent here, though nothing can be published.
    const frozen = await findFrozen(deps);
    const log = frozen ? { log: 'frozen', detail: frozen.message } : { log: 'ok' };
    sendJson(ctx, { status: 'ready', database: 'ok', storage: 'ok', ...log }, PRIVATE);
  };
}

async function findFrozen(deps: AppDeps): Promise<LogFrozenError | undefined> {
  try {
    await assertLogOpen(deps, PUBLIC_REALM);
    return undefined;
  } catch (error) {
    if (error instanceof LogFrozenError) return error;
    throw error;
  }
}
