import type { Look, Rendered } from '../frame/command.js';
import type { FetchOneJson } from '../json/fetch.js';
import { printable } from '../terminal/escape.js';
import { formatBytes, formatDuration, plural, shortId } from '../terminal/text.js';
import { isCarryName } from '../workflow/carry-file.js';
import { offlineNote } from './verification.js';

/** A workflow that was fetched, and what it came with. */
export type FetchedOne = FetchOneJson;

/** One workflow: who signed it, where it came from, and its digest as the answer. */
export function renderFetched(
  data: FetchedOne,
  { talkStyle, nowMs }: Pick<Look, 'talkStyle' | 'nowMs'>,
): Rendered {
  const from = data.fromCache ? 'from the cache' : 'fetched';
  return {
    talk: [
      ...data.warnings.map((line) => `${talkStyle.yellow('warning:')} ${line}`),
      `${talkStyle.bold(`${data.id} ${data.version}`)} verified · signed by ${data.signers.map((id) => shortId(id)).join(', ')} · log #${data.logIndex}${data.offline ? ` · ${offlineNote(data, nowMs)}` : ''}`,
      `${plural(data.fileCount, 'file')}, ${formatBytes(data.blobSizeBytes)} ${from} in ${formatDuration(data.durationMs)}${whereTo(data)}`,
    ].join('\n'),
    answer: answerOf(data),
  };
}

/** Several workflows: a digest each as the answer, and what they were together. */
export function renderSeveral(
  fetched: readonly FetchedOne[],
  { durationMs, failed }: { readonly durationMs: number; readonly failed: number },
  { talkStyle }: Pick<Look, 'talkStyle'>,
): Rendered {
  const downloaded = fetched.filter(({ fromCache }) => !fromCache);
  const bytes = downloaded.reduce((sum, { blobSizeBytes }) => sum + blobSizeBytes, 0);
  const cached = fetched.length - downloaded.length;
  const parts = [
    `${plural(fetched.length, 'workflow')} verified`,
    ...(downloaded.length === 0 ? [] : [`${downloaded.length} fetched, ${formatBytes(bytes)}`]),
    ...(cached === 0 ? [] : [`${cached} from the cache`]),
    ...(failed === 0 ? [] : [talkStyle.red(`${failed} failed`)]),
  ];
  return {
    talk: fetched
      .flatMap(({ warnings }) => warnings)
      .map((line) => `${talkStyle.yellow('warning:')} ${line}`)
      .join('\n'),
    answer: fetched.map(answerOf).join('\n'),
    epilogue: `${parts.join(' · ')} in ${formatDuration(durationMs)}`,
  };
}

function answerOf({ id, version, digest }: FetchedOne): string {
  return `${id}@${version} ${digest}`;
}

function whereTo({ output }: FetchedOne): string {
  if (output === undefined) return '';
  return `, ${isCarryName(output) ? 'written' : 'unpacked'} to ${printable(output)}`;
}
