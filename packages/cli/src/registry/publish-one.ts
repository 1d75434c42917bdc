import { verifyPublished, type PackedWorkflow, type Pin, type VerifiedReceipt } from '@sheaf/client';
import type { WorkflowDocument } from '@sheaf/client/contract';
import { splitWorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { startClock, type Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { chooseOrMakeKeys } from '../keys/first-key.js';
import { chooseSigningKeys, listOwnKeyIds } from '../keys/signing-key.js';
import type { Published, Signer } from '../output/published.js';
import { sourceOf } from '../workflow/sign.js';
import { askAboutSecrets } from '../workflow/warnings/ask-secrets.js';
import { ensureAuthority } from './authority.js';
import { describeBundle, describeChanges, describeReceipt, describeSigners } from './describe-publish.js';
import { ensurePinned } from './first-contact.js';
import { findIdentitySource } from './identity-token.js';
import { openJob, type Job } from './job.js';
import { assertCommitted, assertCompatible, assertMayPublish } from './publish-checks.js';
import { describeChannel, moveChannel } from './publish-channel.js';
import { assertPublishable, readSubject, type PublishSubject } from './publish-subject.js';
import { assertNewName, findPublished, findWorkflow, sendPublish } from './publish.js';
import { requireToken, withSession, type Session } from './session.js';

/** Publishes one workflow, or says what that would do. The same again changes nothing. */
export async function publishOne(context: Context, input: Input): Promise<Published> {
  const elapsed = startClock(context);
  const subject = await readSubject(context, input.positionals[0] ?? '.');
  const { packed, git } = subject;
  return withSession(context, input, async (session) => {
    const source = subject.signed === undefined ? findIdentitySource(context, input) : undefined;
    if (source === undefined) await requireToken(context, session);
    const pin = await ensurePinned(context, session, { yes: input.has('yes'), compare: true });
    const workflow = await findWorkflow(context, session, packed);
    if (workflow === undefined) assertNewName(packed);
    const existing = await findExisting(context, session, subject, workflow);
    const before = workflow?.channels['latest'];
    const common = {
      ...describeBundle(subject),
      registry: session.url,
      at: nameOf(session),
      git,
      lists: input.has('verbose'),
    };
    const latest = before === undefined ? {} : { before };
    if (existing !== undefined) {
      // A job has another key each time: what the last one signed is its own.
      const own =
        source === undefined
          ? await listExpectedSigners(context, input, subject)
          : existing.signers.map(({ id }) => id);
      const described = describeReceipt(existing, own);
      const data = { ...common, status: 'unchanged', ...described, created: [], latest } as const;
      const mayMove = source === undefined && !input.has('dry-run');
      const { definition } = packed.bundle;
      const channel = mayMove
        ? await moveChannel(context, session, definition, input.get('channel'))
        : describeChannel(input, workflow);
      return { ...data, ...channel, durationMs: elapsed() };
    }
    assertCommitted(subject.word, git, input.has('allow-dirty'));
    if (!input.has('dry-run') || !context.ui.canAsk)
      await askAboutSecrets(context, subject.diagnostics, input.has('allow-secrets'));
    if (input.has('dry-run')) await rehearse(context, session, input, { packed, workflow, source });
    const changes = await describeChanges(context, session, packed, workflow);
    if (source !== undefined && input.has('dry-run')) {
      const would = { ...common, warnings: [], created: [], ...(changes === undefined ? {} : { changes }) };
      const status = 'would_publish' as const;
      return { ...would, status, latest, ...describeChannel(input, workflow), durationMs: elapsed() };
    }
    const job =
      source &&
      (await openJob(context, session, {
        source,
        ids: [packed.bundle.definition.id],
        origin: pin.origin,
      }));
    const authority = await findAuthority(context, session, { subject, input, pin, job });
    const signed = {
      ...common,
      warnings: [],
      ...describeSigners(authority.signers),
      created: authority.created,
      ...(changes === undefined ? {} : { changes }),
    };
    if (input.has('dry-run')) {
      const status = 'would_publish' as const;
      return { ...signed, status, latest, ...describeChannel(input, workflow), durationMs: elapsed() };
    }
    const sent = await sendPublish(context, job?.session ?? session, {
      packed,
      signing: authority.signing,
      force: input.has('force'),
      channel: input.get('channel'),
    }).finally(() => job?.close());
    const durationMs = elapsed();
    const now = await findAfterwards(context, session, packed);
    const after = now?.channels['latest'];
    return {
      ...signed,
      status: sent.created ? 'published' : 'unchanged',
      ...describeReceipt(
        sent.receipt,
        authority.signers.map(({ id }) => id),
      ),
      latest: { ...latest, ...(after === undefined ? {} : { after }) },
      ...describeChannel(input, now),
      durationMs,
    };
  });
}

/** How the registry is called: by its name here, else by its address. */
function nameOf({ choice, url }: Pick<Session, 'choice' | 'url'>): string {
  return choice.name ?? url;
}

/** What only the registry would say on a real publish, asked beforehand. */
async function rehearse(
  context: Context,
  session: Session,
  input: Input,
  work: {
    readonly packed: PackedWorkflow;
    readonly workflow: WorkflowDocument | undefined;
    readonly source: object | undefined;
  },
): Promise<void> {
  const { packed, workflow, source } = work;
  if (!input.has('force')) await assertCompatible(context, session, packed, workflow);
  // A job is nobody before it has shown who it is, and that uses its token up.
  if (source === undefined && workflow !== undefined) await assertMayPublish(context, session, packed);
}

/** The receipt of this very bundle, verified, when the registry says that it has it. */
async function findExisting(
  context: Context,
  session: Session,
  subject: PublishSubject,
  workflow: WorkflowDocument | undefined,
): Promise<VerifiedReceipt | undefined> {
  const { packed } = subject;
  if (findPublished(context, subject, workflow) === undefined) return undefined;
  const trust = await session.trust();
  return verifyPublished({ client: session.client, trust, packed, signal: context.signal });
}

/** Whose signatures were to be expected on what is published already. */
function listExpectedSigners(
  context: Context,
  input: Input,
  { signed }: PublishSubject,
): Promise<readonly string[]> {
  if (signed === undefined) return listOwnKeyIds(context, input.all('key'));
  return Promise.resolve(signed.carry.envelope.signatures.flatMap(({ keyid }) => keyid ?? []));
}

interface Authority {
  readonly signers: readonly Signer[];
  readonly signing: Parameters<typeof sendPublish>[2]['signing'];
  /** What was, or would be, created for it. */
  readonly created: readonly string[];
}

/** Who signs or has signed, and that they may. */
async function findAuthority(
  context: Context,
  session: Session,
  work: {
    readonly subject: PublishSubject;
    readonly input: Input;
    readonly pin: Pin;
    readonly job: Job | undefined;
  },
): Promise<Authority> {
  const { subject, input, pin, job } = work;
  const { signed, packed, git } = subject;
  if (job !== undefined) {
    const { key, label } = job.key;
    const signing = { keys: [job.key], source: sourceOf(git) } as const;
    return { signers: [{ id: key.publicKey.id, name: label }], signing, created: [] };
  }
  if (signed !== undefined) {
    if (input.all('key').length > 0) {
      throw new CliError('usage.conflicting_flags', 'a .sheaf file is signed already', {
        hint: 'to add a signature: sheaf pack --sign FILE.sheaf --key NAME',
      });
    }
    const ids = await assertPublishable(context, session, signed, pin);
    return { signers: ids.map((id) => ({ id })), signing: { envelope: signed.carry.envelope }, created: [] };
  }
  const choose = input.has('dry-run') ? chooseSigningKeys : chooseOrMakeKeys;
  const { namespace } = splitWorkflowId(packed.bundle.definition.id);
  const keys = await choose(context, input.all('key'), [{ registry: pin.origin, namespace }]);
  const created = await ensureAuthority(context, session, {
    packed,
    words: [subject.word],
    keys,
    origin: pin.origin,
    yes: input.has('yes'),
    dryRun: input.has('dry-run'),
  });
  const signers = keys.map(({ key, label }) => ({ id: key.publicKey.id, name: label }));
  return { signers, signing: { keys, source: sourceOf(git) }, created };
}

/** The publish is done; that this cannot be asked must not make it look otherwise. */
async function findAfterwards(
  context: Context,
  session: Session,
  packed: PackedWorkflow,
): Promise<WorkflowDocument | undefined> {
  try {
    return await findWorkflow(context, session, packed);
  } catch {
    return undefined;
  }
}
