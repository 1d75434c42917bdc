import { parseEnvelope, type Envelope } from '@sheaf/bundle';
import {
  addSignature,
  isClientError,
  openSignedWorkflow,
  verifyReceipts,
  type PackedWorkflow,
} from '@sheaf/client';
import type { Stage, StagedVersion } from '@sheaf/client/contract';
import { parseVersion, splitWorkflowId } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { StageApproveJson } from '../json/stage-approve.js';
import { chooseSigningKey } from '../keys/signing-key.js';
import { describeChanges } from '../output/bundle-changes.js';
import { fetchVerified } from '../registry/fetch.js';
import { explainSigned } from '../registry/explain-signed.js';
import { ensurePinned } from '../registry/first-contact.js';
import { findStage } from '../registry/find-stage.js';
import { REGISTRY_FLAG, requireToken, withSession, YES_FLAG, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { plural, shortId } from '../terminal/text.js';

interface Approved {
  readonly registry: string;
  readonly id: string;
  readonly status: 'published' | 'waiting';
  readonly key: { readonly id: string; readonly name: string };
  readonly versions: readonly {
    readonly id: string;
    readonly version: string;
    readonly digest: string;
    readonly changes: readonly string[];
    readonly logIndex?: number;
  }[];
}

/** A staged version whose bundle is the one that is signed. */
interface Opened {
  readonly staged: StagedVersion;
  readonly packed: PackedWorkflow;
  readonly envelope: Envelope;
  readonly changes: readonly string[];
}

export const approve = defineCommand<Approved, StageApproveJson>({
  name: 'stage approve',
  about:
    'Look at staged versions and sign them with your key; they are published when enough keys have signed.',
  positionals: { names: ['ID|REF'], completes: [[]], required: 1 },
  flags: [
    { name: 'key', value: 'NAME', completes: 'key', summary: 'sign with this key' },
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf stage approve 5be2f0c19d3a4b6e8f7a0b1c2d3e4f50',
    'sheaf stage approve acme/deploy@1.2.0 --key laptop',
  ],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const { client } = session;
      const { signal } = context;
      await requireToken(context, session);
      assertCanAgree(context, input.positionals[0] ?? '', input.has('yes'));
      const { origin } = await ensurePinned(context, session, { yes: input.has('yes'), compare: true });
      const stage = await findStage(client, input.positionals[0] ?? '', signal);
      const opened: Opened[] = [];
      for (const index of stage.versions.keys())
        opened.push(await openStaged(context, session, { stage, index, origin, yes: input.has('yes') }));
      for (const line of opened.flatMap(describe)) context.ui.say(line);
      if (stage.forced)
        context.ui.warn(
          'staged with --force: it is published although it may break whoever uses the version before',
        );
      await agree(context, stage.id, input.has('yes'));
      const { key, label } = await chooseSigningKey(context, input.get('key'));
      const signed = opened.map(({ packed, envelope }) => ({
        packed,
        envelope: addSignature(envelope, key),
      }));
      const signatures = signed.map(({ envelope }) => {
        const own = envelope.signatures.find(({ keyid }) => keyid === key.publicKey.id);
        if (own === undefined) throw new Error('the signature that was just made is not there');
        return { keyid: key.publicKey.id, sig: own.sig };
      });
      const answer = await client
        .signStage(stage.id, signatures, { signal })
        .catch(async (error: unknown) => {
          if (!isClientError(error, 'stage.signed_already')) throw error;
          throw await explainSigned({ client, signal }, stage, { opened, label, cause: error });
        });
      const target = { client, trust: await session.trust(), signal };
      const published =
        'receipts' in answer ? await verifyReceipts(target, signed, answer.receipts, true) : undefined;
      return {
        data: {
          registry: session.url,
          id: stage.id,
          status: published === undefined ? ('waiting' as const) : ('published' as const),
          key: { id: key.publicKey.id, name: label },
          versions: opened.map(({ staged: { id, version, digest }, changes }, i) => {
            const logIndex = published?.[i]?.receipt.logIndex;
            return { id, version, digest, changes, ...(logIndex === undefined ? {} : { logIndex }) };
          }),
        },
      };
    }),
  render: (data) => ({
    talk:
      data.status === 'published'
        ? `signed with ${shortId(data.key.id)} (${data.key.name}); published to ${data.registry} · log ${data.versions.map(({ logIndex }) => `#${logIndex ?? ''}`).join(', ')}`
        : `signed with ${shortId(data.key.id)} (${data.key.name}); it waits for more signatures`,
    answer: data.versions.map(({ id, version, digest }) => `${id}@${version} ${digest}`).join('\n'),
  }),
});

