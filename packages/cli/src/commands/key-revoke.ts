import { endorsedBy, revocationReach, type KeyId, type KeyRecord } from '@sheaf/bundle';
import { activeKeys, keyRevokeEvent, type Revocation } from '@sheaf/client';
import type { SignedReleases } from '@sheaf/client/contract';
import type { Namespace } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { KeyRevokeJson } from '../json/key-revoke.js';
import { openKeyStore } from '../keys/key-store.js';
import { noteRevocations } from '../keys/revocations.js';
import { chooseSigningKeys } from '../keys/signing-key.js';
import {
  EVENT_FLAG,
  openKeyDesk,
  renderOutcome,
  signAndSubmit,
  type EventOutcome,
  type KeyDesk,
} from '../keys/submit-event.js';
import { REGISTRY_FLAG, withSession, YES_FLAG, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { plural, shortId } from '../terminal/text.js';

interface Revoked extends EventOutcome {
  readonly key: string;
  readonly reason: 'superseded' | 'compromised';
  readonly fromIndex?: number;
  /** How many published versions are refused from now on that were not before, as the registry counts them. */
  readonly refusedCount: number;
  /** The first of them by the order of the log, 1,000 at the most. */
  readonly refused: SignedReleases['releases'];
  /** Active keys that it vouched for from that index on, itself or through others: whoever has it may have these. */
  readonly endorsed: readonly KeyId[];
  /** Index of the revocation in the log, when it was so already. */
  readonly revokedIndex?: number;
}

const MAX_SHOWN = 20;
const NONE: SignedReleases = { total: 0, releases: [] };

export const revoke = defineCommand<Revoked, KeyRevokeJson>({
  name: 'key revoke',
  about:
    'Revoke a key of a namespace, for good: it signs nothing more, and is never added again. A revoked key that proves to have been stolen is revoked again, from an earlier index.',
  positionals: { names: ['NS', 'KEY'], completes: ['namespace', 'key'], required: 2 },
  flags: [
    {
      name: 'reason',
      value: 'WHY',
      summary: 'superseded: what it signed stays valid; compromised: see --from-index',
    },
    {
      name: 'from-index',
      value: 'N',
      summary: 'refuse what it published from this index of the log on (default: all of it)',
    },
    {
      name: 'key',
      value: 'NAME',
      completes: 'key',
      repeat: true,
      summary: 'sign with this key (default: the one to revoke)',
    },
    { name: 'recover', summary: 'one active key is enough, with fresh authentication' },
    { name: 'confirm', value: 'NS', summary: 'agree to what it breaks, by naming the namespace' },
    EVENT_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf key revoke acme laptop --reason superseded',
    'sheaf key revoke acme 9c1f…e07a --reason compromised --from-index 4812 --key token',
  ],
  exitCodes: [0, 1, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const [namespace = '', word = ''] = input.positionals;
      const reason = readReason(input);
      const desk = await openKeyDesk(context, session, { namespace, yes: input.has('yes') });
      const { record, name } = await findKey(context, desk, word);
      const { keyid } = record;
      const isSame = isRevokedAs(record, reason, input.get('from-index'));
      if (isSame && record.revoked !== undefined) {
        const { index, fromIndex } = record.revoked;
        const { namespace: ns } = desk;
        return {
          data: {
            status: 'unchanged',
            namespace: ns,
            type: 'key.revoke',
            signedBy: [],
            needed: 0,
            registry: session.url,
            key: keyid,
            reason,
            ...(fromIndex === undefined ? {} : { fromIndex }),
            refusedCount: 0,
            refused: [],
            endorsed: [],
            revokedIndex: index,
          },
        };
      }
      const revocation = readRevocation(input, reason, desk, record.addedAt);
      assertRefusesMore(record, revocation);
      const refused = await confirmEffect(context, session, { desk, record, revocation, input });
      const names = input.all('key');
      const chosen = await chooseSigningKeys(
        context,
        names.length > 0 || name === undefined || record.revoked !== undefined ? names : [name],
      );
      const place = { registry: desk.pin.origin, namespace: desk.namespace };
      const outcome = await signAndSubmit(context, session, desk, {
        event: keyRevokeEvent(place, keyid, revocation, { recovery: input.has('recover') }),
        signers: chosen.map(({ key }) => key),
        file: input.get('event'),
      });
      if (outcome.status !== 'written')
        await noteRevocations(context, place, [{ keyid, revoked: { reason } }]);
      return {
        data: {
          ...outcome,
          key: keyid,
          ...revocation,
          refusedCount: refused.total,
          refused: [...refused.releases],
          endorsed: endorsedSince(desk, keyid, revocation),
        },
      };
    }),
  render: (data) => ({
    talk: [
      ...(data.status === 'logged'
        ? [
            `key ${shortId(data.key)} of ${data.namespace} is revoked as ${data.reason}${data.fromIndex === undefined ? '; what it signed before stays valid' : `: what it published from log #${data.fromIndex} on is refused everywhere`}`,
          ]
        : []),
      ...(data.endorsed.length === 0
        ? []
        : [
            `check ${data.endorsed.length === 1 ? 'this key' : `these ${data.endorsed.length} keys`}, which it vouched for since and which can still sign; revoke what is not yours:`,
            ...data.endorsed.map((keyid) => `  ${keyid}`),
          ]),
      ...(data.revokedIndex === undefined
        ? renderOutcome(data)
        : [
            `key ${shortId(data.key)} is already revoked at #${data.revokedIndex}, as ${data.reason}; nothing changed`,
          ]),
    ].join('\n'),
    answer: data.file ?? data.key,
  }),
});

