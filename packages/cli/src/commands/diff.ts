import {
  compareDefinitions,
  isClientError,
  isHigherVersion,
  isUnchanged,
  listBreaking,
  patchFile,
  type FilePatch,
  type WorkflowChanges,
} from '@sheaf/client';
import type { WorkflowDocument } from '@sheaf/client/contract';
import { parseVersion, parseWorkflowId, type WorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import type { DiffJson } from '../json/diff.js';
import { renderPatches, renderSections, renderSigners } from '../output/changes.js';
import { fetchSide, openSide, type DiffSide } from '../project/diff-side.js';
import { withReference } from '../registry/locate.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG, withSession, YES_FLAG, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { plural, shortId } from '../terminal/text.js';

interface Diff {
  /** Undefined for the first version of a workflow. */
  readonly before: DiffSide | undefined;
  readonly after: DiffSide;
  readonly changes: WorkflowChanges;
  readonly patches: readonly FilePatch[] | undefined;
}

export const command = defineCommand<Diff, DiffJson>({
  name: 'diff',
  about:
    'Show what changed between two versions: signer, permissions, interface, steps, files. What is published is verified first.',
  positionals: {
    names: ['A', 'B'],
    required: 1,
    completes: [
      ['reference', 'name', 'folder', 'file'],
      ['reference', 'name', 'folder', 'file'],
    ],
  },
  flags: [
    { name: 'patch', short: 'p', summary: 'the changed lines of text files as well' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf diff . --patch', 'sheaf diff acme/deploy@1.2.0 acme/deploy@1.3.0'],
  exitCodes: [0, 3, 4, 5, 6, 7],
  run: async (context, input) => ({ data: await diff(context, input) }),
  toJson: describe,
  render,
});

async function diff(context: Context, input: Input): Promise<Diff> {
  const [first = '', second] = input.positionals;
  const one = await openSide(context, input, first);
  const [before, after] =
    second === undefined
      ? [await findBefore(context, input, one), one]
      : [one, await openSide(context, input, second)];
  return {
    before,
    after,
    changes: compareDefinitions(before?.compared, after.compared),
    patches: input.has('patch') ? patchAll(before, after) : undefined,
  };
}

/** What a side alone is held against: a published version, the one before it; all else, the newest that is published. */
async function findBefore(context: Context, input: Input, side: DiffSide): Promise<DiffSide | undefined> {
  const fetchFrom = async (session: Session): Promise<DiffSide | undefined> => {
    const id = parseWorkflowId(side.id);
    const document = await findWorkflow(session, id, context.signal);
    if (document === undefined) return undefined;
    const version = side.isVerified ? findEarlier(document, side.version) : newestOf(document);
    if (version === undefined) return undefined;
    const selector = { kind: 'version', version: parseVersion(version) } as const;
    return fetchSide(context, input, session, { id, selector });
  };
  return side.registry === undefined
    ? withReference(context, input, side.id, fetchFrom)
    : withSession(context, input, fetchFrom, { choice: side.registry });
}

async function findWorkflow(
  { client }: Session,
  id: WorkflowId,
  signal: AbortSignal,
): Promise<WorkflowDocument | undefined> {
  try {
    return await client.getWorkflow(id, { signal });
  } catch (error) {
    if (isClientError(error, 'workflow.not_found', 'namespace.not_found')) return undefined;
    throw error;
  }
}

type Summary = WorkflowDocument['versions'][number];

function findEarlier({ versions }: WorkflowDocument, than: string): string | undefined {
  return highest(versions.filter((each) => isOffered(each) && isHigherVersion(than, each.version)));
}

function newestOf({ channels, versions }: WorkflowDocument): string | undefined {
  return Object.hasOwn(channels, 'latest') ? channels['latest'] : highest(versions.filter(isOffered));
}

function isOffered({ state, revoked }: Summary): boolean {
  return revoked === undefined && (state === 'active' || state === 'deprecated');
}

function highest(versions: readonly Summary[]): string | undefined {
  return versions.reduce<string | undefined>(
    (best, { version }) => (best === undefined || isHigherVersion(version, best) ? version : best),
    undefined,
  );
}

function patchAll(before: DiffSide | undefined, after: DiffSide): readonly FilePatch[] {
  const files = (side: DiffSide | undefined) =>
    new Map((side?.compared.files ?? []).map((file) => [file.path, file]));
  const [old, now] = [files(before), files(after)];
  const { files: changed } = compareDefinitions(before?.compared, after.compared);
  return changed
    .map(({ path }) => patchFile(path, old.get(path), now.get(path)))
    .filter(({ hunks, omitted }) => hunks.length > 0 || omitted !== undefined);
}

function describe({ before, after, changes, patches }: Diff): DiffJson {
  return {
    ...(before === undefined ? {} : { before: describeSide(before) }),
    after: describeSide(after),
    ...changes,
    same: isUnchanged(changes),
    ...(patches === undefined ? {} : { patches }),
  };
}

function describeSide({
  kind,
  id,
  version,
  digest,
  path,
  compared,
  isVerified,
}: DiffSide): DiffJson['after'] {
  const { signers } = compared;
  const side = { kind, id, version, digest, ...(path === undefined ? {} : { path }) };
  return { ...side, verified: isVerified, ...(signers === undefined ? {} : { signers }) };
}

function render({ before, after, changes, patches }: Diff, { style, talkStyle }: Look): Rendered {
  const signer = renderSigners(changes.signers, style) ?? describeSameSigner(before, after);
  const head =
    before === undefined
      ? `${title(after)}, the first version`
      : `${title(before)} → ${title(after, before)}`;
  return {
    answer: [
      style.bold(head),
      ...renderSections(changes, signer, style),
      ...(patches === undefined || patches.length === 0 ? [] : ['', ...renderPatches(patches, style)]),
    ].join('\n'),
    epilogue: verdict({ before, after, changes }, talkStyle),
  };
}

function verdict({ before, after, changes }: Omit<Diff, 'patches'>, style: Look['talkStyle']): string {
  const asked = changes.permissions.added.length;
  const breaking = listBreaking(changes).length;
  const found = [
    ...(changes.signers === undefined ? [] : ['another signer']),
    ...(asked === 0 ? [] : [`${plural(asked, 'permission')} newly asked`]),
    ...(breaking === 0 ? [] : [plural(breaking, 'breaking change')]),
  ];
  const sides = [before, after].filter((side) => side !== undefined);
  const checked = sides.every(({ isVerified }) => isVerified)
    ? 'all that is shown was verified'
    : 'what is not published is not verified';
  const what = isUnchanged(changes)
    ? 'nothing differs'
    : found.length === 0
      ? 'asks for nothing more, breaks nothing declared'
      : found.join(', ');
  return `${(found.length === 0 ? style.green : style.yellow)(what)} · ${checked}`;
}

/** `acme/deploy 1.2.0`; what nobody vouches for says so. */
function title(side: DiffSide, other?: DiffSide): string {
  const name = side.id === other?.id ? side.version : `${side.id} ${side.version}`;
  const path = side.path === undefined ? '' : `${printable(side.path)}, `;
  if (!side.isVerified)
    return `${name} (${path}${side.kind === 'folder' ? 'your working tree, unsigned' : 'not published: nothing vouches for it'})`;
  return side.path === undefined ? name : `${name} (${printable(side.path)})`;
}

function describeSameSigner(before: DiffSide | undefined, after: DiffSide): string {
  const signers = after.compared.signers;
  if (signers === undefined)
    return after.kind === 'folder' ? 'nobody: it is unsigned' : 'not verified: it is not published';
  const names = signers.map((id) => shortId(id)).join(', ');
  return before?.compared.signers === undefined ? names : `same (${names})`;
}
