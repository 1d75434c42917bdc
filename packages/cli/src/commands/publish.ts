import { gzipTar } from '@sheaf/bundle';
import { verifyPublished, type PackedWorkflow, type VerifiedReceipt } from '@sheaf/client';
import type { VersionDocument, WorkflowDocument } from '@sheaf/client/contract';
import { parseVersion, type Diagnostic } from '@sheaf/workflow';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import { startClock, type Context } from '../frame/context.js';
import { chooseSigningKey, listOwnKeyIds, type ChosenKey } from '../keys/signing-key.js';
import { renderDiagnostics } from '../output/diagnostics.js';
import { comparePermissions } from '../output/permissions.js';
import { ensurePinned } from '../registry/first-contact.js';
import { readGitState, type GitState } from '../registry/git-source.js';
import { ensureAuthority, findPublished, findWorkflow, sendPublish } from '../registry/publish.js';
import { REGISTRY_FLAG, requireToken, withSession, YES_FLAG, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { formatBytes, formatDuration, plural, shortId, sumSizes } from '../terminal/text.js';
import { packFolder } from '../workflow/pack.js';

interface Published {
  /** `published`, `unchanged` when the registry had this bundle, `would_publish` after a dry run. */
  readonly status: 'published' | 'unchanged' | 'would_publish';
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly blobSizeBytes: number;
  readonly files: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly executable: boolean;
  }[];
  readonly registry: string;
  readonly git: GitState;
  readonly signer?: { readonly id: string; readonly name: string };
  /** Whose signatures the log holds, verified. */
  readonly signers?: readonly string[];
  readonly logIndex?: number;
  readonly created: readonly string[];
  readonly changes?: { readonly since: string; readonly lines: readonly string[] };
  readonly latest: { readonly before?: string; readonly after?: string };
  readonly durationMs: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly string[];
}

export const command = defineCommand<Published>({
  name: 'publish',
  about: 'Sign a workflow and publish it. The same again is safe.',
  positionals: { names: ['DIR'], required: 0 },
  flags: [
    { name: 'key', value: 'NAME', summary: 'sign with this key' },
    { name: 'dry-run', summary: 'do everything but send it; list the files' },
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf publish', 'sheaf publish my-flow --key laptop --dry-run'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const elapsed = startClock(context);
    const { source, bundle } = await packFolder(input.positionals[0] ?? '.', context.cwd);
    const packed: PackedWorkflow = { bundle, blob: await gzipTar(bundle.tar) };
    const git = await readGitState(source.dir, bundle.files, context.env);
    return withSession(context, input, async (session) => {
      const dryRun = input.has('dry-run');
      const yes = input.has('yes');
      await requireToken(context, session);
      const pin = await ensurePinned(context, session, { yes, compare: true });
      const workflow = await findWorkflow(context, session, packed);
      const existing =
        findPublished(context, packed, workflow) === undefined
          ? undefined
          : await verifyPublished({
              client: session.client,
              trust: await session.trust(),
              packed,
              signal: context.signal,
            });
      const before = workflow?.channels['latest'];
      const common = {
        id: bundle.definition.id,
        version: bundle.definition.version,
        digest: bundle.digest,
        sizeBytes: bundle.sizeBytes,
        blobSizeBytes: packed.blob.length,
        files: bundle.files.map(({ path, bytes, executable }) => ({
          path,
          sizeBytes: bytes.length,
          executable,
        })),
        registry: session.url,
        git,
        diagnostics: source.diagnostics,
        warnings: [],
      };
      const latest = before === undefined ? {} : { before };
      if (existing !== undefined) {
        const durationMs = elapsed();
        return {
          data: {
            ...common,
            status: 'unchanged',
            ...describeReceipt(existing, await listOwnKeyIds(context, input.get('key'))),
            created: [],
            latest,
            durationMs,
          },
        };
      }
      const key = await chooseSigningKey(context, input.get('key'));
      const changes = await describeChanges(context, session, packed, workflow);
      const created = await ensureAuthority(context, session, {
        packed,
        key,
        origin: pin.origin,
        yes,
        dryRun,
      });
      const signed = {
        ...common,
        signer: describeKey(key),
        created,
        ...(changes === undefined ? {} : { changes }),
      };
      if (dryRun)
        return {
          data: { ...signed, status: 'would_publish', latest, durationMs: elapsed() },
        };
      const origin = git.kind === 'clean' ? { uri: git.uri, commit: git.commit } : undefined;
      const { created: isNew, receipt } = await sendPublish(context, session, {
        packed,
        key,
        source: origin,
      });
      const durationMs = elapsed();
      const after = await findLatest(context, session, packed);
      return {
        data: {
          ...signed,
          status: isNew ? 'published' : 'unchanged',
          ...describeReceipt(receipt, [key.key.publicKey.id]),
          latest: { ...latest, ...(after === undefined ? {} : { after }) },
          durationMs,
        },
      };
    });
  },
  render: renderPublished,
});

