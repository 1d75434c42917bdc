import type { TestReport } from './tested.js';
import { element, escapeText, seconds } from './xml.js';

/** The tests as test cases, in the form of JUnit that GitLab, Jenkins and others read (github.com/testmoapp/junitxml). */
export function renderTestedJunit(report: Pick<TestReport, 'files' | 'passed' | 'failed'>): string {
  const suites = report.files.map(({ file, workflow, tests }) => {
    const failed = tests.filter(({ passed }) => !passed).length;
    const counts = { tests: String(tests.length), failures: String(failed), errors: '0', skipped: '0' };
    const cases = tests.map(({ name, durationMs, failures }) =>
      element(
        'testcase',
        { classname: workflow, name, file, time: seconds(durationMs) },
        failures.map(({ message, line, column, note, hint }) =>
          element('failure', { type: 'test.expected', message }, [
            escapeText(
              [`${file}:${line}:${column}`, note, hint].filter((text) => text !== undefined).join('\n'),
            ),
          ]),
        ),
      ),
    );
    return element('testsuite', { name: file, ...counts }, cases);
  });
  const counts = {
    tests: String(report.passed + report.failed),
    failures: String(report.failed),
    errors: '0',
    skipped: '0',
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'sheaf test', ...counts }, suites)}\n`;
}
