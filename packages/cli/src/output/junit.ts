import type { SummaryStepJson } from '../json/run-summary.js';
import type { RunSummaryDocument } from './run-summary.js';

/**
 * The steps of a run as test cases, in the form of JUnit that GitLab, Jenkins and others read
 * (github.com/testmoapp/junitxml). A run that never began is one case with an error.
 */
export function renderJunit(summary: RunSummaryDocument): string {
  const { workflow, steps, error, failure } = summary;
  const suite = workflow === undefined ? (summary.reference ?? 'run') : `${workflow.id} ${workflow.version}`;
  const group = workflow?.id ?? suite;
  const cases =
    error === undefined
      ? steps.map((step) => renderCase(group, step, failure?.step === step.id ? failure.lines : []))
      : [
          element('testcase', { classname: group, name: 'verify and start', time: '0' }, [
            element('error', { type: error.code, message: error.message }, [
              escapeText([...error.evidence, ...error.help].join('\n')),
            ]),
          ]),
        ];
  const counts = {
    tests: String(cases.length),
    failures: String(steps.filter(({ status }) => status === 'failed').length),
    errors: error === undefined ? '0' : '1',
    skipped: String(steps.filter(({ status }) => isSkipped(status)).length),
    time: seconds(summary.durationMs),
  };
  const { startedAt } = summary;
  const timestamp = startedAt === undefined ? {} : { timestamp: startedAt.replace(/\.\d+Z$/, 'Z') };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'sheaf run', ...counts }, [
    element('testsuite', { name: suite, ...counts, ...timestamp }, cases),
  ])}\n`;
}

function renderCase(group: string, step: SummaryStepJson, lines: readonly string[]): string {
  const { id, status, reason, durationMs } = step;
  const message = reason?.message ?? status;
  const type = reason?.code ?? status;
  const inner =
    status === 'failed'
      ? [element('failure', { type, message }, [escapeText(lines.join('\n'))])]
      : isSkipped(status)
        ? [element('skipped', { message }, [])]
        : [];
  return element('testcase', { classname: group, name: id, time: seconds(durationMs) }, inner);
}

/** Whatever did not come to its end is no success. */
function isSkipped(status: SummaryStepJson['status']): boolean {
  return status !== 'failed' && status !== 'succeeded';
}

function seconds(milliseconds: number | undefined): string {
  return ((milliseconds ?? 0) / 1000).toFixed(3);
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  inner: readonly string[],
): string {
  const text = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`)
    .join('');
  return inner.length === 0 ? `<${name}${text}/>` : `<${name}${text}>${inner.join('')}</${name}>`;
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;').replaceAll('\r', '&#13;');
}

/** Text of XML 1.0: what no document may hold (https://www.w3.org/TR/xml/#charsets) becomes U+FFFD. */
function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
