import type { SummaryStepJson } from '../json/run-summary.js';
import { printable, printableLines } from '../terminal/escape.js';
import { formatDuration, plural, shortId } from '../terminal/text.js';
import { signOf } from './status.js';
import type { RunSummaryDocument } from './run-summary.js';

/** GitHub takes 1 MiB from a step, and drops all of what is larger. */
const MAX_ROWS = 200;

/** A run as Markdown for the page of a job on GitHub. All that others wrote is text in it, and nothing more. */
export function renderStepSummary(summary: RunSummaryDocument): string {
  const { workflow, error } = summary;
  if (workflow === undefined || error !== undefined) {
    return [
      `### ✗ ${escapeMarkdown(summary.reference ?? 'run')} was not run`,
      '',
      `\`${escapeCode(error?.code ?? '')}\` ${escapeMarkdown(error?.message ?? '')}`,
      ...[...(error?.evidence ?? []), ...(error?.help ?? [])].map((line) => `- ${escapeMarkdown(line)}`),
      '',
      '',
    ].join('\n');
  }
  const { status, durationMs = 0, steps, verified } = summary;
  const shown = steps.slice(0, MAX_ROWS);
  return [
    `### ${signOf(status === 'not_started' ? 'failed' : status)} ${escapeMarkdown(`${workflow.id} ${workflow.version}`)} ${status} in ${formatDuration(durationMs)}`,
    '',
    verified === undefined
      ? 'unsigned: a folder of the repository'
      : `verified: signed by ${verified.signers.map((id) => `\`${escapeCode(shortId(id))}\``).join(', ')}, log #${verified.logIndex}, \`${escapeCode(verified.digest)}\``,
    '',
    '| step | result | time |',
    '| --- | --- | ---: |',
    ...shown.map(renderRow),
    ...(shown.length < steps.length ? [`| … | ${plural(steps.length - shown.length, 'more step')} | |`] : []),
    '',
    ...summary.warnings.map((line) => `- ${escapeMarkdown(line)}`),
    ...renderFailure(summary),
    '',
    '',
  ].join('\n');
}

function renderRow({ id, status, durationMs, reason }: SummaryStepJson): string {
  const why = reason === undefined ? '' : `: ${escapeMarkdown(reason.message)}`;
  const took = durationMs === undefined ? '' : formatDuration(durationMs);
  return `| \`${escapeCode(id)}\` | ${signOf(status)} ${status}${why} | ${took} |`;
}

function renderFailure({ failure }: RunSummaryDocument): readonly string[] {
  if (failure === undefined || failure.lines.length === 0) return [];
  const lines = failure.lines.map((line) => escapeHtml(printableLines(line)));
  return [
    '',
    `<details><summary>${escapeHtml(printable(failure.message))}</summary>`,
    '',
    `<pre>${lines.join('\n')}</pre>`,
    '</details>',
  ];
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;');
}

/** Every character that means something in Markdown or HTML, as a reference: no link, image, table or mention comes of it. */
function escapeMarkdown(text: string): string {
  return printable(text).replace(
    /[\\`*_{}[\]()#+!|<>&~@:."'$^=-]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

function escapeCode(text: string): string {
  return printable(text).replace(/[`|]/g, '');
}
