import type { SummaryStepJson } from '../json/run-summary.js';
import type { RunSummaryDocument } from './run-summary.js';
import { element, escapeText, seconds } from './xml.js';

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
