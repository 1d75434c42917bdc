import type { Look, Rendered } from '../frame/command.js';
import type { CheckStatus, Finding } from '../doctor/check.js';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { hangText, padTo, plural, widthOf } from '../terminal/text.js';

export interface Diagnosis {
  readonly findings: readonly Finding[];
}

const STATUS_COLUMNS = 4;

/** A line a check with the remedy under it, and how many of each there are; in a pipe fields between tabs. */
export function renderDiagnosis({ findings }: Diagnosis, look: Look): Rendered {
  const epilogue = countAll(findings);
  if (look.columns === undefined) {
    const rows = findings.map(({ status, check, detail, remedy = '' }) => [status, check, detail, remedy]);
    return { answer: renderTable([], rows, look), epilogue };
  }
  const width = Math.max(...findings.map(({ check }) => widthOf(check)));
  const lines = findings.flatMap(({ status, check, detail, remedy }) => [
    ...hangText(
      `${paint(look.style, status)(padTo(status, STATUS_COLUMNS))}  ${padTo(printable(check), width)}  `,
      printable(detail),
      look.columns,
    ),
    // A command is there to be copied: it is never broken.
    ...(remedy === undefined
      ? []
      : [`${' '.repeat(STATUS_COLUMNS + 2)}${look.style.cyan('help:')} ${printable(remedy)}`]),
  ]);
  return { answer: lines.join('\n'), epilogue };
}

function paint(style: Style, status: CheckStatus): (text: string) => string {
  return { ok: style.green, warn: style.yellow, fail: style.red, skip: style.dim }[status];
}

function countAll(findings: readonly Finding[]): string {
  const count = (status: CheckStatus): number => findings.filter((each) => each.status === status).length;
  const rest = [`${count('ok')} ok`, plural(count('warn'), 'warning'), `${count('skip')} skipped`].join(', ');
  const failures = count('fail');
  return failures === 0
    ? `nothing failed: ${rest}`
    : `${failures} of ${plural(findings.length, 'check')} failed: ${rest}`;
}
