import type { Envelope } from '@sheaf/bundle';
import { isClientError, publishTogether } from '@sheaf/client';
import type { Stage } from '@sheaf/client/contract';
import { splitWorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { startClock, type Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { chooseOrMakeKeys } from '../keys/first-key.js';
import { chooseSigningKeys } from '../keys/signing-key.js';
import type { PublishedTogether } from '../output/published-together.js';
import { signPacked } from '../workflow/sign.js';
import { askAboutSecrets } from '../workflow/warnings/ask-secrets.js';
import { ensureAuthority } from './authority.js';
import { explainUnproven } from './failure.js';
import { ensurePinned } from './first-contact.js';
import { findIdentitySource } from './identity-token.js';
import { openJob } from './job.js';
import { assertCommitted, assertCompatible, assertMayPublish } from './publish-checks.js';
import { findKept } from './publish-channel.js';
import { collectObstacles } from './publish-obstacles.js';
import { readSubject, type PublishSubject } from './publish-subject.js';
import { assertNewName, findPublished, findWorkflow } from './publish.js';
import { requireToken, withSession, type Session } from './session.js';

const MAX_TOGETHER = 16;

/** Publishes several workflows together or not at all, or stages one or several of them. */
export async function publishSeveral(context: Context, input: Input): Promise<PublishedTogether> {
  const elapsed = startClock(context);
  const words = input.positionals.length === 0 ? ['.'] : input.positionals;
  if (words.length > MAX_TOGETHER)
    throw new CliError('usage.too_many', `at most ${MAX_TOGETHER} are published together`, {
      hint: 'publish them in several steps, those that others depend on first',
    });
  const obstacles = collectObstacles(words.length);
  const subjects: PublishSubject[] = [];
  for (const word of words) {
    const subject = await obstacles.attempt(word, () => readSubject(context, word));
    if (subject !== undefined) subjects.push(subject);
  }
  return withSession(context, input, async (session) => {
    const isFolder = subjects.every(({ signed }) => signed === undefined);
    const source = isFolder ? findIdentitySource(context, input) : undefined;
    if (source === undefined) await requireToken(context, session);
    const { origin } = await ensurePinned(context, session, { yes: input.has('yes'), compare: true });
    const isJob = source !== undefined;
    const before = new Set<number>();
    for (const [i, subject] of subjects.entries()) {
      const isThere = await obstacles.attempt(nameOf(subject), () =>
        isPublished(context, session, input, { subject, isJob }),
      );
      if (isThere === true) before.add(i);
    }
    obstacles.assertNone();
    const diagnostics = subjects.flatMap((subject) => subject.diagnostics);
    await askAboutSecrets(context, diagnostics, input.has('allow-secrets'));
    const channel = input.get('channel');
    const common = {
      registry: session.url,
      at: session.choice.name ?? session.url,
      diagnostics,
      sources: new Map(subjects.flatMap(({ sources = [] }) => [...sources])),
      versions: subjects.map(describe),
      ...(channel === undefined ? {} : { channel: { name: channel } }),
    };
    const isDryRun = input.has('dry-run');
    if (isDryRun && source !== undefined)
      return { ...common, status: 'would_publish', created: [], durationMs: elapsed() };
    const ids = subjects.map(({ packed }) => packed.bundle.definition.id);
    const job = source && (await openJob(context, session, { source, ids, origin }));
    try {
      const { created, envelopes } = job
        ? { created: [], envelopes: subjects.map((each) => signPacked(context, each, [job.key], origin)) }
        : await sign(context, session, input, { subjects, origin });
      if (isDryRun) return { ...common, status: 'would_publish', created, durationMs: elapsed() };
      const sent = await send(context, job?.session ?? session, input, { subjects, envelopes, before });
      return { ...common, ...sent, created, durationMs: elapsed() };
    } finally {
      await job?.close();
    }
  });
}

function nameOf({ packed }: PublishSubject): string {
  const { id, version } = packed.bundle.definition;
  return `${id} ${version}`;
}

/** Whether one of them is published already, and that nothing stands in its way if it is not. */
async function isPublished(
  context: Context,
  session: Session,
  input: Input,
  { subject, isJob }: { readonly subject: PublishSubject; readonly isJob: boolean },
): Promise<boolean> {
  const { word, packed, git } = subject;
  const workflow = await findWorkflow(context, session, packed);
  if (workflow === undefined) assertNewName(packed);
  if (findPublished(context, { word, packed }, workflow) !== undefined) return true;
  assertCommitted(word, git, input.has('allow-dirty'));
  if (!input.has('dry-run')) return false;
  if (!input.has('force')) await assertCompatible(context, session, packed, workflow);
  if (!isJob && workflow !== undefined) await assertMayPublish(context, session, packed);
  return false;
}

function describe({ packed: { bundle, blob } }: PublishSubject): PublishedTogether['versions'][number] {
  const { definition, digest, files } = bundle;
  return {
    id: definition.id,
    version: definition.version,
    digest,
    fileCount: files.length,
    blobSizeBytes: blob.length,
  };
}

/** Every folder is signed with the same keys; a file that was signed before stays as it is. */
async function sign(
  context: Context,
  session: Session,
  input: Input,
  work: { readonly subjects: readonly PublishSubject[]; readonly origin: string },
): Promise<{ readonly created: readonly string[]; readonly envelopes: readonly Envelope[] }> {
  const { subjects, origin } = work;
  const folders = subjects.filter(({ signed }) => signed === undefined);
  const choose = input.has('dry-run') ? chooseSigningKeys : chooseOrMakeKeys;
  const byNamespace = new Map(
    folders.map((folder) => [splitWorkflowId(folder.packed.bundle.definition.id).namespace, folder]),
  );
  const places = [...byNamespace.keys()].map((namespace) => ({ registry: origin, namespace }));
  const keys = folders.length === 0 ? undefined : await choose(context, input.all('key'), places);
  const created: string[] = [];
  if (keys !== undefined) {
    for (const { packed } of byNamespace.values()) {
      const words = folders.map(({ word }) => word);
      const options = { packed, words, keys, origin, yes: input.has('yes'), dryRun: input.has('dry-run') };
      const isStaged = input.has('stage');
      created.push(...(await ensureAuthority(context, session, { ...options, isStaged })));
    }
  }
  return {
    created,
    envelopes: subjects.map((subject) =>
      subject.signed === undefined && keys !== undefined
        ? signPacked(context, subject, keys, origin)
        : carried(subject),
    ),
  };
}

function carried({ signed }: PublishSubject): Envelope {
  if (signed === undefined) throw new Error('a folder was not signed');
  return signed.carry.envelope;
}

type Sent = Pick<PublishedTogether, 'status' | 'stage' | 'logIndexes' | 'channelKept'>;

async function send(
  context: Context,
  session: Session,
  input: Input,
  work: {
    readonly subjects: readonly PublishSubject[];
    readonly envelopes: readonly Envelope[];
    /** Which of them were published before. */
    readonly before: ReadonlySet<number>;
  },
): Promise<Sent> {
  const workflows = work.subjects.map(({ packed }, i) => {
    const envelope = work.envelopes[i];
    if (envelope === undefined) throw new Error('a workflow was not signed');
    return { packed, envelope };
  });
  const { client } = session;
  const { signal } = context;
  const force = input.has('force');
  const channel = input.get('channel');
  if (input.has('stage')) {
    if (channel !== undefined)
      throw new CliError(
        'usage.conflicting_flags',
        'a staged version is in no channel until it is approved',
        {
          hint: 'leave --channel out, and run sheaf channel set when it is approved',
        },
      );
    const uploads = workflows.map(({ packed, envelope }) => ({ envelope, blob: packed.blob }));
    const stage: Stage = await client.stage(uploads, { signal, force });
    return { status: 'staged', stage: { id: stage.id, expiresAt: stage.expiresAt } };
  }
  let isAccepted = false;
  const onAccepted = () => {
    isAccepted = true;
  };
  const trust = await session.trust();
  const definitions = work.subjects.map(({ packed }) => packed.bundle.definition);
  const before = definitions.filter((_, i) => work.before.has(i));
  const kept = await findKept(context, session, before, channel);
  try {
    const request = { client, trust, workflows, signal, force, onAccepted };
    // The registry points the channel at all of them or at none: beside one that stays, each of the others is moved by itself.
    const published = await publishTogether({ ...request, ...(kept.length === 0 && { channel }) });
    const others = definitions.filter(
      ({ id, version }) => !kept.some((each) => each.id === id && each.version === version),
    );
    if (channel !== undefined && kept.length > 0)
      for (const { id, version } of others) await client.setChannel(id, channel, version, { signal });
    return {
      status: published.some(({ created }) => created) ? 'published' : 'unchanged',
      logIndexes: published.map(({ receipt }) => receipt.logIndex),
      ...(kept.length > 0 && { channelKept: kept }),
    };
  } catch (error) {
    if (!signal.aborted) {
      tellNone(context, workflows.length, { error, isAccepted });
      throw await explainUnproven(error, isAccepted, context);
    }
    throw new CliError('cancelled', 'cancelled while sending: all of them may have been published', {
      hint: 'run sheaf publish again: it is safe, and says which',
      cause: error,
    });
  }
}

/** What the registry refuses, it refuses for all of them. */
function tellNone(
  { ui }: Pick<Context, 'ui'>,
  count: number,
  { error, isAccepted }: { readonly error: unknown; readonly isAccepted: boolean },
): void {
  if (!isAccepted && isClientError(error)) ui.say(`0 of ${count} published`);
}