/** What a verified receipt adds; a signature by nobody's key of ours is told. */
function describeReceipt(
  receipt: VerifiedReceipt,
  ownKeyIds: readonly string[],
): Required<Pick<Published, 'signers' | 'logIndex' | 'warnings'>> {
  const signers = receipt.signers.map((key) => key.id);
  const isOwn = signers.some((id) => ownKeyIds.includes(id));
  return {
    signers,
    logIndex: receipt.logIndex,
    warnings: isOwn
      ? []
      : [
          `what is published there was signed by ${signers.map(shortId).join(', ')}, and not by a key that would sign here`,
        ],
  };
}

function describeKey(key: ChosenKey): { readonly id: string; readonly name: string } {
  return { id: key.key.publicKey.id, name: key.label };
}

/** What the new version asks for and takes that the newest one there did not. Undefined for the first version. */
async function describeChanges(
  context: Context,
  session: Session,
  packed: PackedWorkflow,
  workflow: WorkflowDocument | undefined,
): Promise<Published['changes']> {
  const newest = workflow?.versions.find((each) => each.state === 'active' || each.state === 'deprecated');
  if (newest === undefined) return undefined;
  const { definition } = packed.bundle;
  const before: VersionDocument = await session.client.getVersion(
    definition.id,
    parseVersion(newest.version),
    { signal: context.signal },
  );
  const had = Object.keys(before.parameters);
  const has = Object.keys(definition.parameters);
  const lines = [
    ...comparePermissions(before.permissions, definition.permissions),
    ...has.filter((name) => !had.includes(name)).map((name) => `+ parameter ${name}`),
    ...had.filter((name) => !has.includes(name)).map((name) => `- parameter ${printable(name)}`),
  ];
  return { since: newest.version, lines };
}

/** The publish is done; that this cannot be asked must not make it look otherwise. */
async function findLatest(
  context: Context,
  session: Session,
  packed: PackedWorkflow,
): Promise<string | undefined> {
  try {
    return (await findWorkflow(context, session, packed))?.channels['latest'];
  } catch {
    return undefined;
  }
}

function renderPublished(data: Published, { talkStyle }: Look): Rendered {
  const size = `${plural(data.files.length, 'file')}, ${formatBytes(sumSizes(data.files))}, packed ${formatBytes(data.blobSizeBytes)}`;
  const warnings = renderDiagnostics(data.diagnostics, talkStyle);
  const { latest } = data;
  const moved =
    latest.after === undefined
      ? ''
      : latest.before === undefined || latest.before === latest.after
        ? ` · latest ${printable(latest.after)}`
        : ` · latest ${printable(latest.before)} → ${printable(latest.after)}`;
  const signer =
    data.signer === undefined || data.status === 'unchanged'
      ? (data.signers ?? []).map((id) => `signed by ${shortId(id)}, verified`)
      : [`signed by ${shortId(data.signer.id)} (${data.signer.name})${renderChanges(data.changes)}`];
  const log = data.logIndex === undefined ? '' : ` · log #${data.logIndex}`;
  const end = {
    published: `published to ${data.registry}${log}${moved} in ${formatDuration(data.durationMs)}`,
    unchanged: `already published to ${data.registry}${log}, the same bytes; nothing was changed`,
    would_publish: [
      'would publish to',
      data.registry,
      ...(data.created.length === 0 ? [] : [`and ${data.created.join(' and ')}`]),
    ].join(' '),
  }[data.status];
  return {
    talk: [
      ...(warnings === '' ? [] : [warnings]),
      `${talkStyle.bold(`${data.id} ${data.version}`)} · ${size}${renderGit(data.git)}`,
      ...(data.status === 'would_publish'
        ? data.files.map(
            (file) =>
              `  ${file.executable ? 'x' : ' '} ${printable(file.path)}  ${formatBytes(file.sizeBytes)}`,
          )
        : []),
      ...(data.status === 'would_publish'
        ? signer.map((line) => line.replace(/^signed/, 'to be signed'))
        : signer),
      end,
      ...data.warnings.map((line) => `${talkStyle.yellow('warning:')} ${line}`),
    ].join('\n'),
    answer: `${data.id}@${data.version} ${data.digest}`,
  };
}

function renderChanges(changes: Published['changes']): string {
  if (changes === undefined) return '';
  return ` · since ${printable(changes.since)}: ${changes.lines.length === 0 ? 'asks for nothing more' : changes.lines.join(', ')}`;
}

function renderGit(git: GitState): string {
  switch (git.kind) {
    case 'none':
      return '';
    case 'clean':
      return ` · commit ${git.commit.slice(0, 7)}, clean`;
    case 'unnamed':
      return ` · commit ${git.commit.slice(0, 7)} not named, because the repository has no public address`;
    case 'dirty':
      return ` · no commit named, because ${git.files.length === 1 ? `${printable(git.files[0] ?? '')} differs` : `${git.files.length} files differ`} from it`;
  }
}
