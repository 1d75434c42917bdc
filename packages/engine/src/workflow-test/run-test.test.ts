import { readDefinition, readTests, type WorkflowDefinition } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { testWorkflow } from './run-test.js';
import type { TestOutcome } from './test-run.js';

const HEAD = 'id = "acme/a"\nversion = "1.0.0"\n';

function define(text: string): WorkflowDefinition {
  const { definition, diagnostics } = readDefinition({ text: HEAD + text, file: 'workflow.toml' });
  if (definition === undefined) throw new Error(JSON.stringify(diagnostics));
  return definition;
}

/** Runs the one test of a file, in which nothing does real work. */
async function run(workflow: string, test: string): Promise<TestOutcome> {
  const definition = define(workflow);
  const { tests, diagnostics } = readTests(
    { text: `[[test]]\nname = "it"\n${test}`, file: 'a.test.toml' },
    definition,
  );
  const [first] = tests;
  if (first === undefined) throw new Error(JSON.stringify(diagnostics));
  return testWorkflow(definition, first, { bundleDir: '/nowhere', environment: {} });
}

function messagesOf({ failures }: TestOutcome): readonly string[] {
  return failures.map(({ path, message }) => `${path.slice(2).join('.')} ${message}`);
}

const RETRIED = `
[steps.log]
run = "true"
timeout = "1m"
retry = { attempts = 3, delay = "10s" }
[outputs]
text = "\${{ steps.log.outputs.stdout }}"
`;

describe('testWorkflow', () => {
  it('gives each attempt what the sequence has for it, and lets delays pass at once', async () => {
    const outcome = await run(
      RETRIED,
      `mocks.log = { sequence = [{ exit_code = 7, takes = "5s" }, { takes = "2m" }, { stdout = "third\\n" }] }
       expect = { outputs = { text = "third" }, steps = { log = { attempts = 3 } } }`,
    );
    expect(outcome).toMatchObject({ passed: true, status: 'succeeded', ran: ['log'] });
    // 5 s, a delay, the timeout of 60 s, and a delay.
    expect(outcome.durationMs).toBe(85_000);
  });

  it('says of everything that is not as expected where the test says so', async () => {
    const outcome = await run(
      RETRIED,
      `mocks.log = { stdout = "one" }
       assert = ["\${{ outputs.text == 'two' }}", "\${{ run.status == 'succeeded' }}"]
       expect = { outputs = { text = "two" }, error = { code = "step.exit" }, steps = { log = { attempts = 2, calls = 1, status = "failed", outputs = { exit_code = 0, other = 1 } } } }`,
    );
    expect(outcome.passed).toBe(false);
    expect(messagesOf(outcome)).toEqual([
      'expect.error.code error.code is not there',
      'expect.outputs.text outputs.text is "one", not "two"',
      'expect.steps.log.status steps.log.status is "succeeded", not "failed"',
      'expect.steps.log.attempts steps.log.attempts is 1, not 2',
      'expect.steps.log.outputs.other steps.log.outputs.other is not there',
      'assert.0 this does not hold',
    ]);
    expect(outcome.failures.at(-1)?.note).toBe('outputs.text is "one"');
  });

  it('ends a test in which a step without a mock would do its work', async () => {
    const outcome = await run(RETRIED, '');
    expect(messagesOf(outcome)).toEqual([
      'name step log would do its work: the test does not say what it does',
    ]);
    expect(outcome.status).toBe('cancelled');
    expect((await run(RETRIED, 'unmocked = "succeed"\nexpect.outputs.text = ""')).passed).toBe(true);
  });

  it('expects a run to succeed unless the test says otherwise', async () => {
    const failing = 'mocks.log = { fail = { code = "step.spawn", message = "no", retryable = false } }\n';
    const outcome = await run(RETRIED, failing);
    expect(messagesOf(outcome)).toEqual(['name the run failed, and should have succeeded']);
    expect(outcome.failures[0]?.note).toBe('step log: step.spawn, no');
    const expected =
      'expect = { status = "failed", error = { step = "log", code = "step.spawn" }, steps = { log = { attempts = 1 } } }';
    expect((await run(RETRIED, failing + expected)).passed).toBe(true);
  });

  it('gives every item of a loop its mock, and shows what each was given', async () => {
    const outcome = await run(
      `[dependencies]
"acme/notify" = "^1"
[steps.tell]
uses = "acme/notify"
foreach = "\${{ ['dev', 'ops'] }}"
as = "channel"
with = { channel = "\${{ channel }}" }
on_failure = "continue"
[steps.end]
needs = ["tell"]
run = "true"
env = { IDS = "\${{ steps.tell.outputs.map(each, each != null && has(each.id) ? each.id : 0) }}" }`,
      `mocks.tell.outputs.id = 1
       mocks."tell[1]".fail = "http.failed"
       mocks.end = {}
       expect.order = ["tell", "end"]
       [test.expect.steps]
       tell = { calls = 2, status = "failed" }
       "tell[0]" = { inputs = { channel = "dev" }, outputs = { id = 1 } }
       "tell[1]" = { inputs = { channel = "ops" }, reason = "http.failed" }
       end = { env = { IDS = [1, 0] } }`,
    );
    expect(messagesOf(outcome)).toEqual([]);
  });

  const APPROVED = `
[steps.pause]
wait = { until = "2026-01-01T06:00:00Z" }
[steps.approve]
needs = ["pause"]
await_event = { source = "http", match = "\${{ event.ok == true }}" }
[[catch]]
id = "clean"
run = "true"`;

  it('sends events when their time has come, and keeps what comes too early', async () => {
    const outcome = await run(
      APPROVED,
      `clock.start = "2026-01-01T00:00:00Z"
       events = [{ source = "http", data = { ok = false } }, { source = "http", data = { ok = true }, after = "8h" }]
       expect.steps.approve.outputs.event.ok = true`,
    );
    expect(messagesOf(outcome)).toEqual([]);
    expect(outcome.durationMs).toBe(8 * 3_600_000);
  });

  it('ends a run that would wait for ever, and says for what', async () => {
    expect(messagesOf(await run(APPROVED, 'events = [{ source = "http", data = { ok = false } }]'))).toEqual([
      'name the run waits for ever: step approve waits for an event from "http"',
    ]);
  });

  it('runs catch steps as tests say, and says which steps never began', async () => {
    const workflow = `
[steps.one]
run = "true"
[steps.two]
needs = ["one"]
run = "true"
[[catch]]
id = "clean"
run = "true"`;
    const outcome = await run(
      workflow,
      `mocks = { one = { exit_code = 3 }, "catch.clean" = {} }
       expect = { status = "failed", order = ["one", "catch.clean", "two"], steps = { two = { status = "skipped", reason = "step.need_failed" }, "catch.clean" = { status = "succeeded" } } }`,
    );
    expect(messagesOf(outcome)).toEqual(['expect.order.2 step two never began']);
  });

  it('shows a secret by its name', async () => {
    const outcome = await run(
      `[permissions]
secrets = ["TOKEN"]
[parameters.token]
type = "secret"
[steps.post]
run = "true"
env = { AUTH = "Bearer \${{ params.token }}" }`,
      `parameters.token = "TOKEN"
       mocks.post = {}
       expect.steps.post.env.AUTH = "Bearer <TOKEN>"`,
    );
    expect(messagesOf(outcome)).toEqual([]);
  });
});