function readReason(input: Input): Revocation['reason'] {
  const reason = input.get('reason');
  if (reason === 'superseded' || reason === 'compromised') return reason;
  throw new CliError(
    'usage.reason',
    reason === undefined
      ? 'a revocation needs a reason'
      : `--reason ${JSON.stringify(reason)} is neither superseded nor compromised`,
    {
      hint: [
        'replaced by another key: --reason superseded',
        'somebody else may have used it: --reason compromised',
      ],
    },
  );
}

function readRevocation(
  input: Input,
  reason: Revocation['reason'],
  { history }: KeyDesk,
  addedAt: number,
): Revocation {
  const text = input.get('from-index');
  if (reason === 'superseded') {
    if (text === undefined) return { reason };
    throw new CliError('usage.conflicting_flags', '--from-index goes with --reason compromised only', {
      hint: 'a superseded key stays valid for what it signed before',
    });
  }
  if (text === undefined) return { reason, fromIndex: addedAt };
  if (/^\d{1,15}$/.test(text) && Number(text) <= history.checkpoint.size)
    return { reason, fromIndex: Number(text) };
  throw new CliError(
    'usage.from_index',
    `--from-index ${JSON.stringify(text)} is not an index of the log, 0 to ${history.checkpoint.size}`,
    {
      hint: 'sheaf key list --namespace NS shows where the key was added; sheaf info REF --json shows logIndex',
    },
  );
}

/** What to check after a theft, by what the log has proven of the keys. */
function endorsedSince({ history }: KeyDesk, keyid: KeyId, revocation: Revocation): readonly KeyId[] {
  if (revocation.reason === 'superseded') return [];
  const keys = history.keys.map((key) => ({ ...key, isActive: key.revoked === undefined }));
  return endorsedBy(keys, keyid, revocation.fromIndex);
}

/** Whether the log says this of the key already; without an index, from whichever it was. */
function isRevokedAs({ revoked }: KeyRecord, reason: string, fromIndex: string | undefined): boolean {
  if (revoked?.reason !== reason) return false;
  return fromIndex === undefined || fromIndex === String(revoked.fromIndex);
}

/** A key that is revoked is revoked again only to refuse more. */
function assertRefusesMore({ keyid, revoked }: KeyRecord, revocation: Revocation): void {
  if (revoked === undefined) return;
  const fromIndex = revocation.reason === 'compromised' ? revocation.fromIndex : undefined;
  const reach = revocationReach(revoked);
  if (fromIndex !== undefined && fromIndex < reach) return;
  throw new CliError(
    'state.conflict',
    `key ${shortId(keyid)} is revoked already, as ${revoked.reason}: what it published from log #${reach} on is refused`,
    { hint: `it can only be made to refuse more: --reason compromised --from-index N, below ${reach}` },
  );
}

interface Found {
  readonly record: KeyRecord;
  /** What it is called here, when its private half is here. */
  readonly name?: string;
}

