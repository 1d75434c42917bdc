import { Type } from '@sinclair/typebox';
import { diagnostic } from './parts/diagnostic.js';
import { defineDocument, type JsonOf } from './parts/document.js';
import { amount, anything, listOf, oneOf, text, whole, yesNo } from './parts/fields.js';

const failure = Type.Object({
  file: text('the test file'),
  line: whole('where it says what it expects, from 1'),
  column: whole('and the column, from 1, in UTF-16 units'),
  endLine: whole('where that ends'),
  endColumn: whole('and the column'),
  message: text('what is not as it is expected'),
  hint: Type.Optional(text('what to do')),
  note: Type.Optional(text('why it is so')),
  expected: Type.Optional(anything('what the test expects')),
  got: Type.Optional(anything('what came')),
});

export const document = defineDocument(
  'test',
  'What came of the tests of workflows.',
  Type.Object({
    passed: whole('how many tests passed'),
    failed: whole('how many did not'),
    files: listOf(
      Type.Object({
        file: text('the test file'),
        workflow: text('namespace and name of the workflow'),
        tests: listOf(
          Type.Object({
            name: text('what it shows'),
            passed: yesNo('whether all was as expected'),
            status: oneOf(['succeeded', 'failed', 'cancelled'], 'how the run ended that it is about'),
            durationMs: amount('how long that took in the time of the test'),
            failures: listOf(failure, 'what is not as it is expected'),
          }),
          'in the order of the file',
        ),
      }),
      'each file with tests that were run',
    ),
    uncovered: listOf(
      Type.Object({
        workflow: text('namespace and name'),
        steps: listOf(Type.String(), 'steps that no test ran'),
      }),
      'for workflows of which every test was run',
    ),
    diagnostics: listOf(diagnostic, 'warnings about the test files'),
  }),
);

export type TestJson = JsonOf<typeof document>;
