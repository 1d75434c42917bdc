import type { VersionDocument, WorkflowDocument } from '@sheaf/client/contract';
import type { Look, Rendered } from '../frame/command.js';
import { newestBeside } from '../registry/release-state.js';
import { printable, printableLines } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import { formatAge, hangText, shortId } from '../terminal/text.js';
import { renderFacts, type Fact } from './facts.js';
import { listContents, renderTitle } from './info-contents.js';
import { describeFetched } from './usage.js';

/** What a registry says of a version, and of the workflow that it is of. */
export interface Info {
  readonly registry: string;
  readonly workflow: WorkflowDocument;
  readonly version: VersionDocument;
  /** What the project calls it, and which versions of it are locked. */
  readonly project?: { readonly name: string; readonly locked: readonly string[] };
  /** Of the configured registry that it was asked for in, as it stands before a reference. */
  readonly qualifier?: string;
  /** When it was asked for. */
  readonly readme?: string;
}

/** The state first, permissions before prose, the line that adds it last; or the README alone. */
export function renderInfo(data: Info, look: Look): Rendered {
  if (data.readme !== undefined) return { answer: printableLines(data.readme.trimEnd()), paged: true };
  const { workflow, version } = data;
  const { style, columns } = look;
  const latest = workflow.channels['latest'];
  const mark =
    latest === undefined ? '' : latest === version.version ? ' (latest)' : ` (latest ${printable(latest)})`;
  return {
    answer: [
      ...renderWarnings(version, look),
      renderTitle(version, mark, style),
      ...(version.description === undefined ? [] : hangText('', printable(version.description), columns)),
      ...renderFacts(listFacts(data, look), columns, style),
    ].join('\n'),
  };
}

function listFacts(
  { workflow, version, project, qualifier }: Info,
  { columns, nowMs }: Look,
): readonly Fact[] {
  const { source } = version;
  const fetched = describeFetched(workflow.versions, nowMs);
  const age = printable(columns === undefined ? version.publishedAt : formatAge(version.publishedAt, nowMs));
  const keys = version.signers.map((id) => printable(shortId(id))).join(', ');
  const by = version.publishedVia.startsWith('oidc:')
    ? ` by ${printable(version.publishedVia.slice('oidc:'.length))}`
    : '';
  const lines: readonly (Fact | undefined)[] = [
    [
      'published',
      `${age}${by}, key ${keys}, log #${version.logIndex} (not verified: info downloads nothing)`,
    ],
    source && ['from', `${printable(source.uri)} at ${printable(source.commit.slice(0, 12))}`],
    ...listContents(version, columns),
    ['versions', describeVersions(workflow)],
    fetched === undefined ? undefined : ['fetched', fetched],
    project && [
      'here',
      `${project.name} in sheaf.toml, ${project.locked.length === 0 ? 'not locked' : `locked at ${project.locked.map((each) => printable(each)).join(', ')}`}`,
    ],
    describeUse({ workflow, version, qualifier, isNamed: project !== undefined }),
  ];
  return lines.filter((line) => line !== undefined);
}

/** How to add it; of what was taken back, what to look at instead, if anything is left. */
function describeUse({
  workflow,
  version,
  qualifier,
  isNamed,
}: {
  readonly workflow: WorkflowDocument;
  readonly version: VersionDocument;
  readonly qualifier: string | undefined;
  readonly isNamed: boolean;
}): Fact | undefined {
  const { id, state, revoked, replacement } = version;
  const before = qualifier === undefined ? '' : `${qualifier}:`;
  if (revoked === undefined && (state === 'active' || state === 'deprecated')) {
    const isLatest = workflow.channels['latest'] === version.version;
    const selector = isLatest ? rangeOf(version.version) : version.version;
    return isNamed ? undefined : ['add', printable(`sheaf add ${before}${id}@${selector}`)];
  }
  const left = newestBeside(version.version, workflow);
  const instead = replacement ?? (left === undefined ? undefined : `${before}${id}@${left}`);
  return instead === undefined ? undefined : ['instead', printable(`sheaf info ${shellWord(instead)}`)];
}

/** `^1.2` for 1.2.3: what is compatible; a version before a release stands for itself. */
function rangeOf(version: string): string {
  const compatible = /^(\d+\.\d+)\.\d+$/.exec(version)?.[1];
  return compatible === undefined ? version : `^${compatible}`;
}

function renderWarnings(version: VersionDocument, { style, columns }: Look): readonly string[] {
  const { revoked, state, reason, replacement } = version;
  const lines: string[] = [];
  if (revoked !== undefined) {
    const why = `its key ${shortId(revoked.keyid)} was revoked as ${revoked.reason} at log #${revoked.logIndex}`;
    lines.push(`${style.red('REVOKED')}: ${printable(why)}; nothing fetches or runs it`);
  }
  if (state !== 'active') {
    const instead = replacement === undefined ? '' : ` (replacement: ${printable(replacement)})`;
    const why = reason === undefined ? '' : `: ${printable(reason)}`;
    lines.push(`${style.yellow(printable(state.toUpperCase()))}${why}${instead}`);
  }
  return lines.flatMap((line) => hangText('', line, columns));
}

/** `14 (1 deprecated, 1 yanked) · beta 1.3.0-rc.1`. */
function describeVersions({ versions, channels }: WorkflowDocument): string {
  const counts = new Map<string, number>();
  for (const each of versions) {
    const word = each.revoked === undefined ? each.state : 'revoked';
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const active = counts.get('active') ?? 0;
  counts.delete('active');
  const states = [...counts].map(([state, count]) => `${count} ${printable(state)}`).join(', ');
  const none = active === 0 && versions.length > 0 ? ', no active version is left' : '';
  return [
    `${versions.length}${states === '' ? '' : ` (${states})`}${none}`,
    ...Object.entries(channels)
      .filter(([name]) => name !== 'latest')
      .map(([name, version]) => printable(`${name} ${version}`)),
  ].join(' · ');
}
