import { isClientError, resolveVersion, type Reference } from '@sheaf/client';
import type { VersionDocument, WorkflowDocument } from '@sheaf/client/contract';
import { splitWorkflowId, type Version, type WorkflowId } from '@sheaf/workflow';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { listPermissions } from '../output/permissions.js';
import { withReference } from '../registry/locate.js';
import { assertSameLog } from '../registry/log-key.js';
import { newestBeside } from '../registry/release-state.js';
import { REGISTRY_FLAG, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { formatAge, formatBytes, plural, shortId, sumSizes } from '../terminal/text.js';

interface Info {
  readonly registry: string;
  readonly workflow: WorkflowDocument;
  readonly version: VersionDocument;
}

export const command = defineCommand<Info>({
  name: 'info',
  about: 'Show what a workflow is, what it may do, what it takes and gives. Downloads and verifies nothing.',
  positionals: { names: ['REF'], required: 1 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf info acme/release-notes', 'sheaf info acme/release-notes@^1 --json'],
  exitCodes: [0, 3, 4, 6],
  run: (context, input) =>
    withReference(context, input, input.positionals[0] ?? '', async (session, reference) => {
      const { client, url } = session;
      const { signal } = context;
      const [workflow] = await Promise.all([
        findWorkflow(context, session, reference.id),
        assertSameLog(context, session),
      ]);
      const chosen = chooseVersion(workflow, reference);
      const version = await client.getVersion(reference.id, chosen, { signal });
      return { data: { registry: url, workflow, version } };
    }),
  render: renderInfo,
});

/** The version that a reference means. One that is refused for its key is shown all the same when it is asked for by number. */
function chooseVersion(workflow: WorkflowDocument, reference: Reference): Version {
  const { selector } = reference;
  const isRevoked =
    selector.kind === 'version' &&
    workflow.id === reference.id &&
    workflow.versions.some((each) => each.version === selector.version && each.revoked !== undefined);
  if (isRevoked) return selector.version;
  try {
    return resolveVersion(workflow, reference).version;
  } catch (error) {
    const [newest] = workflow.versions;
    if (!isClientError(error, 'version.unresolved') || newest === undefined) throw error;
    throw new CliError(error.code, error.message, {
      cause: error,
      hint: [
        ...(error.hint === undefined ? [] : [error.hint]),
        `sheaf info ${reference.id}@${newest.version}`,
      ],
    });
  }
}

/** The workflow; when there is none, the error names those whose names are near. */
async function findWorkflow(
  context: Context,
  { client }: Session,
  id: WorkflowId,
): Promise<WorkflowDocument> {
  const { signal } = context;
  try {
    return await client.getWorkflow(id, { signal });
  } catch (error) {
    if (!isClientError(error, 'workflow.not_found', 'namespace.not_found')) throw error;
    const names = await findNear(client, id, signal);
    if (names.length === 0) throw error;
    throw new CliError(error.code, error.message, {
      cause: error,
      evidence: [`near it: ${names.join(', ')}`],
      hint: `sheaf info ${names[0] ?? ''}`,
    });
  }
}

async function findNear(
  client: Session['client'],
  id: WorkflowId,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const { hits, near } = await client.search({ text: splitWorkflowId(id).name, limit: 5 }, { signal });
    return [...near, ...hits].slice(0, 5).map((hit) => hit.id);
  } catch {
    // A suggestion is an extra: that there is none must not hide what was not found.
    return [];
  }
}

function renderInfo({ workflow, version }: Info, { style, nowMs, columns }: Look): Rendered {
  const show = (text: string): string => printable(text);
  const latest = workflow.channels['latest'];
  const mark =
    latest === undefined ? '' : latest === version.version ? ' (latest)' : ` (latest ${show(latest)})`;
  const tags = version.tags.map((tag) => `#${show(tag)}`).join(' ');
  const age = show(columns === undefined ? version.publishedAt : formatAge(version.publishedAt, nowMs));
  const permissions = listPermissions(version.permissions);
  const states = countStates(workflow);
  const rows: readonly (readonly [string, string])[] = [
    [
      'published',
      `${age}, key ${version.signers.map((id) => show(shortId(id))).join(', ')}, log #${version.logIndex} (not verified: info downloads nothing)`,
    ],
    ...(version.source === undefined
      ? []
      : [['from', `${show(version.source.uri)} at ${show(version.source.commit.slice(0, 12))}`] as const]),
    ['may use', permissions.length === 0 ? 'declares no permissions' : permissions.join(' · ')],
    ...(version.requirements.length === 0
      ? []
      : [['needs', version.requirements.map(show).join(', ')] as const]),
    ...describeParameters(version.parameters).map((line, index): readonly [string, string] => [
      index === 0 ? 'takes' : '',
      line,
    ]),
    ...(version.outputs.length === 0 ? [] : [['gives', version.outputs.map(show).join(' · ')] as const]),
    [
      'steps',
      version.steps
        .map((step) =>
          step.needs.length === 0 ? show(step.id) : `${show(step.id)} ← ${step.needs.map(show).join(', ')}`,
        )
        .join(' · '),
    ],
    [
      'files',
      `${plural(version.files.length, 'file')}, ${formatBytes(sumSizes(version.files))}, packed ${formatBytes(version.blobSizeBytes)} · ${show(version.digest)}`,
    ],
    ['versions', `${workflow.versions.length}${states}`],
    ...describeUse(workflow, version),
  ];
  return {
    answer: [
      ...renderRevoked(version, style),
      ...renderState(version, style),
      `${style.bold(`${show(version.id)} ${show(version.version)}`)}${mark}  ${show(version.license ?? 'no licence given')}  ${tags}`.trimEnd(),
      ...(version.description === undefined ? [] : [show(version.description)]),
      ...rows.map(([label, text]) => `${style.dim(label.padEnd(10))} ${text}`),
    ].join('\n'),
  };
}

/** How to run it; of what was taken back, what to look at instead, if anything is left. */
function describeUse(
  workflow: WorkflowDocument,
  version: VersionDocument,
): readonly (readonly [string, string])[] {
  const { id, state, revoked, replacement } = version;
  if (revoked === undefined && (state === 'active' || state === 'deprecated'))
    return [['run it', printable(`sheaf run ${id}@${version.version}`)]];
  const left = newestBeside(version.version, workflow);
  const instead = replacement ?? (left === undefined ? undefined : `${id}@${left}`);
  return instead === undefined ? [] : [['instead', printable(`sheaf info ${instead}`)]];
}

function renderRevoked({ revoked }: VersionDocument, style: Look['style']): readonly string[] {
  if (revoked === undefined) return [];
  const { keyid, reason, logIndex } = revoked;
  return [
    `${style.red('REVOKED')}: its key ${shortId(keyid)} was revoked as ${reason} at log #${logIndex}; nothing fetches or runs it`,
  ];
}

function renderState(version: VersionDocument, style: Look['style']): readonly string[] {
  if (version.state === 'active') return [];
  const reason = version.reason === undefined ? '' : `: ${printable(version.reason)}`;
  const instead =
    version.replacement === undefined ? '' : ` (replacement: ${printable(version.replacement)})`;
  return [`${style.yellow(printable(version.state.toUpperCase()))}${reason}${instead}`];
}

function countStates(workflow: WorkflowDocument): string {
  const counts = new Map<string, number>();
  for (const state of workflow.versions.map(standingWord))
    if (state !== 'active') counts.set(state, (counts.get(state) ?? 0) + 1);
  const none = workflow.versions.every((each) => standingWord(each) !== 'active');
  return counts.size === 0
    ? ''
    : ` (${[...counts].map(([state, count]) => `${count} ${printable(state)}`).join(', ')})${none ? ', no active version is left' : ''}`;
}

function standingWord({ state, revoked }: WorkflowDocument['versions'][number]): string {
  return revoked === undefined ? state : 'revoked';
}

/** `since  string = "v0"  first tag`: what the registry derived from the definition, read with care. */
function describeParameters(parameters: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(parameters).map(([name, value]) => {
    const parameter: Readonly<Record<string, unknown>> =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    const type = typeof parameter['type'] === 'string' ? parameter['type'] : 'string';
    const fallback =
      'default' in parameter
        ? ` = ${JSON.stringify(parameter['default'])}`
        : parameter['required'] === false
          ? ' (optional)'
          : ' (required)';
    const description = typeof parameter['description'] === 'string' ? `  ${parameter['description']}` : '';
    return printable(`${name}  ${type}${fallback}${description}`);
  });
}
