import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isClientError,
  openAuditStore,
  openLogAudit,
  type AuditEvent,
  type AuditResult,
} from '@sheaf/client';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { auditDocument, auditLine } from '../output/audit.js';
import { printable } from '../terminal/escape.js';
import { ensurePinned } from './first-contact.js';
import { loadPolicy } from './policy-files.js';
import type { Session } from './session.js';

export interface AuditOptions {
  readonly realm: string;
  /** Namespaces whose entries are printed; all when there is none. */
  readonly watched: ReadonlySet<string>;
  readonly fromStart: boolean;
  /** Go on until the signal, asking so often; undefined to stop when all is audited. */
  readonly intervalMs: number | undefined;
  readonly yes: boolean;
}

/** How far the log was audited. */
export interface Audited {
  readonly result: AuditResult;
  /** Entries judged by this invocation. */
  readonly entries: number;
  /** Of these, entries of a type that is not known. */
  readonly unknown: number;
  /** Of these, entries that were printed. */
  readonly shown: number;
}

/** After so many lines, what was printed must have left before more is. */
const FLUSH_AFTER = 1000;

/** Audits a registry's log, and prints the entries that are watched. */
export async function auditRegistry(
  context: Context,
  session: Session,
  options: AuditOptions,
): Promise<Audited> {
  const { realm, intervalMs } = options;
  const { signal, ui } = context;
  const { client, url } = session;
  const pin = await ensurePinned(context, session, { yes: options.yes });
  const trust = await session.trust();
  const { witnesses } = await loadPolicy(context);
  const printer = createPrinter(context, options.watched);
  const store = openAuditStore(join(context.paths.state(), 'audit'), pin, realm);
  const audit = openLogAudit(
    {
      getCheckpoint: () => client.getCheckpoint({ realm, signal }),
      fetchTile: (level, index, width) => client.getTile(level, index, width, { realm, signal }),
      fetchEntries: (index, width) => client.getEntries(index, width, { realm, signal }),
      fetchKeyHistory: (namespace) => client.getNamespaceKeys(namespace, { signal }),
      // What is remembered is not told again, so it has been read before.
      store: { ...store, save: (state) => printer.delivered().then(() => store.save(state)) },
    },
    { pin, realm, fromStart: options.fromStart, witnesses, watched: options.watched },
  );
  let entries = 0;
  let audited: Audited | undefined;
  for (;;) {
    try {
      const { realms } = await trust.getPin(url);
      const pinned = realms.get(realm)?.checkpoint ?? null;
      const result = await audit.catchUp({ pinned, onEvent: printer.print });
      entries += result.entries;
      audited = { result, entries, unknown: printer.unknown(), shown: printer.shown() };
      if (intervalMs === undefined) return audited;
      if (result.entries > 0) ui.say(progressOf(result));
    } catch (error) {
      // To stop following is how following ends.
      if (signal.aborted && intervalMs !== undefined && audited !== undefined) return audited;
      if (intervalMs === undefined || !isPassing(error)) throw error;
      ui.warn(`${printable(error.message)}; asking again in ${intervalMs / 1000} s`);
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

/** `audited 3 entries up to size 12, root …`. */
export function progressOf({ entries, size, root }: AuditResult): string {
  const count = `${entries} ${entries === 1 ? 'entry' : 'entries'}`;
  return `audited ${count} up to size ${size}, root ${Buffer.from(root).toString('base64')}`;
}

function createPrinter({ stdout, json }: Context, watched: ReadonlySet<string>) {
  let lines = 0;
  let unknown = 0;
  /** @throws CliError `output.closed` when nobody has read all that was printed */
  const delivered = async (): Promise<void> => {
    await stdout.flush();
    if (!stdout.isClosed()) return;
    throw new CliError('output.closed', 'whoever read the entries has gone away', {
      hint: 'run it again: what was not read is told once more',
    });
  };
  return {
    delivered,
    unknown: () => unknown,
    shown: () => lines,
    print: async (event: AuditEvent): Promise<void> => {
      if (event.leaf === undefined) unknown++;
      if (watched.size > 0 && !watched.has(event.namespace)) return;
      stdout.write(`${json ? JSON.stringify(auditDocument(event)) : auditLine(event, stdout.isTty)}\n`);
      if (++lines % FLUSH_AFTER === 0) await delivered();
    },
  };
}

/**
 * A network or a registry that fails may be back later, and witnesses may not have been asked yet; a log that
 * contradicts itself stays so.
 */
function isPassing(error: unknown): error is Error {
  if (isClientError(error, 'witness.quorum')) return true;
  return isClientError(error) && error.verification === undefined && error.retry !== undefined;
}
