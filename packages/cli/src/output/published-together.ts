import type { Look, Rendered } from '../frame/command.js';
import { printable } from '../terminal/escape.js';
import { formatBytes, formatDay, formatDuration, plural } from '../terminal/text.js';
import { renderDiagnostics, type ShownDiagnostic } from './diagnostics.js';

/** What a publish of several did, or one that waits for an approval. */
export interface PublishedTogether {
  readonly status: 'published' | 'unchanged' | 'would_publish' | 'staged';
  readonly registry: string;
  /** How the registry is called: by its name here, else by its address. */
  readonly at: string;
  readonly versions: readonly {
    readonly id: string;
    readonly version: string;
    readonly digest: string;
    readonly fileCount: number;
    readonly blobSizeBytes: number;
  }[];
  /** Where the log holds each version, in the same order. */
  readonly logIndexes?: readonly number[];
  readonly stage?: { readonly id: string; readonly expiresAt: string };
  readonly created: readonly string[];
  /** The channel that was asked for. */
  readonly channel?: { readonly name: string };
  /** Versions that were published before, and the higher ones at which the channel therefore stays. */
  readonly channelKept?: readonly {
    readonly id: string;
    readonly version: string;
    readonly higher: string;
  }[];
  readonly diagnostics: readonly ShownDiagnostic[];
  /** The definitions, for the findings about them. */
  readonly sources?: ReadonlyMap<string, string> | undefined;
  readonly durationMs: number;
}

export function renderPublishedTogether(data: PublishedTogether, { talkStyle, talkColumns }: Look): Rendered {
  const count = plural(data.versions.length, 'version');
  const warnings = renderDiagnostics(data.diagnostics, talkStyle, data.sources, talkColumns);
  const { stage, channelKept: kept = [] } = data;
  const channel = data.channel?.name;
  const each = kept.length === 0 ? 'each' : 'each other';
  const isPointed = channel !== undefined && kept.length < data.versions.length;
  const end = {
    published: `${count} published together to ${printable(data.at)}${isPointed ? `, ${channel} points at ${each}` : ''} · ${formatDuration(data.durationMs)}`,
    unchanged: `${count} already published to ${printable(data.at)}, the same bytes; nothing was changed${isPointed ? ` but ${channel}, which points at ${each}` : ''}`,
    would_publish: [
      'would publish together to',
      printable(data.at),
      ...data.created.map((each) => `and ${each}`),
      ...(channel === undefined ? [] : [`and point ${channel} at each`]),
    ].join(' '),
    staged: `${count} staged at ${printable(data.at)} until ${stage === undefined ? '' : formatDay(stage.expiresAt)}; nobody else sees ${data.versions.length === 1 ? 'it' : 'them'} yet`,
  }[data.status];
  return {
    talk: [
      ...(warnings === '' ? [] : [warnings]),
      ...data.versions.map(
        ({ id, version, fileCount, blobSizeBytes }, i) =>
          `${talkStyle.bold(`${id} ${version}`)} · ${plural(fileCount, 'file')}, packed ${formatBytes(blobSizeBytes)}${data.logIndexes === undefined ? '' : ` · log #${data.logIndexes[i] ?? ''}`}`,
      ),
      end,
      ...kept.map(
        ({ id, version, higher }) =>
          `${channel ?? ''} stays at ${printable(higher)}, which is higher; to point it there: sheaf channel set ${id}@${version} ${channel ?? ''}`,
      ),
      ...(stage === undefined
        ? []
        : [`to approve with another key: sheaf stage approve ${stage.id} --key NAME`]),
    ].join('\n'),
    answer:
      stage?.id ?? data.versions.map(({ id, version, digest }) => `${id}@${version} ${digest}`).join('\n'),
  };
}
