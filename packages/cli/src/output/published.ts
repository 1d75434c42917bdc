import type { Look, Rendered } from '../frame/command.js';
import type { GitState } from '../registry/git-source.js';
import { printable } from '../terminal/escape.js';
import { renderTable } from '../terminal/table.js';
import { formatBytes, formatDuration, plural, shortId, sumSizes } from '../terminal/text.js';
import { renderDiagnostics, type ShownDiagnostic } from './diagnostics.js';

/** A key that signed. */
export interface Signer {
  readonly id: string;
  /** What the key is called here, when it is here. */
  readonly name?: string;
}

/** What a publish did. */
export interface Published {
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
  /** How the registry is called: by its name here, else by its address. */
  readonly at: string;
  readonly git: GitState;
  /** Whether its files are listed; after a dry run they always are. */
  readonly lists: boolean;
  readonly signer?: Signer;
  readonly cosigners?: readonly Signer[];
  /** Whose signatures the log holds, verified. */
  readonly signers?: readonly string[];
  readonly logIndex?: number;
  readonly created: readonly string[];
  readonly changes?: { readonly from: string; readonly lines: readonly string[] };
  readonly latest: { readonly before?: string; readonly after?: string };
  /** The channel that was asked for, and the version that it points at, when the registry says. */
  readonly channel?: {
    readonly name: string;
    readonly version?: string;
    /** It was not moved, because it points at a higher version than the one that was published before. */
    readonly kept?: 'higher';
  };
  readonly durationMs: number;
  readonly diagnostics: readonly ShownDiagnostic[];
  /** The definitions, for the findings about them. */
  readonly sources?: ReadonlyMap<string, string> | undefined;
  readonly warnings: readonly string[];
}

/** What was published, by whom, and where it stands now. */
export function renderPublished(data: Published, { talkStyle, talkColumns }: Look): Rendered {
  const size = `${plural(data.files.length, 'file')}, ${formatBytes(sumSizes(data.files))}, packed ${formatBytes(data.blobSizeBytes)}`;
  const warnings = renderDiagnostics(data.diagnostics, talkStyle, data.sources, talkColumns);
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
      : [
          `signed by ${[data.signer, ...(data.cosigners ?? [])].map(renderSigner).join(', ')}${renderChanges(data.changes)}`,
        ];
  const log = data.logIndex === undefined ? '' : ` · log #${data.logIndex}`;
  const channel =
    data.channel === undefined
      ? ''
      : ` · ${data.channel.name} ${printable(data.channel.version ?? data.version)}`;
  const end = {
    published: `published to ${printable(data.at)}${log}${moved}${channel} · ${formatDuration(data.durationMs)}`,
    unchanged: `already published to ${printable(data.at)}${log}, the same bytes; nothing was changed`,
    would_publish: [
      'would publish to',
      printable(data.at),
      ...(data.created.length === 0 ? [] : [`and ${data.created.join(' and ')}`]),
      ...(data.channel === undefined ? [] : [`and point ${data.channel.name} at it`]),
    ].join(' '),
  }[data.status];
  return {
    talk: [
      ...(warnings === '' ? [] : [warnings]),
      `${talkStyle.bold(`${data.id} ${data.version}`)} · ${size}${renderGit(data.git)}`,
      ...(data.lists || data.status === 'would_publish' ? [listFiles(data.files, talkColumns)] : []),
      ...(data.status === 'would_publish'
        ? signer.map((line) => line.replace(/^signed/, 'to be signed'))
        : signer),
      end,
      ...(data.status === 'unchanged' ? renderUnchangedChannel(data) : []),
      ...data.warnings.map((line) => `${talkStyle.yellow('warning:')} ${line}`),
    ].join('\n'),
    answer: `${data.id}@${data.version} ${data.digest}`,
  };
}

/** Talk is for eyes also where nobody's terminal is known. */
const UNCUT = 10_000;

function listFiles(files: Published['files'], columns = UNCUT): string {
  return renderTable(
    [{}, { least: 20 }, { align: 'right' }],
    files.map(({ path, sizeBytes, executable }) => [executable ? 'x' : '', path, formatBytes(sizeBytes)]),
    { columns, indent: 2 },
  );
}

/** Where the channel stands that a publish of what was there already asked for. */
function renderUnchangedChannel({ channel, id, version }: Published): readonly string[] {
  if (channel === undefined) return [];
  if (channel.version === version) return [`${channel.name} points at it`];
  const now = channel.version === undefined ? 'does not exist' : `stays at ${printable(channel.version)}`;
  const why = channel.kept === 'higher' ? ', which is higher' : '';
  return [
    `${channel.name} ${now}${why}; to point it there: sheaf channel set ${id}@${version} ${channel.name}`,
  ];
}

function renderSigner({ id, name }: Signer): string {
  return name === undefined ? shortId(id) : `${shortId(id)} (${name})`;
}

function renderChanges(changes: Published['changes']): string {
  if (changes === undefined) return '';
  return ` · since ${printable(changes.from)}: ${changes.lines.length === 0 ? 'asks for nothing more' : changes.lines.join(', ')}`;
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
