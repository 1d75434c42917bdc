import type { Fault, ProblemCode, Readiness } from '@sheaf/client/contract';
import { readSchemaState } from '@sheaf/migrations';
import { sql } from 'kysely';
import type { Db } from '../../db/connection.js';
import { oldestQueuedMs } from '../../db/queue-queries.js';
import { failingJobs, hasPulse } from '../../jobs/runs.js';
import type { ObjectStore } from '../../objects/port.js';
import type { IdentityProvider } from '../identity/identity-provider.js';
import { LogFrozenError } from '../log/frozen.js';
import type { Logs } from '../log/logs.js';
import { PUBLIC_REALM } from '../log/realms.js';
import { assertLogOpen } from '../log/settle.js';
import { within } from './within.js';

export interface ReadinessDeps {
  readonly db: Db;
  readonly objects: Pick<ObjectStore, 'check'>;
  readonly logs: Logs;
  /** Whether the logs are another registry's, to which nothing is added here. */
  readonly isMirror: boolean;
  readonly operations: { readonly hasPrivateDatabase: boolean };
  /** How long this process has been looking: what happened before it began is no fault of now. */
  readonly upForMs: number;
  readonly signIn: { readonly provider: Pick<IdentityProvider, 'signIn' | 'standing'> | undefined };
}

/** What one look at a part found: a word, and what is wrong unless it is `ok`. */
interface Finding<Word> {
  readonly word: Word;
  readonly fault?: Omit<Fault, 'part'>;
  /** Set when requests should go elsewhere because of it. */
  readonly code?: ProblemCode;
}

export interface Found {
  readonly readiness: Readiness;
  /** The worst that was found, when requests should rather be sent elsewhere. */
  readonly code: ProblemCode | undefined;
}

const CHECK_TIMEOUT_MS = 3_000;
const LAG_MS = 60_000;
const FAILURES = 3;
/** A job that runs each minute has not for so long: nobody runs any. */
const PULSE_MS = 5 * 60_000;
const UNKNOWN: Finding<'unknown'> = { word: 'unknown' };
const OK: Finding<'ok'> = { word: 'ok' };

/** Looks at every part that the service rests on, at all of them at once and for three seconds at most. */
export async function findReadiness(deps: ReadinessDeps): Promise<Found> {
  const [database, storage] = await Promise.all([checkDatabase(deps), checkStorage(deps)]);
  const isUp = database.word === 'ok';
  const [schema, log, jobs] = isUp
    ? await Promise.all([checkSchema(deps), checkLog(deps, storage.word === 'ok'), checkJobs(deps)])
    : [UNKNOWN, UNKNOWN, UNKNOWN];
  const signIn = checkSignIn(deps);
  const findings: Readonly<Record<string, Finding<string>>> = {
    ...{ database, schema, storage, log, jobs },
    ...(signIn && { signIn }),
  };
  const faults = Object.entries(findings).flatMap(([part, { fault }]) => (fault ? [{ part, ...fault }] : []));
  return {
    readiness: {
      status: faults.length === 0 ? 'ready' : 'degraded',
      database: database.word,
      schema: schema.word,
      storage: storage.word,
      log: log.word,
      jobs: jobs.word,
      ...(signIn && { signIn: signIn.word }),
      faults,
    },
    code: [database, storage, schema].find(({ code }) => code !== undefined)?.code,
  };
}

async function checkDatabase({ db, operations }: ReadinessDeps): Promise<Finding<Readiness['database']>> {
  try {
    await within(CHECK_TIMEOUT_MS, sql`select 1`.execute(db));
    return OK;
  } catch {
    const detail = 'the database does not answer';
    const remedy = operations.hasPrivateDatabase
      ? 'wait, for it is started again when it ends; else look for "the private database" in the log of the service, and at postgres.log in the data directory'
      : 'check that it runs, that DATABASE_URL names it and that it takes more connections';
    return { word: 'down', fault: { detail, remedy }, code: 'service.database_down' };
  }
}

