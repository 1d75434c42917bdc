import type { Envelope, KeyEvent, KeyId, SigningKey } from '@sheaf/bundle';
import {
  countSignatures,
  fetchKeyHistory,
  isClientError,
  signKeyEvent,
  submitKeyEvent,
  type KeysInForce,
  type Pin,
  type VerifiedKeyHistory,
} from '@sheaf/client';
import { parseNamespace, type Namespace } from '@sheaf/workflow';
import type { Flag } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { ensurePinned } from '../registry/first-contact.js';
import { requireToken, type Session } from '../registry/session.js';
import { shellWord } from '../terminal/shell.js';
import { plural, shortId } from '../terminal/text.js';
import { describeEvent } from './describe-event.js';
import { createEventFile } from './event-file.js';
import { noteRevocations } from './revocations.js';

/** The flag that writes an event for others to sign, instead of sending it. */
export const EVENT_FLAG: Flag = {
  name: 'event',
  value: 'FILE',
  completes: 'file',
  summary: 'write the signed event there, for others to sign, and send nothing',
};

/** What became of a key event. */
export interface EventOutcome {
  /** `unchanged` when the log said so already, `written` when it waits in a file. */
  readonly status: 'logged' | 'unchanged' | 'written';
  readonly namespace: string;
  readonly type: KeyEvent['type'];
  /** Active keys of the namespace that signed. */
  readonly signedBy: readonly KeyId[];
  /** How many of them must sign. */
  readonly needed: number;
  readonly file?: string;
  readonly registry: string;
}

/** A namespace's keys as the log proves them, and where its events go. */
export interface KeyDesk {
  readonly pin: Pin;
  readonly namespace: Namespace;
  readonly history: VerifiedKeyHistory;
}

/** Reads what the log says of a namespace's keys, which every key event starts from. */
export async function openKeyDesk(
  context: Context,
  session: Session,
  options: { readonly namespace: string; readonly yes: boolean; readonly readOnly?: boolean },
): Promise<KeyDesk> {
  const namespace = parseNamespace(options.namespace);
  if (options.readOnly !== true) await requireToken(context, session);
  const pin = await ensurePinned(context, session, { yes: options.yes, compare: true });
  const { client } = session;
  const trust = await session.trust();
  try {
    const history = await fetchKeyHistory({ client, trust, namespace, signal: context.signal });
    await noteRevocations(context, { registry: pin.origin, namespace }, history.keys);
    return { pin, namespace, history };
  } catch (error) {
    if (!isClientError(error, 'namespace.not_found') || options.readOnly === true) throw error;
    throw new CliError(error.code, error.message, {
      cause: error,
      hint: `sheaf namespace create ${namespace}`,
    });
  }
}

/**
 * Signs an event and sends it; with a file, writes it there instead. What has too few signatures is not sent.
 *
 * @throws CliError `key.threshold`
 */
export async function signAndSubmit(
  context: Context,
  session: Session,
  desk: KeyDesk,
  work: {
    readonly event: KeyEvent;
    readonly signers: readonly SigningKey[];
    readonly file: string | undefined;
  },
): Promise<EventOutcome> {
  const { event, file } = work;
  const envelope = signKeyEvent(event, work.signers);
  if (file === undefined) return submit(context, session, { event, envelope, history: desk.history });
  const { by, needed } = countSignatures(envelope, event, desk.history);
  const path = await createEventFile(context, file, envelope);
  return { ...outcomeOf(event, session), status: 'written', signedBy: by, needed, file: path };
}

/** Sends an event that has all its signatures. @throws CliError `key.threshold` */
export async function submit(
  context: Context,
  session: Session,
  work: {
    readonly event: KeyEvent;
    readonly envelope: Envelope;
    readonly history: KeysInForce;
    /** Where it lies, if it came from a file. */
    readonly file?: string;
  },
): Promise<EventOutcome> {
  const { event, envelope } = work;
  const { by, needed, unproven, isComplete } = countSignatures(envelope, event, work.history);
  if (!isComplete) {
    throw new CliError(
      'key.threshold',
      unproven === undefined
        ? `signed by ${by.length} of the ${plural(needed, 'key')} of ${event.namespace} that must sign`
        : `the new key ${shortId(unproven)} has not signed, and so has not proved that somebody holds it`,
      {
        evidence: describeEvent(event),
        hint:
          work.file === undefined
            ? ['name more of your keys', 'or have others sign: the same command with --event FILE']
            : `sheaf key sign ${shellWord(work.file)} --key NAME`,
      },
    );
  }
  const { created } = await send(context, session, envelope, event);
  return {
    ...outcomeOf(event, session),
    status: created ? 'logged' : 'unchanged',
    signedBy: by,
    needed,
  };
}

async function send(context: Context, session: Session, envelope: Envelope, { namespace }: KeyEvent) {
  try {
    return await submitKeyEvent({ client: session.client, signal: context.signal }, envelope);
  } catch (error) {
    if (!isClientError(error, 'key.recovery_refused')) throw error;
    throw new CliError('key.recovery_refused', error.message, {
      hint: [
        'this needs a token of an owner that names the scope recovery, at most an hour old; then the same command again:',
        `SHEAF_TOKEN=$(sheaf token create --name recovery --scope recovery:${namespace} --expires-in-days 1)`,
      ],
      cause: error,
    });
  }
}

function outcomeOf(event: KeyEvent, session: Session) {
  return { namespace: event.namespace, type: event.type, registry: session.url } as const;
}

/** The lines of talk that every key event ends with. */
export function renderOutcome(outcome: EventOutcome): readonly string[] {
  const signed = `signed by ${outcome.signedBy.length} of ${plural(outcome.needed, 'needed key')}`;
  switch (outcome.status) {
    case 'logged':
      return [`logged for good at ${outcome.registry}`];
    case 'unchanged':
      return [`it was so already at ${outcome.registry}; nothing was changed`];
    case 'written': {
      const file = shellWord(outcome.file ?? '');
      return [
        `${signed}; nothing was sent`,
        `to add one: sheaf key sign ${file} --key NAME`,
        `to send it: sheaf key submit ${file}`,
      ];
    }
  }
}
