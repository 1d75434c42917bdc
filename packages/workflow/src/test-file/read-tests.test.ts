import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDefinition } from '../definition.js';
import type { WorkflowDefinition } from '../model.js';
import { readTests } from './read-tests.js';

const DEFINITION = `
id = "acme/notes"
version = "1.0.0"
[permissions]
exec = ["git"]
[dependencies]
"acme/notify" = "^1"
[parameters.since]
type = "string"
[steps.log]
run = 'git log "$PARAM_SINCE"'
[steps.notes]
uses = "core.template"
with = { template = "\${{ steps.log.outputs.stdout }}" }
[steps.settle]
wait = { seconds = 5 }
[steps.approve]
await_event = { source = "http" }
[steps.checks]
parallel = true
[steps.checks.steps.lint]
run = "git diff"
[steps.tell]
uses = "acme/notify"
foreach = "\${{ ['a', 'b'] }}"
as = "channel"
with = { channel = "\${{ channel }}" }
[outputs]
text = "\${{ steps.notes.outputs.text }}"
[[catch]]
id = "clean"
run = "git status"
`;

function definition(): WorkflowDefinition {
  const read = readDefinition({ text: DEFINITION, file: 'workflow.toml' });
  if (read.definition === undefined) throw new Error(JSON.stringify(read.diagnostics));
  return read.definition;
}

function read(text: string, file = 'a.test.toml') {
  return readTests({ text, file }, definition());
}

/** `line:column code message` of each finding. */
function findingsOf(text: string): readonly string[] {
  return read(text).diagnostics.map(
    ({ line, column, code, message }) => `${line}:${column} ${code} ${message}`,
  );
}

const GIVEN = 'parameters.since = "v1"\n';