/** A key by its name here, its id, or how the id begins; `9c1f…e07a` as lists show it. */
async function findKey(context: Context, { history, namespace }: KeyDesk, word: string): Promise<Found> {
  const own = await openKeyStore(context.paths.config(), context.ui.warn).list();
  const named = own.find(({ name }) => name === word)?.publicKey.id;
  const [begin = '', end = ''] = word.toLowerCase().split('…');
  const isId = begin.length >= 4 && begin.length + end.length >= 8;
  const matches = history.keys.filter(
    ({ keyid }) =>
      keyid === named || (named === undefined && isId && keyid.startsWith(begin) && keyid.endsWith(end)),
  );
  const [found] = matches;
  if (found === undefined || matches.length > 1) {
    throw new CliError(
      'key.not_found',
      found === undefined
        ? `${namespace} has no key ${JSON.stringify(printable(word))}`
        : `${plural(matches.length, 'key')} of ${namespace} have an id like ${JSON.stringify(printable(word))}`,
      { hint: `sheaf key list --namespace ${namespace}` },
    );
  }
  const name = own.find(({ publicKey }) => publicKey.id === found.keyid)?.name;
  return { record: found, ...(name === undefined ? {} : { name }) };
}

interface Effect {
  readonly desk: KeyDesk;
  readonly record: KeyRecord;
  readonly revocation: Revocation;
  readonly input: Input;
}

/** Shows what a revocation breaks, and asks for the namespace's name when it breaks anything. */
async function confirmEffect(
  context: Context,
  session: Session,
  { desk, record: { keyid, revoked }, revocation, input }: Effect,
): Promise<SignedReleases> {
  const { namespace, history } = desk;
  const { ui } = context;
  const left = activeKeys(history).filter(({ id }) => id !== keyid).length;
  const isStuck = revoked === undefined && left < history.threshold;
  if (isStuck) {
    ui.say(
      `${left === 0 ? 'no active key is' : left === 1 ? '1 active key is' : `${left} active keys are`} left in ${namespace} then, and ${history.threshold} must sign: only a recovery can add another`,
    );
  }
  if (revocation.reason === 'superseded' && !isStuck) return NONE;
  const refused =
    revocation.reason === 'superseded'
      ? NONE
      : await tellRefused(context, session, {
          namespace,
          keyid,
          fromIndex: revocation.fromIndex,
          isFurther: revoked !== undefined,
        });
  const confirm = input.get('confirm');
  if (confirm === namespace) return refused;
  if (confirm === undefined && ui.canAsk) {
    if ((await ui.ask(`Type ${namespace} to revoke the key for good: `)).trim() === namespace) return refused;
    throw new CliError('approval.refused', 'not agreed; nothing was revoked', {
      hint: 'run the command again when you want to',
    });
  }
  throw new CliError(
    'approval.required',
    confirm === undefined
      ? 'there is no terminal to ask on whether to revoke it'
      : `--confirm ${JSON.stringify(printable(confirm))} is not the namespace`,
    { hint: `the same command with --confirm=${namespace}` },
  );
}

async function tellRefused(
  { ui, signal }: Context,
  { client }: Session,
  asked: {
    readonly namespace: Namespace;
    readonly keyid: KeyId;
    readonly fromIndex: number;
    readonly isFurther: boolean;
  },
): Promise<SignedReleases> {
  const { namespace, keyid, fromIndex, isFurther } = asked;
  const signed = await client.getSignedReleases(namespace, { keyid, fromIndex }, { signal });
  const { total, releases } = signed;
  const more = isFurther ? 'further ' : '';
  ui.say(
    total === 0
      ? `no ${more}published version that the registry lists was signed by it from log #${fromIndex} on`
      : `${plural(total, `${more}published version`)} will be refused everywhere, because it signed from log #${fromIndex} on:`,
  );
  for (const { id, version, logIndex, state } of releases.slice(0, MAX_SHOWN))
    ui.say(`  ${id} ${version}  log #${logIndex}${state === 'active' ? '' : `  ${state}`}`);
  if (total > MAX_SHOWN) ui.say(`  … and ${total - MAX_SHOWN} more`);
  if (total > 0) {
    ui.say('to refuse what is published takes an owner, with a token made for it within the hour:');
    ui.say(
      `  SHEAF_TOKEN=$(sheaf token create --name stolen --scope recovery:${namespace} --expires-in-days 1)`,
    );
  }
  return signed;
}