async function checkStorage({ objects }: ReadinessDeps): Promise<Finding<Readiness['storage']>> {
  try {
    await within(CHECK_TIMEOUT_MS, objects.check());
    return OK;
  } catch {
    const detail = 'the object store cannot be read and written';
    const remedy = 'check its disk, or SHEAF_S3_ENDPOINT, the bucket and its credentials';
    return { word: 'down', fault: { detail, remedy }, code: 'service.storage_down' };
  }
}

async function checkSchema({ db }: ReadinessDeps): Promise<Finding<Readiness['schema']>> {
  try {
    const { pending, unknown } = await within(CHECK_TIMEOUT_MS, readSchemaState(db));
    if (pending.length > 0) {
      const detail = `the schema of the database lacks ${pending.join(', ')}`;
      const remedy = 'run sheaf-registry migrate';
      return { word: 'behind', fault: { detail, remedy }, code: 'service.schema_behind' };
    }
    return unknown.length > 0 ? { word: 'newer' } : OK;
  } catch {
    return UNKNOWN;
  }
}

/** A log that does not move is no reason to send requests elsewhere: everything is still read here. */
async function checkLog(deps: ReadinessDeps, hasStorage: boolean): Promise<Finding<Readiness['log']>> {
  if (!hasStorage) return UNKNOWN;
  if (deps.isMirror) return OK;
  try {
    await within(CHECK_TIMEOUT_MS, assertLogOpen(deps, PUBLIC_REALM));
    const oldestMs = await oldestQueuedMs(deps.db);
    if (oldestMs < LAG_MS) return OK;
    const detail = `a leaf has waited for its log for ${Math.round(oldestMs / 1000)} s`;
    const remedy = 'look for "a batch of leaves could not be appended" in the log of the service';
    return { word: 'lagging', fault: { detail, remedy } };
  } catch (error) {
    if (error instanceof LogFrozenError)
      return { word: 'frozen', fault: { detail: error.message, remedy: error.hint } };
    return UNKNOWN;
  }
}

async function checkJobs({ db, upForMs }: ReadinessDeps): Promise<Finding<Readiness['jobs']>> {
  try {
    const failing = (await within(CHECK_TIMEOUT_MS, failingJobs(db))).filter(
      (job) => job.failures >= FAILURES,
    );
    const [worst] = failing;
    if (!worst) {
      if (upForMs < PULSE_MS || (await within(CHECK_TIMEOUT_MS, hasPulse(db, PULSE_MS)))) return OK;
      const detail = `no process has run the jobs for ${PULSE_MS / 60_000} minutes`;
      const remedy = 'start sheaf-registry worker with the settings of the service, or leave SHEAF_JOBS on';
      return { word: 'stopped', fault: { detail, remedy } };
    }
    const detail = `${failing.map((job) => job.name).join(', ')}: failed ${worst.failures} times in a row`;
    const remedy = 'look for "a job failed" in the log of the service';
    return { word: 'failing', fault: { detail, remedy } };
  } catch {
    return UNKNOWN;
  }
}

/** Nobody signs in while the provider is away; tokens of the registry's own, and all reads, go on. */
function checkSignIn({
  signIn: { provider },
}: ReadinessDeps): Finding<NonNullable<Readiness['signIn']>> | undefined {
  const standing = provider?.standing();
  if (provider === undefined || standing?.word !== 'down') return standing;
  return { word: 'down', fault: describeProviderFault(provider.signIn.issuer, standing.reason) };
}

/** What is wrong when nobody can sign in, and what the operator does. */
export function describeProviderFault(issuer: string, reason: string): Omit<Fault, 'part'> {
  return {
    detail: `the identity provider ${issuer} does not answer as it should (${reason}): nobody can sign in there, tokens of the registry go on`,
    remedy:
      'check SHEAF_OIDC_ISSUER to the letter, that this machine reaches it, and NODE_EXTRA_CA_CERTS where its certificate is of an authority of your own',
  };
}