describe('readTests', () => {
  it('reads what a test says, over what every test of the file begins with', () => {
    const { tests, diagnostics } = read(`
[defaults]
parameters.since = "v1"
unmocked = "succeed"
[defaults.mocks.log]
stdout = "one"
[defaults.mocks."checks.lint"]
exit_code = 1
[[test]]
name = "a"
clock.start = "2026-02-01T00:00:00Z"
events = [{ source = "http", data = { ok = true }, after = "2m" }]
mocks.log = { sequence = [{ fail = "step.exit", takes = "3s" }, { stdout = "two" }] }
mocks."tell[1]" = { outputs = { id = 7 } }
assert = ["\${{ outputs.text == 'x' && steps.log.status == 'succeeded' }}"]
[test.expect]
status = "failed"
steps."catch.clean".status = "succeeded"
`);
    expect(diagnostics).toEqual([]);
    expect(tests).toHaveLength(1);
    expect(tests[0]).toMatchObject({
      name: 'a',
      parameters: { since: 'v1' },
      unmocked: 'succeed',
      startMs: Date.UTC(2026, 1, 1),
      events: [{ source: 'http', data: { ok: true }, afterMs: 120_000 }],
      mocks: {
        log: {
          real: false,
          attempts: [
            { failure: { code: 'step.exit', retryable: true }, takesMs: 3_000 },
            { stdout: 'two', takesMs: 0 },
          ],
        },
        'checks.lint': { attempts: [{ exitCode: 1 }] },
        'tell[1]': { attempts: [{ outputs: { id: 7 } }] },
      },
      expect: { status: 'failed', steps: { 'catch.clean': { status: 'succeeded' } } },
    });
  });

  it('reads the same from YAML', () => {
    const { tests, diagnostics } = read(
      'test:\n  - name: a\n    parameters:\n      since: v1\n    mocks:\n      log: { stdout: x }\n',
      'a.test.yaml',
    );
    expect(diagnostics).toEqual([]);
    expect(tests[0]?.mocks['log']?.attempts).toEqual([{ stdout: 'x', outputs: {}, takesMs: 0 }]);
  });

  it('places what is not in the workflow, and says what is', () => {
    const text = `[[test]]\nname = "a"\n${GIVEN}mocks.lgo = {}\n[test.expect]\norder = ["nots"]\noutputs.txt = 1\nsteps.x.status = "failed"\n`;
    const { diagnostics, tests } = read(text);
    expect(tests).toEqual([]);
    expect(diagnostics.map(({ line, column, code, hint }) => [line, column, code, hint])).toEqual([
      [4, 7, 'step.unknown', 'did you mean `log`?'],
      [6, 10, 'step.unknown', 'did you mean `notes`?'],
      [7, 9, 'reference.unknown', 'did you mean `text`?'],
      [
        8,
        7,
        'step.unknown',
        'its steps are: log, notes, settle, approve, checks, checks.lint, tell, catch.clean',
      ],
    ]);
  });

  it('refuses mocks that give what the step never gives', () => {
    expect(
      findingsOf(`[[test]]\nname = "a"\n${GIVEN}mocks.notes = { outputs = { txt = "x", text = 1 } }\n`),
    ).toEqual([
      '4:29 key.unknown the step has no output `txt` when it does its work',
      '4:47 value.type `text` is text when the step does its work',
    ]);
    expect(findingsOf(`[[test]]\nname = "a"\n${GIVEN}mocks.notes = { stdout = "x" }\n`)).toEqual([
      '4:17 key.unknown only a command has `stdout`',
    ]);
  });

  it('refuses mocks of steps that do nothing by themselves', () => {
    expect(
      findingsOf(
        `[[test]]\nname = "a"\n${GIVEN}mocks.settle = {}\nmocks.approve = {}\nmocks.checks = {}\nmocks.tell.real = true\n`,
      ).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ).toEqual(['4:7 value.invalid', '5:7 value.invalid', '6:7 value.invalid', '7:12 value.invalid']);
  });

  it('checks the types and names of conditions', () => {
    expect(
      findingsOf(
        `[[test]]\nname = "a"\n${GIVEN}assert = ["\${{ steps.lgo.status == '' }}", "\${{ steps.log.outputs.exit_code }}", "x"]\n`,
      ).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ).toEqual(['4:22 step.unknown', '4:49 expression.type', '4:82 expression.syntax']);
  });

  it('asks for parameters that have no value, and refuses wrong ones', () => {
    expect(findingsOf('[[test]]\nname = "a"\n')).toEqual([
      '1:3 key.missing the test gives no value for the parameter `since`',
    ]);
    expect(findingsOf('[[test]]\nname = "a"\nparameters.since = 3\n')[0]).toContain('3:20 value.invalid');
  });

  it('refuses unknown keys, two tests of one name, and files outside of the workspace', () => {
    expect(findingsOf('[[test]]\nname = "a"\nmock.log = {}\n')).toEqual([
      '3:1 key.unknown test.0 has no key `mock`',
    ]);
    const two = `[[test]]\nname = "a"\n${GIVEN}[[test]]\nname = "a"\n${GIVEN}files."../x" = ""\n`;
    expect(findingsOf(two).map((line) => line.split(' ')[0])).toEqual(['5:8', '7:7']);
  });

  it('never throws, whatever the file holds', () => {
    const known = definition();
    const lines = fc.constantFrom(
      '[[test]]',
      'name = "a"',
      '[test.mocks.log]',
      '[test.expect]',
      'sequence = [{}]',
      'outputs = { stdout = 1 }',
      'assert = ["${{ x }}", 1]',
      'order = [[]]',
      'events = [1]',
      '[defaults]',
      'mocks = 1',
      '__proto__ = {}',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(lines, { maxLength: 12 }).map((all) => all.join('\n')),
        ),
        fc.constantFrom('a.test.toml', 'a.test.yaml'),
        (text, file) => {
          const { tests, diagnostics } = readTests({ text, file }, known);
          const isBroken = diagnostics.some(({ severity }) => severity === 'error');
          expect(tests.length > 0 && isBroken).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