/**
 * The bundle that waits, verified to be what the envelope says, for this registry: what is shown and signed is nobody's word.
 *
 * @throws CliError `statement.mismatch`; BundleError
 */
async function openStaged(
  context: Context,
  session: Session,
  work: {
    readonly stage: Stage;
    readonly index: number;
    readonly origin: string;
    readonly yes: boolean;
  },
): Promise<Opened> {
  const { stage, index, origin } = work;
  const { signal } = context;
  const staged = stage.versions[index];
  if (staged === undefined) throw new Error('a staged version is missing');
  const blob = await session.client.getStagedBundle(stage.id, index, { signal });
  const envelope = parseEnvelope(Buffer.from(JSON.stringify(staged.envelope)));
  const { packed, statement } = await openSignedWorkflow({ blob, envelope });
  const { id, version } = packed.bundle.definition;
  if (statement.registry !== origin || id !== staged.id || version !== staged.version)
    throw new CliError('statement.mismatch', 'what is to be signed is not what the registry lists', {
      evidence: [
        `listed  ${printable(staged.id)} ${printable(staged.version)} for ${origin}`,
        `signed  ${id} ${version} for ${printable(statement.registry)}`,
      ],
      hint: 'sign nothing, and report it to the operator of the registry',
    });
  return { staged, packed, envelope, changes: await changesOf(context, session, packed, work.yes) };
}

/** What the version changes beside the newest one that is published, whose bundle is verified here: the registry's word on its files is none. */
async function changesOf(
  context: Context,
  session: Session,
  { bundle }: PackedWorkflow,
  yes: boolean,
): Promise<readonly string[]> {
  const { id } = bundle.definition;
  const latest = await findLatest(session.client, id, context.signal);
  if (latest === undefined) return describeChanges(undefined, bundle);
  const version = parseVersion(latest);
  const options = { yes, offline: false, allowYoung: [`${id}@${version}`] };
  const reference = { id, selector: { kind: 'version', version } } as const;
  const { workflow } = await fetchVerified(context, session, reference, options);
  return [`since ${workflow.version}:`, ...describeChanges(workflow.bundle, bundle)];
}

async function findLatest(
  client: Session['client'],
  id: PackedWorkflow['bundle']['definition']['id'],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await client.getWorkflow(id, { signal })).channels['latest'];
  } catch (error) {
    if (isClientError(error, 'workflow.not_found')) return undefined;
    throw error;
  }
}

function describe({ staged, packed, changes }: Opened): readonly string[] {
  const { definition, digest, files } = packed.bundle;
  const { namespace } = splitWorkflowId(definition.id);
  return [
    `${definition.id} ${definition.version} · ${plural(files.length, 'file')}`,
    `  ${digest}`,
    `  signed by ${staged.signers.map(shortId).join(', ')} of ${namespace} · ${staged.signers.length} of ${staged.threshold}`,
    ...changes.map((line) => `  ${line}`),
  ];
}

function assertCanAgree({ ui }: Context, id: string, yes: boolean): void {
  if (yes || ui.canAsk) return;
  throw new CliError('approval.required', 'there is no terminal to ask on whether to sign this', {
    hint: `sheaf stage approve ${printable(id)} --key NAME --yes`,
  });
}

async function agree({ ui }: Context, id: string, yes: boolean): Promise<void> {
  if (yes || (await ui.confirm('Sign and approve?'))) return;
  throw new CliError('approval.refused', 'not agreed; nothing was signed', {
    hint: `run the command again when you want to, or: sheaf stage reject ${id}`,
  });
}
