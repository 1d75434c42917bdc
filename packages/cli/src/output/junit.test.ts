import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderJunit } from './junit.js';
import { summariseRefusal, type RunSummaryDocument } from './run-summary.js';
import { renderStepSummary } from './step-summary.js';

const FAILED: RunSummaryDocument = {
  schema: 'sheaf.run-summary/1',
  status: 'failed',
  exitCode: 8,
  runId: 'r',
  workflow: { id: 'acme/x', version: '1.0.0' },
  startedAt: '2026-03-01T10:00:00.123Z',
  finishedAt: '2026-03-01T10:00:02.123Z',
  durationMs: 2000,
  steps: [
    { id: 'log', status: 'succeeded', attempts: 1, exitCode: 0, durationMs: 300 },
    {
      id: 'tell',
      status: 'failed',
      attempts: 1,
      exitCode: 22,
      durationMs: 14,
      reason: { code: 'step.exit', message: 'exit 22' },
    },
    {
      id: 'end',
      status: 'skipped',
      attempts: 0,
      reason: { code: 'step.need_failed', message: 'step tell failed' },
    },
  ],
  outputs: {},
  failure: {
    code: 'step.failed',
    message: 'step tell, exit 22',
    step: 'tell',
    lines: ['a < b & "c"'],
    totalLines: 1,
  },
  warnings: [],
};

const saying = (text: string): RunSummaryDocument => ({
  ...FAILED,
  steps: FAILED.steps.map((step) => ({ ...step, reason: { code: 'step.signal', message: text } })),
  failure: { code: 'step.failed', message: text, step: 'tell', lines: [text], totalLines: 1 },
  warnings: [text],
});

/** Text that tries to be more than text, of any code units. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        '<',
        ']]>',
        '&',
        '"',
        "'",
        '|',
        '`',
        '](',
        '<img src=x>',
        '@ana',
        '\n',
        '#',
        '</pre>',
        '&#0;',
      ),
    )
    .map((parts) => parts.join('')),
);

/** Reads elements, attributes and text by the grammar of XML 1.0, and fails for all else. */
function readXml(text: string): readonly string[] {
  const token =
    /<\?xml version="1\.0" encoding="UTF-8"\?>|<\/?[a-z]+(?: [a-z]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#\d+);[^"<&]*)*")*\/?>|[^<&]+|&(?:amp|lt|gt|quot);/gy;
  const open: string[] = [];
  const names: string[] = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    expect(match.index).toBe(at);
    at += match[0].length;
    const [, slash, name, self] = /^<(\/?)([a-z]+).*?(\/?)>$/s.exec(match[0]) ?? [];
    if (name === undefined) continue;
    if (slash === '/') expect(open.pop()).toBe(name);
    else {
      names.push(name);
      if (self === '') open.push(name);
    }
  }
  expect(at).toBe(text.length);
  expect(open).toEqual([]);
  return names;
}

const ALLOWED = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

describe('a JUnit file', () => {
  it('has a case for each step, with why it failed or was not run', () => {
    expect(
      renderJunit(FAILED)
        .split(/(?=<test|<failure|<skipped)/)
        .slice(1),
    ).toEqual([
      '<testsuites name="sheaf run" tests="3" failures="1" errors="0" skipped="1" time="2.000">',
      '<testsuite name="acme/x 1.0.0" tests="3" failures="1" errors="0" skipped="1" time="2.000" timestamp="2026-03-01T10:00:00Z">',
      '<testcase classname="acme/x" name="log" time="0.300"/>',
      '<testcase classname="acme/x" name="tell" time="0.014">',
      '<failure type="step.exit" message="exit 22">a &lt; b &amp; &quot;c&quot;</failure></testcase>',
      '<testcase classname="acme/x" name="end" time="0.000">',
      '<skipped message="step tell failed"/></testcase></testsuite></testsuites>\n',
    ]);
  });

  it('is well-formed XML with the same elements, whatever a step has written', () => {
    const names = readXml(renderJunit(FAILED));
    fc.assert(
      fc.property(hostile, (text) => {
        const xml = renderJunit(saying(text));
        expect(xml).toMatch(ALLOWED);
        expect(readXml(xml)).toEqual(names);
      }),
    );
  });

  it('tells of a run that never began as of an error', () => {
    const error = {
      code: 'signer.changed',
      message: 'signed by another key',
      evidence: ['FAIL <policy>'],
      help: ['ask acme'],
    };
    const refusal = summariseRefusal(error, 3, 'acme/x');
    expect(refusal.error).toEqual(error);
    expect(renderStepSummary(refusal)).toContain('\n- FAIL &#60;policy&#62;\n- ask acme\n');
    const xml = renderJunit(refusal);
    expect(xml).toContain(
      '<error type="signer.changed" message="signed by another key">FAIL &lt;policy&gt;\nask acme</error>',
    );
    expect(xml).toContain('errors="1"');
  });
});

describe('the summary of a job', () => {
  it('is a table of the steps', () => {
    const text = renderStepSummary(FAILED);
    expect(text).toContain('| `tell` | ✗ failed: exit 22 | 0.0 s |');
    expect(text).toContain('<pre>a &lt; b &amp; "c"</pre>');
  });

  it('makes no link of an address that somebody wrote', () => {
    const [before = ''] = renderStepSummary(saying('see www.evil.example')).split('<details', 1);
    expect(before).toContain('see www&#46;evil&#46;example');
    expect(before).not.toContain('www.');
  });

  it('keeps its form, whatever a step has written', () => {
    // What a step has written stands below, where a line may begin as it likes.
    const rows = (page: string) => {
      const [before = ''] = page.split('<details', 1);
      return before.split('\n').filter((line) => line.startsWith('|'));
    };
    fc.assert(
      fc.property(hostile, (text) => {
        const page = renderStepSummary(saying(text));
        expect(rows(page)).toHaveLength(5);
        for (const row of rows(page)) expect(row.split('|')).toHaveLength(5);
        expect(page.match(/<[a-z/]+/g)).toEqual([
          '<details',
          '<summary',
          '</summary',
          '<pre',
          '</pre',
          '</details',
        ]);
        expect(page).not.toContain('@ana');
        expect(rows(page).join()).not.toMatch(/!\[|\]\(/);
      }),
    );
  });
});
