import type { ErrorReport } from '../frame/errors.js';
import type { ErrorJson } from '../json/error.js';
import { printable } from '../terminal/escape.js';
import type { Style } from '../terminal/style.js';

/** `error[code]: message`, the evidence, and the help last. */
export function renderError(
  report: Pick<ErrorReport, 'code' | 'message' | 'evidence' | 'help'>,
  style: Style,
): string {
  return [
    `${style.red(`error[${report.code}]`)}${style.bold(`: ${printable(report.message)}`)}`,
    ...report.evidence.map((line) => `  ${printable(line)}`),
    ...report.help.map((line) => `  ${style.cyan('help:')} ${printable(line)}`),
  ].join('\n');
}

/** The JSON document of a failure. */
export function errorDocument(
  report: ErrorReport,
  exitCode: number,
): ErrorJson & { readonly schema: string } {
  return {
    schema: 'sheaf.error/1',
    code: report.code,
    message: report.message,
    help: report.help,
    evidence: report.evidence,
    exitCode,
    ...(report.diagnostics.length > 0 ? { diagnostics: report.diagnostics } : {}),
    ...report.data,
  };
}
